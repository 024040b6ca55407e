//! Affiliates of a program: listed, added, invited, approved, suspended.

use domain::affiliates::{AffiliateDraft, AffiliateStatus, StatusReason};
use domain::audit::AuditAction;
use domain::clock::{DAY_MS, MINUTE_MS};
use domain::ids::{AccountId, AffiliateId, LinkId, ProgramId, SingleUseLinkId};
use domain::jobs::Queue;
use domain::links::LinkCode;
use domain::single_use_links::LinkPurpose;
use store::accounts::Account;
pub use store::affiliates::Affiliate;
pub use store::commissions::Balance;
pub use store::coupons::Coupon;
use store::db::{Conn, Tx, again};
use store::links::Link;
pub use store::mails::RefusedAddress;
pub use store::sums::Totals;

use super::links;
use super::send_invitation_job::SendInvitation;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::email_change;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::identity::single_use_links;
use crate::jobs;
use crate::search;

/// How long an invitation works.
const INVITATION_MS: i64 = 14 * DAY_MS;
/// Invitations that are mailed to one affiliate within a day: nobody is to be pestered.
const INVITATIONS_A_DAY: i64 = 3;
/// How often another code is tried when one is taken.
const CODE_TRIES: u32 = 8;

/// Adds an active affiliate with a first link to the program's website.
///
/// # Errors
/// [`Error::Invalid`] when the address is in the program already, or the code is taken.
pub async fn add(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    draft: &AffiliateDraft,
) -> Result<(Affiliate, Link)> {
    actor.may_write()?;
    again(|| async {
        let now = engine.now();
        let random = &engine.random();
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let account = account_for(engine, &mut tx, draft.name.as_str(), &draft.email).await?;
        let affiliate = Affiliate {
            id: AffiliateId::new(now, random),
            program_id: program.id.clone(),
            account_id: Some(account),
            name: draft.name.to_string(),
            email: draft.email.clone(),
            status: AffiliateStatus::Active,
            status_reason: None,
            created_at: now,
        };
        if !put(&mut tx, &affiliate).await? {
            return Err(Error::field("email", "This address is already in the program"));
        }
        let by = Some(actor.account_id());
        store::affiliates::set_status(&mut tx, &affiliate.id, AffiliateStatus::Active, None, by, now).await?;
        let link = first_link(engine, &mut tx, &affiliate, draft.code.as_ref(), &program.website).await?;
        let line = audit::line(
            affiliate.id.as_str(),
            AuditAction::AffiliateAdded { name: affiliate.name.to_string() },
        );
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        engine.caches().links.clear();
        Ok((affiliate, link))
    })
    .await
}

/// Adds an affiliate whom the search finds; `false` when the address is in the program already.
pub(super) async fn put(tx: &mut Tx, affiliate: &Affiliate) -> Result<bool> {
    let is_new = store::affiliates::put(tx, affiliate).await?;
    if is_new {
        search::index_affiliate(tx, affiliate).await?;
    }
    Ok(is_new)
}

/// The account of an address, or the one that had it until a change that can still be undone;
/// created without a password when there is none.
pub(super) async fn account_for(
    engine: &Engine,
    tx: &mut Tx,
    name: &str,
    email: &domain::emails::Email,
) -> Result<AccountId> {
    if let Some(account) = store::accounts::by_email(tx, email).await? {
        return Ok(account.id);
    }
    if let Some(account) = email_change::former_owner(engine, tx, email).await? {
        return Ok(account);
    }
    let now = engine.now();
    let account = Account {
        id: AccountId::new(now, engine.random()),
        email: email.clone(),
        name: name.to_owned(),
        password_hash: None,
    };
    store::accounts::put(tx, &account, now).await?;
    Ok(account.id)
}

