//! Tracking links.

use domain::affiliates::AffiliateStatus;
use domain::fields::Problems;
use domain::ids::{AffiliateId, LinkId, ProgramId};
use domain::links::{LinkCode, LinkInput, parse_sub_id};
use store::db::{AFTER_ALL_IDS, Tx, again};
pub use store::links::{Link, LinkWithClicks};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::{AffiliateActor, MerchantActor};

/// How often another code is tried when one is taken.
const CODE_TRIES: u32 = 8;

/// Makes a link for an affiliate of the merchant's program.
pub async fn create(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    affiliate: &AffiliateId,
    input: &LinkInput,
) -> Result<Link> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let affiliate = store::affiliates::get(&mut tx, &program.id, affiliate)
            .await?
            .ok_or_else(|| Error::field("affiliate", "There is no such affiliate in this program"))?;
        let link = make(engine, &mut tx, &program, &affiliate, input).await?;
        let line = audit::line(
            "link.created",
            affiliate.id.as_str(),
            format!("The link /r/{} was made.", link.code),
        );
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        engine.caches().links.clear();
        Ok(link)
    })
    .await
}

/// Makes a link for oneself.
pub async fn create_own(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
    input: &LinkInput,
) -> Result<Link> {
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let affiliate = scope::membership(&mut tx, actor, program).await?;
        if affiliate.status != AffiliateStatus::Active {
            return Err(Error::Forbidden("Only active affiliates can make links."));
        }
        let program = store::programs::get_unscoped(&mut tx, program).await?.ok_or(Error::NotFound)?;
        let link = make(engine, &mut tx, &program, &affiliate, input).await?;
        tx.commit().await?;
        engine.caches().links.clear();
        Ok(link)
    })
    .await
}

/// How many links an affiliate may have.
const MOST_LINKS: usize = 200;

async fn make(
    engine: &Engine,
    tx: &mut Tx,
    program: &store::programs::Program,
    affiliate: &store::affiliates::Affiliate,
    input: &LinkInput,
) -> Result<Link> {
    let mut problems = Problems::new();
    let wished: Option<LinkCode> =
        if input.code.trim().is_empty() { None } else { problems.keep("code", input.code.parse()) };
    let landing = if input.landing_url.trim().is_empty() { &program.website } else { &input.landing_url };
    let landing_url = problems.keep("landing_url", program.landing_hosts.landing(landing));
    let sub_id = problems.keep("sub_id", parse_sub_id(&input.sub_id));
    let (Some(landing_url), Some(sub_id), true) = (landing_url, sub_id, problems.is_empty()) else {
        return Err(problems.into());
    };
    let existing =
        store::links::list(tx, &program.id, Some(&affiliate.id), AFTER_ALL_IDS, MOST_LINKS as i64).await?;
    if existing.len() >= MOST_LINKS {
        return Err(Error::field("code", format!("An affiliate can have {MOST_LINKS} links")));
    }
    let now = engine.now();
    for attempt in 1..=CODE_TRIES {
        let code =
            wished.clone().unwrap_or_else(|| LinkCode::suggest(&affiliate.name, attempt, engine.random()));
        let link = Link {
            id: LinkId::new(now, engine.random()),
            program_id: program.id.clone(),
            affiliate_id: affiliate.id.clone(),
            code,
            landing_url: landing_url.to_string(),
            sub_id: sub_id.clone(),
            created_at: now,
        };
        if store::links::put(tx, &link).await? {
            return Ok(link);
        }
        if wished.is_some() {
            break;
        }
    }
    Err(Error::field("code", "This code is taken. Choose another"))
}

/// A page of a program's links, newest first.
pub async fn list(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    affiliate: Option<&AffiliateId>,
    before: Option<&LinkId>,
    limit: i64,
) -> Result<Vec<LinkWithClicks>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let before = before.map_or(AFTER_ALL_IDS, |id| id.as_str());
    Ok(store::links::list(&mut conn, &program.id, affiliate, before, limit).await?)
}

/// One's own links, newest first.
pub async fn list_for_affiliate(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
) -> Result<Vec<LinkWithClicks>> {
    let mut conn = engine.db().read().await?;
    let affiliate = scope::membership(&mut conn, actor, program).await?;
    Ok(store::links::list(&mut conn, program, Some(&affiliate.id), AFTER_ALL_IDS, MOST_LINKS as i64).await?)
}
