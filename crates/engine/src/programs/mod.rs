//! Programs: created, changed, paused and archived; and what belongs to them.

pub mod affiliates;
pub mod applications;
pub mod coupons;
pub mod files;
pub mod invitations;
pub mod join_page;
pub mod joined;
pub mod links;
pub mod logos;
pub mod page_context;
pub mod products;
pub mod questions;
pub mod resources;
mod send_invitation_job;
pub mod terms;

use domain::affiliates::AffiliateStatus;
use domain::audit::AuditAction;
use domain::ids::{ProgramId, TermsId};
use domain::programs::{AllowedDomains, ProgramChange, ProgramDraft, ProgramStatus, parse_web_url, slug};
use domain::terms::{Terms, TermsChange, TermsVersion};
pub use store::commissions::Balance;
use store::db::again;
pub use store::programs::Program;

pub(crate) use self::send_invitation_job::SendInvitation;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

/// How many programs a company may have: a page shows them all.
const MOST_PROGRAMS: i64 = 100;

/// Creates a program with its first terms.
///
/// # Errors
/// [`Error::Invalid`] when a number of the terms is out of bounds, or the company has as
/// many programs as it can.
pub async fn create(
    engine: &Engine,
    actor: &MerchantActor,
    draft: &ProgramDraft,
    terms: &Terms,
) -> Result<Program> {
    actor.may_write()?;
    if actor.only_program().is_some() {
        return Err(Error::Forbidden("This key is limited to one program."));
    }
    TermsChange::from(terms.clone()).check()?;
    again(|| async {
        let now = engine.now();
        let random = &engine.random();
        let mut tx = engine.db().begin().await?;
        if store::programs::list(&mut tx, actor.merchant_id(), "", MOST_PROGRAMS).await?.len() as i64
            >= MOST_PROGRAMS
        {
            return Err(Error::field("name", format!("A company can have {MOST_PROGRAMS} programs")));
        }
        let id = ProgramId::new(now, random);
        let wished = slug(draft.name.as_str());
        let tail = &id.as_str()[id.as_str().len() - 6..];
        let with_tail = format!("{wished}-{tail}");
        if !store::programs::put(&mut tx, &id, actor.merchant_id(), &wished, draft, now).await?
            && !store::programs::put(&mut tx, &id, actor.merchant_id(), &with_tail, draft, now).await?
        {
            return Err(Error::Broken("two program names in a row are taken".to_owned()));
        }
        store::programs::set_status(&mut tx, &id, ProgramStatus::Active, Some(actor.account_id()), now)
            .await?;
        let first = TermsVersion {
            id: TermsId::new(now, random),
            program_id: id.clone(),
            version: 1,
            terms: terms.clone(),
            starts_at: now,
        };
        store::terms::put(&mut tx, &first, Some(actor.account_id()), now).await?;
        let line = audit::line(id.as_str(), AuditAction::ProgramCreated { name: draft.name.to_string() });
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&id)).await?;
        let program = scope::program(&mut tx, actor, &id).await?;
        tx.commit().await?;
        Ok(program)
    })
    .await
}

/// Changes a program's settings, its status or both, in one transaction.
///
/// # Errors
/// [`Error::Invalid`] when it would have too many domains. Nothing is changed then.
pub async fn change(
    engine: &Engine,
    actor: &MerchantActor,
    id: &ProgramId,
    change: &ProgramChange,
) -> Result<Program> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let mut program = scope::program(&mut tx, actor, id).await?;
        if let Some(status) = change.status.filter(|status| *status != program.status) {
            let by = Some(actor.account_id());
            store::programs::set_status(&mut tx, id, status, by, engine.now()).await?;
            let action = AuditAction::ProgramStatusChanged { from: program.status, to: status };
            let line = audit::line(id.as_str(), action);
            audit::put(engine, &mut tx, line.by_actor(actor).of_program(id)).await?;
            program.status = status;
        }
        if change.has_settings() {
            apply(change, &mut program)?;
            store::programs::update(&mut tx, &program).await?;
            let line = audit::line(id.as_str(), AuditAction::ProgramSettingsChanged);
            audit::put(engine, &mut tx, line.by_actor(actor).of_program(id)).await?;
        }
        tx.commit().await?;
        engine.caches().links.clear();
        Ok(program)
    })
    .await
}

/// Applies the settings of a change to a program.
fn apply(change: &ProgramChange, program: &mut Program) -> Result<()> {
    if change.website.is_some() || change.further_domains.is_some() {
        let website = match &change.website {
            Some(website) => website.clone(),
            None => parse_web_url(&program.website)
                .map_err(|error| Error::Broken(format!("the website of {}: {error}", program.id)))?,
        };
        let domains = match &change.further_domains {
            Some(further) => AllowedDomains::new(&website, further),
            None => program.allowed_domains.moved_to(&website),
        };
        program.allowed_domains =
            domains.map_err(|error| Error::field("allowed_domains", error.to_string()))?;
        program.website = website.to_string();
    }
    if let Some(name) = &change.name {
        program.name = name.to_string();
    }
    if let Some(time_zone) = &change.time_zone {
        program.time_zone = time_zone.as_str().to_owned();
    }
    program.auto_approve = change.auto_approve.unwrap_or(program.auto_approve);
    program.require_consent = change.require_consent.unwrap_or(program.require_consent);
    program.respect_gpc = change.respect_gpc.unwrap_or(program.respect_gpc);
    program.browser_leads = change.browser_leads.unwrap_or(program.browser_leads);
    Ok(())
}

/// What a program holds: shown before it is paused, archived or disconnected.
#[derive(Debug, Clone)]
pub struct ProgramTotals {
    /// Payments credited so far.
    pub conversions: i64,
    /// Active affiliates.
    pub active_affiliates: i64,
    /// What is owed, by currency.
    pub owed: Vec<Balance>,
}

/// What a program holds.
pub async fn totals(engine: &Engine, actor: &MerchantActor, id: &ProgramId) -> Result<ProgramTotals> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, id).await?;
    Ok(ProgramTotals {
        conversions: store::sums::conversions::of_all_time(&mut conn, program.id.as_str()).await?.conversions,
        active_affiliates: store::affiliates::count(&mut conn, &program.id, AffiliateStatus::Active).await?,
        owed: store::commissions::of_program(&mut conn, &program.id, engine.now()).await?,
    })
}

/// One program.
pub async fn get(engine: &Engine, actor: &MerchantActor, id: &ProgramId) -> Result<Program> {
    scope::program(&mut engine.db().read().await?, actor, id).await
}

/// The company's programs by age, after one of them.
pub async fn list(engine: &Engine, actor: &MerchantActor, after: &str, limit: i64) -> Result<Vec<Program>> {
    let mut conn = engine.db().read().await?;
    if let Some(only) = actor.only_program() {
        let program = store::programs::get(&mut conn, actor.merchant_id(), only).await?;
        return Ok(program.into_iter().filter(|program| program.id.as_str() > after).collect());
    }
    Ok(store::programs::list(&mut conn, actor.merchant_id(), after, limit).await?)
}
