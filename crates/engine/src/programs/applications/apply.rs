//! Sending an application by a program's public page.

use domain::affiliates::AffiliateStatus;
use domain::applications::{ApplicationDraft, ApplicationStatus, REAPPLY_DAYS, UNCONFIRMED_DAYS};
use domain::clock::{HOUR_MS, MINUTE_MS, Timestamp};
use domain::emails::Email;
use domain::fields::WHOLE_FORM;
use domain::ids::{ApplicationId, InvitationLinkId, ProgramId};
use domain::jobs::Queue;
use store::applications::Application;
use store::db::{Conn, Tx, again};

use super::letters;
use super::send_application_link_job::SendApplicationLink;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::single_use_links;
use crate::jobs;
use crate::mail;
use crate::programs::invitations::usable_link;
use crate::programs::join_page::{Offer, offer_of};

/// Applications that one network, behind which a class may be, can send within
/// [`NETWORK_WINDOW_MS`].
pub const APPLICATIONS_PER_NETWORK: i64 = 10;
const NETWORK_WINDOW_MS: i64 = 15 * MINUTE_MS;
/// Mails that one address gets within an hour: enough for a person who checks the wrong folder
/// first, too few to flood a mailbox.
pub const MAILS_PER_ADDRESS: i64 = 3;
/// Applications to one program within an hour: more than people send after a mailing to all
/// customers.
pub const APPLICATIONS_PER_PROGRAM: i64 = 300;
/// Earlier applications of an address that are looked at: it cannot have more within
/// [`REAPPLY_DAYS`], except for those that are not confirmed.
const EARLIER: i64 = 200;

/// Takes an application to a program and mails its sender a link that confirms the address.
/// The result is the same for everyone, so that it says nothing about who is in a program: who
/// needs another answer finds it in the mail.
///
/// Needs no actor: anyone may apply; attempts are limited.
///
/// # Errors
/// [`Error::NotFound`] when the program has no public page, [`Error::Invalid`] when other terms
/// are in force than those that were accepted, or other questions are asked, [`Error::TooMany`] after too many applications.
pub async fn apply(engine: &Engine, slug: &str, draft: &ApplicationDraft, network: &str) -> Result<()> {
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let offer = offer_of(engine, &mut tx, slug).await?;
        check_terms(&offer, draft)?;
        if offer.questions.version() != draft.questions {
            return Err(Error::field(
                WHOLE_FORM,
                "The questions have changed. Check your answers, then apply",
            ));
        }
        take(engine, &mut tx, &offer, draft, None, network).await?;
        tx.commit().await?;
        Ok::<_, Error>(())
    })
    .await?;
    engine.wake(Queue::External);
    Ok(())
}

/// Takes an application of someone with an invitation link, as [`apply`] does. When the address is
/// confirmed, the applicant is in the program at once, if the link can still be used. The program's
/// questions are not asked.
///
/// Needs no actor: the token of the link is secret; attempts are limited.
///
/// # Errors
/// [`Error::NotFound`] when the link can no longer be used, [`Error::Invalid`] when other terms are
/// in force than those that were accepted, [`Error::TooMany`] after too many applications.
pub async fn apply_by_link(
    engine: &Engine,
    token: &str,
    draft: &ApplicationDraft,
    network: &str,
) -> Result<()> {
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let found = usable_link(engine, &mut tx, token).await?;
        let (link, offer) = found.ok_or(Error::NotFound)?;
        check_terms(&offer, draft)?;
        take(engine, &mut tx, &offer, draft, Some(&link.id), network).await?;
        tx.commit().await?;
        Ok::<_, Error>(())
    })
    .await?;
    engine.wake(Queue::External);
    Ok(())
}

fn check_terms(offer: &Offer, draft: &ApplicationDraft) -> Result<()> {
    if offer.terms.id == draft.terms {
        return Ok(());
    }
    Err(Error::field("accept", "The terms have changed. Read them again, then accept them"))
}

async fn take(
    engine: &Engine,
    tx: &mut Tx,
    offer: &Offer,
    draft: &ApplicationDraft,
    link: Option<&InvitationLinkId>,
    network: &str,
) -> Result<()> {
    if count(engine, tx, &offer.program.id, &draft.email, network).await? {
        answer(engine, tx, offer, draft, link).await?;
    }
    Ok(())
}

