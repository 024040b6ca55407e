//! Turning an applicant into an affiliate.

use domain::affiliates::AffiliateStatus;
use domain::audit::AuditAction;
use domain::ids::AffiliateId;
use store::accounts::Account;
use store::affiliates::Affiliate;
use store::applications::Application;
use store::db::Tx;
use store::programs::Program;

use super::letters;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::sessions::MerchantActor;
use crate::mail;
use crate::programs::affiliates::{self, account_for, first_link};

/// Approves an application: the applicant becomes an active affiliate with a first link, and
/// gets a mail. `by` is `None` where the program approves at once. Returns the applicant's
/// account, which may be an older one.
///
/// # Errors
/// [`Error::NotFound`] when the application does not wait for a decision.
pub(super) async fn approve(
    engine: &Engine,
    tx: &mut Tx,
    program: &Program,
    application: &Application,
    by: Option<&MerchantActor>,
) -> Result<Account> {
    let now = engine.now();
    let account = account_for(engine, tx, &application.name, &application.email).await?;
    let existing = store::affiliates::by_email(tx, &program.id, &application.email).await?;
    let is_new = existing.is_none();
    let affiliate = existing.unwrap_or_else(|| Affiliate {
        id: AffiliateId::new(now, engine.random()),
        program_id: program.id.clone(),
        account_id: Some(account.clone()),
        name: application.name.clone(),
        email: application.email.clone(),
        status: AffiliateStatus::Active,
        status_reason: None,
        created_at: now,
    });
    if is_new && !affiliates::put(tx, &affiliate).await? {
        return Err(Error::Broken(format!("{} was added meanwhile", affiliate.email)));
    }
    let person = by.map(MerchantActor::account_id);
    if is_new || affiliate.status != AffiliateStatus::Active {
        store::affiliates::set_status(tx, &affiliate.id, AffiliateStatus::Active, None, person, now).await?;
    }
    let link = match store::links::first_of(tx, &affiliate.id).await? {
        Some(link) => link,
        None => first_link(engine, tx, &affiliate, None, &program.website).await?,
    };
    if !store::applications::approve(tx, &application.id, &affiliate.id, person, now).await? {
        return Err(Error::NotFound);
    }
    let action = AuditAction::ApplicationApproved { name: application.name.clone() };
    let line = audit::line(affiliate.id.as_str(), action).of_merchant(&program.merchant_id);
    let line = by.into_iter().fold(line, |line, actor| line.by_actor(actor));
    audit::put(engine, tx, line.of_program(&program.id)).await?;
    let letter = letters::approved(engine, program, &link);
    mail::put(engine, tx, &application.email, &letter).await?;
    store::accounts::get(tx, &account).await?.ok_or(Error::NotFound)
}