/// Creates the first link of an affiliate, to the program's website.
pub(super) async fn first_link(
    engine: &Engine,
    tx: &mut Tx,
    affiliate: &Affiliate,
    wished: Option<&LinkCode>,
    website: &str,
) -> Result<Link> {
    let now = engine.now();
    for attempt in 0..CODE_TRIES {
        let code =
            wished.cloned().unwrap_or_else(|| LinkCode::suggest(&affiliate.name, attempt, engine.random()));
        let link = Link {
            id: LinkId::new(now, engine.random()),
            program_id: affiliate.program_id.clone(),
            affiliate_id: affiliate.id.clone(),
            code,
            destination_url: website.to_owned(),
            placement: None,
            created_at: now,
            archived_at: None,
        };
        if links::put(tx, &link).await? {
            return Ok(link);
        }
        if wished.is_some() {
            return Err(Error::field("code", "This code is taken. Choose another"));
        }
    }
    Err(Error::Broken("no free link code was found".to_owned()))
}

/// Approves, declines, suspends or reinstates an affiliate.
///
/// # Errors
/// [`Error::Invalid`] when the status needs a reason and there is none.
pub async fn set_status(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &AffiliateId,
    status: AffiliateStatus,
    reason: Option<&StatusReason>,
) -> Result<()> {
    actor.may_write()?;
    if status.needs_reason() && reason.is_none() {
        return Err(Error::field("reason", StatusReason::ASK));
    }
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let affiliate = store::affiliates::get(&mut tx, &program.id, id).await?.ok_or(Error::NotFound)?;
        let by = Some(actor.account_id());
        store::affiliates::set_status(&mut tx, id, status, reason.map(StatusReason::as_str), by, now).await?;
        let action = AuditAction::AffiliateStatusChanged { from: affiliate.status, to: status };
        let line = audit::line(id.as_str(), action);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        engine.caches().links.clear();
        Ok(())
    })
    .await
}

/// An invitation to hand to the affiliate; it works for 14 days. It opens no account by
/// itself: it sends a link to the affiliate's mailbox. So it is the same whether or not they
/// have a password, perhaps for another company's program.
pub async fn invitation_link(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &AffiliateId,
) -> Result<String> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let link = put_invitation(engine, &mut tx, actor, program, id).await?;
        tx.commit().await?;
        let token = single_use_links::token(engine, &link);
        Ok(format!("{}{}", engine.base_url(), (engine.pages().invitation)(&token)))
    })
    .await
}

/// Mails an invitation to the affiliate's address; it works for 14 days.
///
/// # Errors
/// [`Error::TooMany`] after too many mails to this affiliate.
pub async fn email_invitation(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &AffiliateId,
) -> Result<()> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        mail_invitation(engine, &mut tx, actor, program, id).await?;
        tx.commit().await?;
        Ok::<_, Error>(())
    })
    .await?;
    engine.wake(Queue::External);
    Ok(())
}

/// The same as part of a transaction.
pub(crate) async fn mail_invitation(
    engine: &Engine,
    tx: &mut Tx,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &AffiliateId,
) -> Result<()> {
    let now = engine.now();
    let link = put_invitation(engine, tx, actor, program, id).await?;
    let subject = engine.key().fingerprint(&format!("invitations to {id}"));
    if store::sessions::count_attempt(tx, &subject, DAY_MS, now).await? > INVITATIONS_A_DAY {
        return Err(Error::TooMany { minutes: DAY_MS / MINUTE_MS });
    }
    jobs::enqueue(engine, tx, &SendInvitation { link }, now).await?;
    Ok(())
}

async fn put_invitation(
    engine: &Engine,
    tx: &mut Tx,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &AffiliateId,
) -> Result<SingleUseLinkId> {
    let program = scope::program(tx, actor, program).await?;
    let affiliate = store::affiliates::get(tx, &program.id, id).await?.ok_or(Error::NotFound)?;
    let until = engine.now().plus_ms(INVITATION_MS);
    let (purpose, account) = (LinkPurpose::Invitation, affiliate.account_id);
    let link = single_use_links::create(engine, tx, purpose, account, Some(id.clone()), until).await?;
    let line = audit::line(id.as_str(), AuditAction::AffiliateInvited);
    audit::put(engine, tx, line.by_actor(actor).of_program(&program.id)).await?;
    Ok(link.id)
}

