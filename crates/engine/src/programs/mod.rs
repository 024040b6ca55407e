//! Programs.

pub mod affiliates;
pub mod coupons;
pub mod links;
pub mod page_context;
pub mod terms;

use domain::affiliates::AffiliateStatus;
use domain::fields::Problems;
use domain::ids::{ProgramId, TermsId};
use domain::programs::{ProgramInput, ProgramStatus, slug};
use domain::terms::{RulesInput, TermsVersion};
pub use store::commissions::Balance;
use store::db::again;
pub use store::programs::Program;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

/// How many programs a company may have: a page shows them all.
const MOST_PROGRAMS: i64 = 100;

/// Makes a program with its first terms.
///
/// # Errors
/// [`Error::Invalid`] with the problems of both forms.
pub async fn create(
    engine: &Engine,
    actor: &MerchantActor,
    input: &ProgramInput,
    rules: &RulesInput,
) -> Result<Program> {
    actor.may_write()?;
    if actor.only_program().is_some() {
        return Err(Error::Forbidden("This key is limited to one program."));
    }
    let mut problems = Problems::new();
    let draft = input.parse(&mut problems);
    let currency = input.currency.parse().unwrap_or_else(|_| "usd".parse().expect("a currency"));
    let rules = rules.parse(currency, &mut problems);
    let (Some(draft), Some(rules)) = (draft, rules) else { return Err(problems.into()) };
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
        let wished = slug(&draft.name);
        let tail = &id.as_str()[id.as_str().len() - 6..];
        let with_tail = format!("{wished}-{tail}");
        if !store::programs::put(&mut tx, &id, actor.merchant_id(), &wished, &draft, now).await?
            && !store::programs::put(&mut tx, &id, actor.merchant_id(), &with_tail, &draft, now).await?
        {
            return Err(Error::Broken("two program names in a row are taken".to_owned()));
        }
        store::programs::set_status(&mut tx, &id, ProgramStatus::Active, Some(actor.account_id()), now)
            .await?;
        let terms = TermsVersion {
            id: TermsId::new(now, random),
            program_id: id.clone(),
            version: 1,
            rules,
            starts_at: now,
        };
        store::terms::put(&mut tx, &terms, Some(actor.account_id()), now).await?;
        let line = audit::line("program.created", id.as_str(), format!("{} was made.", draft.name));
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&id)).await?;
        let program = scope::program(&mut tx, actor, &id).await?;
        tx.commit().await?;
        Ok(program)
    })
    .await
}

/// Changes a program; its currency stays.
pub async fn update(
    engine: &Engine,
    actor: &MerchantActor,
    id: &ProgramId,
    input: &ProgramInput,
) -> Result<()> {
    actor.may_write()?;
    let mut problems = Problems::new();
    let Some(draft) = input.parse(&mut problems) else { return Err(problems.into()) };
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, id).await?;
        store::programs::update(&mut tx, actor.merchant_id(), &program.id, &draft).await?;
        let line = audit::line("program.changed", id.as_str(), "The settings were changed.");
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(id)).await?;
        tx.commit().await?;
        engine.caches().links.clear();
        Ok(())
    })
    .await
}

/// Pauses, archives or resumes a program.
pub async fn set_status(
    engine: &Engine,
    actor: &MerchantActor,
    id: &ProgramId,
    status: ProgramStatus,
) -> Result<()> {
    actor.may_write()?;
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, id).await?;
        store::programs::set_status(&mut tx, id, status, Some(actor.account_id()), now).await?;
        let detail = format!("{} → {}", program.status.word(), status.word());
        let line = audit::line("program.status", id.as_str(), detail);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(id)).await?;
        tx.commit().await?;
        engine.caches().links.clear();
        Ok(())
    })
    .await
}

/// What hangs on a program: said before it is paused, archived or disconnected.
#[derive(Debug, Clone)]
pub struct Impact {
    /// Payments credited so far.
    pub conversions: i64,
    /// Affiliates that are in.
    pub active_affiliates: i64,
    /// What is owed, by currency.
    pub owed: Vec<Balance>,
}

/// What hangs on a program.
pub async fn at_stake(engine: &Engine, actor: &MerchantActor, id: &ProgramId) -> Result<Impact> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, id).await?;
    Ok(Impact {
        conversions: store::conversions::count(&mut conn, &program.id).await?,
        active_affiliates: store::affiliates::count(&mut conn, &program.id, AffiliateStatus::Active).await?,
        owed: store::commissions::owed(&mut conn, &program.id, engine.now()).await?,
    })
}

/// One program.
pub async fn get(engine: &Engine, actor: &MerchantActor, id: &ProgramId) -> Result<Program> {
    scope::program(&mut engine.db().read().await?, actor, id).await
}

/// The company's programs in order of their making, after one of them.
pub async fn list(engine: &Engine, actor: &MerchantActor, after: &str, limit: i64) -> Result<Vec<Program>> {
    let mut conn = engine.db().read().await?;
    if let Some(only) = actor.only_program() {
        let program = store::programs::get(&mut conn, actor.merchant_id(), only).await?;
        return Ok(program.into_iter().filter(|program| program.id.as_str() > after).collect());
    }
    Ok(store::programs::list(&mut conn, actor.merchant_id(), after, limit).await?)
}
