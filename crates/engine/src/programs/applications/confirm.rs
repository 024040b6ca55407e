//! Confirming the address of an application.

use domain::affiliates::AffiliateStatus;
use domain::applications::ApplicationStatus;
use domain::jobs::Queue;
use domain::single_use_links::LinkPurpose;
use store::applications::Application;
use store::db::{Conn, Tx, again};
use store::programs::Program;

use super::approval;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::password_links;
use crate::identity::single_use_links;
use crate::programs::joined::Confirmed;

/// What the link in the mail is about.
#[derive(Debug, Clone)]
pub struct Confirmation {
    /// The application.
    pub application: Application,
    /// The program that it is to.
    pub program: Program,
    /// The company's name.
    pub merchant_name: String,
}

/// What the link in the mail is about; `None` when it no longer works. A link that was used
/// still shows the decision about the application.
///
/// Needs no actor: the token of the link is secret, and proof enough.
pub async fn confirmation(engine: &Engine, token: &str) -> Result<Option<Confirmation>> {
    let mut conn = engine.db().read().await?;
    let Some(application) = application_of(engine, &mut conn, token).await? else { return Ok(None) };
    let program = store::programs::get_unscoped(&mut conn, &application.program_id).await?;
    let Some(program) = program else { return Ok(None) };
    let merchant_name = store::merchants::name(&mut conn, &program.merchant_id).await?.unwrap_or_default();
    Ok(Some(Confirmation { application, program, merchant_name }))
}

async fn application_of(engine: &Engine, conn: &mut Conn, token: &str) -> Result<Option<Application>> {
    let purpose = LinkPurpose::Application;
    let link = single_use_links::find_even_if_used(engine, conn, token, purpose).await?;
    let Some(id) = link.and_then(|link| link.application_id) else { return Ok(None) };
    Ok(store::applications::get_unscoped(conn, &id).await?)
}

/// Confirms the address of an application. Where the program approves applications at once, the
/// applicant is in.
///
/// Needs no actor: the token of the link is secret, and proof enough.
///
/// # Errors
/// [`Error::NotFound`] when the link no longer works.
pub async fn confirm(engine: &Engine, token: &str) -> Result<Confirmed> {
    let confirmed = again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let link = single_use_links::find(engine, &mut tx, token, LinkPurpose::Application).await?;
        let Some(link) = link else {
            // The button was pressed twice.
            let known = application_of(engine, &mut tx, token).await?;
            return known.map(|_| Confirmed::Noted).ok_or(Error::NotFound);
        };
        let id = link.application_id.ok_or(Error::NotFound)?;
        store::single_use_links::mark_used(&mut tx, &link.id, now).await?;
        if !store::applications::confirm(&mut tx, &id, now).await? {
            return Err(Error::NotFound);
        }
        let application = store::applications::get_unscoped(&mut tx, &id).await?.ok_or(Error::NotFound)?;
        let program = store::programs::get_unscoped(&mut tx, &application.program_id).await?;
        let program = program.ok_or(Error::NotFound)?;
        // Others that were sent with this address, perhaps by someone else.
        store::applications::delete_unconfirmed_of(&mut tx, &program.id, &application.email).await?;
        let confirmed = if may_approve(engine, &mut tx, &program, &application).await? {
            let account = approval::approve(engine, &mut tx, &program, &application, None).await?;
            if account.password_hash.is_none() {
                Confirmed::ChoosePassword(password_links::token_for(engine, &mut tx, &account.id).await?)
            } else {
                Confirmed::In
            }
        } else {
            Confirmed::Noted
        };
        tx.commit().await?;
        engine.caches().links.clear();
        Ok(confirmed)
    })
    .await?;
    engine.wake(Queue::External);
    Ok(confirmed)
}

/// Whether an application is approved without a decision: not that of someone who was declined,
/// suspended or set to pending before.
///
/// An invitation link that can still be used counts as a decision, and is used by it.
async fn may_approve(
    engine: &Engine,
    tx: &mut Tx,
    program: &Program,
    application: &Application,
) -> Result<bool> {
    const EARLIER: i64 = 100;
    let affiliate = store::affiliates::by_email(tx, &program.id, &application.email).await?;
    let earlier = store::applications::of_email(tx, &program.id, &application.email, EARLIER).await?;
    let was_declined = earlier.iter().any(|one| one.status == ApplicationStatus::Declined);
    if was_declined || affiliate.is_some_and(|affiliate| affiliate.status != AffiliateStatus::Active) {
        return Ok(false);
    }
    let is_invited = match &application.invitation_link_id {
        Some(link) => store::invitation_links::use_once(tx, link, engine.now()).await?,
        None => false,
    };
    Ok(is_invited || program.auto_approve)
}
