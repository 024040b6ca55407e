//! The terms of a program: a new version, and the list of versions.

use domain::audit::AuditAction;
use domain::ids::{ProgramId, TermsId};
use domain::terms::{Terms, TermsChange, TermsVersion, in_force};
use store::db::again;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::{AffiliateActor, MerchantActor};

use super::products;

/// All versions of a program, oldest first.
pub async fn list(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<Vec<TermsVersion>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    Ok(store::terms::list(&mut conn, &program.id).await?)
}

/// All versions of a program that the affiliate takes part in, oldest first.
pub async fn list_for_affiliate(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
) -> Result<Vec<TermsVersion>> {
    let mut conn = engine.db().read().await?;
    scope::membership(&mut conn, actor, program).await?;
    Ok(store::terms::list(&mut conn, program).await?)
}

/// The version in force.
pub async fn current(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<TermsVersion> {
    let versions = list(engine, actor, program).await?;
    in_force(&versions, engine.now()).cloned().ok_or(Error::NotFound)
}

/// What the terms would be with a change, without saving anything.
///
/// # Errors
/// [`Error::Invalid`] when a number is out of bounds, or rewards contradict each other.
pub async fn proposed(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    change: &TermsChange,
) -> Result<Terms> {
    change.check()?;
    let current = current(engine, actor, program).await?;
    let mut terms = change.applied_to(&current.terms)?;
    let mut conn = engine.db().read().await?;
    terms.rewards = products::name(&mut conn, program, &current.terms.rewards, &terms.rewards).await?;
    Ok(terms)
}

/// Adds a version that starts now, with the change applied to the version in force; what
/// was credited before keeps its own. A change that changes nothing adds no version.
///
/// # Errors
/// [`Error::Invalid`] when a number is out of bounds, or rewards contradict each other.
pub async fn change(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    change: &TermsChange,
) -> Result<TermsVersion> {
    actor.may_write()?;
    change.check()?;
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let versions = store::terms::list(&mut tx, &program.id).await?;
        let current = in_force(&versions, now)
            .ok_or_else(|| Error::Broken(format!("a program without terms: {}", program.id)))?;
        let mut terms = change.applied_to(&current.terms)?;
        terms.rewards = products::name(&mut tx, &program.id, &current.terms.rewards, &terms.rewards).await?;
        if terms == current.terms {
            return Ok(current.clone());
        }
        let version = TermsVersion {
            id: TermsId::new(now, engine.random()),
            program_id: program.id.clone(),
            version: versions.len() as i64 + 1,
            terms,
            starts_at: now,
        };
        store::terms::put(&mut tx, &version, Some(actor.account_id()), now).await?;
        let action = AuditAction::TermsChanged { version: version.version };
        let line = audit::line(program.id.as_str(), action);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        engine.caches().links.clear();
        Ok(version)
    })
    .await
}