/// Counts an application; whether a mail may be sent.
async fn count(
    engine: &Engine,
    tx: &mut Tx,
    program: &ProgramId,
    email: &Email,
    network: &str,
) -> Result<bool> {
    let now = engine.now();
    let subject = |text: String| engine.key().fingerprint(&text);
    let by_network = subject(format!("application, network {network}"));
    let by_program = subject(format!("application, program {program}"));
    let by_address = subject(format!("application, address {email}"));
    if store::sessions::count_attempt(tx, &by_network, NETWORK_WINDOW_MS, now).await?
        > APPLICATIONS_PER_NETWORK
    {
        return Err(Error::TooMany { minutes: NETWORK_WINDOW_MS / MINUTE_MS });
    }
    if store::sessions::count_attempt(tx, &by_program, HOUR_MS, now).await? > APPLICATIONS_PER_PROGRAM {
        return Err(Error::TooMany { minutes: HOUR_MS / MINUTE_MS });
    }
    Ok(store::sessions::count_attempt(tx, &by_address, HOUR_MS, now).await? <= MAILS_PER_ADDRESS)
}

/// What an address already is to a program.
enum Standing {
    /// It may apply.
    New,
    /// It is in the program.
    Member,
    /// It has applied and waits for a decision.
    Waiting,
    /// It was declined and may apply again later.
    Declined {
        /// From when on.
        again_at: Timestamp,
    },
}

async fn standing(engine: &Engine, conn: &mut Conn, program: &ProgramId, email: &Email) -> Result<Standing> {
    match store::affiliates::by_email(conn, program, email).await?.map(|affiliate| affiliate.status) {
        Some(AffiliateStatus::Active | AffiliateStatus::Suspended) => return Ok(Standing::Member),
        Some(AffiliateStatus::Pending) => return Ok(Standing::Waiting),
        Some(AffiliateStatus::Declined) | None => {}
    }
    let earlier = store::applications::of_email(conn, program, email, EARLIER).await?;
    if earlier.iter().any(|one| one.status == ApplicationStatus::Pending) {
        return Ok(Standing::Waiting);
    }
    let declined = earlier.iter().filter(|one| one.status == ApplicationStatus::Declined);
    let last = declined.filter_map(|one| one.decided_at).max();
    let again_at = last.map(|at| at.plus_days(REAPPLY_DAYS)).filter(|at| *at > engine.now());
    Ok(again_at.map_or(Standing::New, |again_at| Standing::Declined { again_at }))
}

/// Stores the application of someone who may apply; whoever else gets a mail that says why not.
async fn answer(
    engine: &Engine,
    tx: &mut Tx,
    offer: &Offer,
    draft: &ApplicationDraft,
    link: Option<&InvitationLinkId>,
) -> Result<()> {
    let program = &offer.program;
    let letter = match standing(engine, tx, &program.id, &draft.email).await? {
        Standing::New => return store_application(engine, tx, offer, draft, link).await,
        Standing::Member => letters::already_in(engine, program),
        Standing::Waiting => letters::already_applied(program, &offer.merchant_name),
        Standing::Declined { again_at } => letters::too_early(program, again_at, engine.now()),
    };
    mail::put(engine, tx, &draft.email, &letter).await
}

async fn store_application(
    engine: &Engine,
    tx: &mut Tx,
    offer: &Offer,
    draft: &ApplicationDraft,
    link: Option<&InvitationLinkId>,
) -> Result<()> {
    let now = engine.now();
    let new = Application {
        id: ApplicationId::new(now, engine.random()),
        program_id: offer.program.id.clone(),
        email: draft.email.clone(),
        name: draft.name.to_string(),
        website: draft.website.as_ref().map(|website| website.as_str().to_owned()),
        promotion: draft.promotion.as_ref().map_or(String::new(), |words| words.as_str().to_owned()),
        answers: draft.answers.clone(),
        terms_id: draft.terms.clone(),
        accepted_at: now,
        confirmed_at: None,
        status: ApplicationStatus::Unconfirmed,
        reason: None,
        decided_at: None,
        decided_by: None,
        affiliate_id: None,
        invitation_link_id: link.cloned(),
    };
    store::applications::put(tx, &new).await?;
    mail_link(engine, tx, &new.id).await
}

/// Mails an applicant a new link to confirm their address.
async fn mail_link(engine: &Engine, tx: &mut Tx, id: &ApplicationId) -> Result<()> {
    let now = engine.now();
    let until = now.plus_days(UNCONFIRMED_DAYS);
    let link = single_use_links::create_for_application(engine, tx, id.clone(), until).await?;
    jobs::enqueue(engine, tx, &SendApplicationLink { link: link.id }, now).await?;
    Ok(())
}

/// Mails the applicant of a program a new link, if the address is not confirmed yet.
///
/// # Errors
/// [`Error::NotFound`] when there is nothing to confirm.
pub(crate) async fn mail_link_again(
    engine: &Engine,
    tx: &mut Tx,
    program: &ProgramId,
    id: &ApplicationId,
) -> Result<()> {
    let found = store::applications::get(tx, program, id).await?.ok_or(Error::NotFound)?;
    if found.status != ApplicationStatus::Unconfirmed {
        return Err(Error::NotFound);
    }
    mail_link(engine, tx, id).await
}