/// A page of a program's affiliates.
pub async fn list(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    status: Option<AffiliateStatus>,
    after: &str,
    limit: i64,
) -> Result<Vec<Affiliate>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    Ok(store::affiliates::list(&mut conn, &program.id, status, after, limit).await?)
}

/// Everything on an affiliate's page except the lists.
#[derive(Debug, Clone)]
pub struct AffiliateDetail {
    /// The affiliate.
    pub affiliate: Affiliate,
    /// Their promotion codes.
    pub coupons: Vec<Coupon>,
    /// Balances, by currency.
    pub balances: Vec<Balance>,
    /// All clicks by their links.
    pub clicks: i64,
    /// All conversions, and money by currency.
    pub totals: Totals,
    /// Why mail does not reach them, if it does not.
    pub refused_address: Option<RefusedAddress>,
}

/// One affiliate.
pub async fn detail(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &AffiliateId,
) -> Result<AffiliateDetail> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let affiliate = store::affiliates::get(&mut conn, &program.id, id).await?.ok_or(Error::NotFound)?;
    let clicks = store::sums::clicks::of_all_time(&mut conn, std::slice::from_ref(id)).await?;
    Ok(AffiliateDetail {
        refused_address: refused_address(&mut conn, &affiliate).await?,
        coupons: store::coupons::of_affiliate(&mut conn, id).await?,
        balances: store::commissions::of_affiliate(&mut conn, id, engine.now()).await?,
        clicks: clicks.get(id).copied().unwrap_or(0),
        totals: store::sums::conversions::of_all_time(&mut conn, id.as_str()).await?,
        affiliate,
    })
}

/// Whether mail to an affiliate comes back: to the address they sign in with, or the one that the
/// program knows.
async fn refused_address(conn: &mut Conn, affiliate: &Affiliate) -> Result<Option<RefusedAddress>> {
    let account = match &affiliate.account_id {
        Some(account) => store::accounts::get(conn, account).await?,
        None => None,
    };
    let email = account.map_or_else(|| affiliate.email.clone(), |account| account.email);
    Ok(store::mails::refused_address(conn, &email).await?)
}

/// An affiliate in a list, with lifetime performance.
#[derive(Debug, Clone)]
pub struct AffiliateRow {
    /// The affiliate.
    pub affiliate: Affiliate,
    /// All clicks by their links.
    pub clicks: i64,
    /// All conversions, and money by currency.
    pub totals: Totals,
}

/// The same list as [`list`], with each affiliate's lifetime performance.
pub async fn list_with_sums(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    status: Option<AffiliateStatus>,
    after: &str,
    limit: i64,
) -> Result<Vec<AffiliateRow>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let affiliates = store::affiliates::list(&mut conn, &program.id, status, after, limit).await?;
    let ids: Vec<AffiliateId> = affiliates.iter().map(|one| one.id.clone()).collect();
    let clicks = store::sums::clicks::of_all_time(&mut conn, &ids).await?;
    let mut totals = store::sums::conversions::of_affiliates_all_time(&mut conn, &ids).await?;
    let row = |affiliate: Affiliate| AffiliateRow {
        clicks: clicks.get(&affiliate.id).copied().unwrap_or(0),
        totals: totals.remove(&affiliate.id).unwrap_or_default(),
        affiliate,
    };
    Ok(affiliates.into_iter().map(row).collect())
}

/// What a program owes, by currency.
pub async fn owed(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<Vec<Balance>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    Ok(store::commissions::of_program(&mut conn, &program.id, engine.now()).await?)
}
