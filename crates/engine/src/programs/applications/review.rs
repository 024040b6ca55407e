//! Listing applications, and approving or declining them.

use std::collections::BTreeMap;

use domain::affiliates::{AffiliateStatus, StatusReason};
use domain::applications::{ApplicationStatus, Mark, marks};
use domain::audit::AuditAction;
use domain::clock::Timestamp;
use domain::ids::{ApplicationId, ProgramId, TermsId};
use domain::jobs::Queue;
use store::applications::Application;
use store::db::{Conn, Tx, again};
use store::programs::Program;

use super::{approval, letters};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::mail;

/// Applications that are decided together: those of a page.
pub const MOST_AT_ONCE: usize = 50;
/// After every application.
const END_OF_TIME: Timestamp = Timestamp(i64::MAX);

/// An application as a person who decides needs it.
#[derive(Debug, Clone)]
pub struct Review {
    /// The application.
    pub application: Application,
    /// What should be looked at.
    pub marks: Vec<Mark>,
    /// The number of the terms that were accepted.
    pub terms_version: i64,
}

/// How many applications of each status a program has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Not confirmed.
    pub unconfirmed: i64,
    /// To be decided.
    pub pending: i64,
    /// Approved.
    pub approved: i64,
    /// Declined.
    pub declined: i64,
    /// Affiliates that wait for a decision, without an application.
    pub pending_affiliates: i64,
}

/// How many applications and affiliates wait for a decision.
pub(crate) async fn waiting(conn: &mut Conn, program: &ProgramId) -> Result<i64> {
    Ok(store::applications::count(conn, program, ApplicationStatus::Pending).await?
        + store::affiliates::count(conn, program, AffiliateStatus::Pending).await?)
}

/// How many applications of each status a program has.
pub async fn counts(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<Counts> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?.id;
    let conn = &mut conn;
    Ok(Counts {
        unconfirmed: store::applications::count(conn, &program, ApplicationStatus::Unconfirmed).await?,
        pending: store::applications::count(conn, &program, ApplicationStatus::Pending).await?,
        approved: store::applications::count(conn, &program, ApplicationStatus::Approved).await?,
        declined: store::applications::count(conn, &program, ApplicationStatus::Declined).await?,
        pending_affiliates: store::affiliates::count(conn, &program, AffiliateStatus::Pending).await?,
    })
}

/// A program's applications of a status, newest first, before one of them.
pub async fn list(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    status: ApplicationStatus,
    before: Option<(Timestamp, &str)>,
    limit: i64,
) -> Result<Vec<Review>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let before = before.unwrap_or((END_OF_TIME, ""));
    let found = store::applications::list(&mut conn, &program.id, status, before, limit).await?;
    reviews(&mut conn, &program, found).await
}

/// One application.
pub async fn get(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &ApplicationId,
) -> Result<Review> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let found = store::applications::get(&mut conn, &program.id, id).await?;
    reviews(&mut conn, &program, found.into_iter().collect()).await?.pop().ok_or(Error::NotFound)
}

async fn reviews(conn: &mut Conn, program: &Program, found: Vec<Application>) -> Result<Vec<Review>> {
    let before = store::applications::applied_before(conn, &found).await?;
    let versions = store::terms::list(conn, &program.id).await?;
    let versions: BTreeMap<TermsId, i64> =
        versions.into_iter().map(|version| (version.id, version.version)).collect();
    let review = |application: Application| Review {
        marks: marks(
            &application.email,
            application.website.as_deref(),
            before.contains(&application.id),
            &program.allowed_domains,
        ),
        terms_version: versions.get(&application.terms_id).copied().unwrap_or(0),
        application,
    };
    Ok(found.into_iter().map(review).collect())
}

/// Approves applications and returns how many: those that were decided before stay as they are.
///
/// # Errors
/// [`Error::NotFound`] when one of them is not there or not confirmed. Nothing is changed then.
pub async fn approve(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    ids: &[ApplicationId],
) -> Result<usize> {
    actor.may_write()?;
    let approved = again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let pending = pending(&mut tx, &program, ids).await?;
        for application in &pending {
            approval::approve(engine, &mut tx, &program, application, Some(actor)).await?;
        }
        tx.commit().await?;
        engine.caches().links.clear();
        Ok::<_, Error>(pending.len())
    })
    .await?;
    engine.wake(Queue::External);
    Ok(approved)
}

/// Declines applications, mails the applicants the reason, and returns how many: those that were
/// decided before stay as they are.
///
/// # Errors
/// [`Error::NotFound`] when one of them is not there or not confirmed. Nothing is changed then.
pub async fn decline(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    ids: &[ApplicationId],
    reason: &StatusReason,
) -> Result<usize> {
    actor.may_write()?;
    let declined = again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let pending = pending(&mut tx, &program, ids).await?;
        let letter = letters::declined(engine, &program, actor.merchant_name(), reason.as_str());
        for application in &pending {
            let by = actor.account_id();
            store::applications::decline(&mut tx, &application.id, reason.as_str(), by, now).await?;
            let action = AuditAction::ApplicationDeclined { name: application.name.clone() };
            let line = audit::line(application.id.as_str(), action);
            audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
            mail::put(engine, &mut tx, &application.email, &letter).await?;
        }
        tx.commit().await?;
        Ok::<_, Error>(pending.len())
    })
    .await?;
    engine.wake(Queue::External);
    Ok(declined)
}

/// Those of some applications that wait for a decision.
async fn pending(tx: &mut Tx, program: &Program, ids: &[ApplicationId]) -> Result<Vec<Application>> {
    if ids.len() > MOST_AT_ONCE {
        let message = format!("Choose {MOST_AT_ONCE} applications at most");
        return Err(Error::field(domain::fields::WHOLE_FORM, message));
    }
    let mut pending = Vec::new();
    for id in ids {
        let found = store::applications::get(tx, &program.id, id).await?.ok_or(Error::NotFound)?;
        match found.status {
            ApplicationStatus::Unconfirmed => return Err(Error::NotFound),
            ApplicationStatus::Pending => pending.push(found),
            ApplicationStatus::Approved | ApplicationStatus::Declined => {}
        }
    }
    Ok(pending)
}
