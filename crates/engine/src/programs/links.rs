//! Tracking links of affiliates: created and listed.

use domain::affiliates::AffiliateStatus;
use domain::audit::AuditAction;
use domain::ids::{AffiliateId, LinkId, ProgramId};
use domain::links::{LinkCode, LinkDraft};
use store::db::{AFTER_ALL_IDS, Tx, again};
pub use store::links::{Link, LinkWithClicks};
pub use store::sums::Totals;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::{AffiliateActor, MerchantActor};
use crate::search;

/// How often another code is tried when one is taken.
const CODE_TRIES: u32 = 8;

/// Creates a link for an affiliate of the merchant's program.
///
/// # Errors
/// [`Error::Invalid`] when the code is taken or the destination is outside the program's domains.
pub async fn create(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    affiliate: &AffiliateId,
    draft: &LinkDraft,
) -> Result<Link> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let affiliate = store::affiliates::get(&mut tx, &program.id, affiliate)
            .await?
            .ok_or_else(|| Error::field("affiliate", "This affiliate is not in the program"))?;
        let link = create_in(engine, &mut tx, &program, &affiliate, draft).await?;
        let line =
            audit::line(affiliate.id.as_str(), AuditAction::LinkCreated { code: link.code.to_string() });
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        engine.caches().links.clear();
        Ok(link)
    })
    .await
}

/// Creates a link for the affiliate who is signed in.
///
/// # Errors
/// [`Error::Invalid`] when the code is taken or the destination is outside the program's domains.
pub async fn create_own(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
    draft: &LinkDraft,
) -> Result<Link> {
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let affiliate = scope::membership(&mut tx, actor, program).await?;
        if affiliate.status != AffiliateStatus::Active {
            return Err(Error::Forbidden("Only active affiliates can create links."));
        }
        let program = store::programs::get_unscoped(&mut tx, program).await?.ok_or(Error::NotFound)?;
        let link = create_in(engine, &mut tx, &program, &affiliate, draft).await?;
        tx.commit().await?;
        engine.caches().links.clear();
        Ok(link)
    })
    .await
}

/// How many links an affiliate may have.
const MOST_LINKS: usize = 200;

/// Adds a link that the search finds; `false` when the code is taken.
pub(super) async fn put(tx: &mut Tx, link: &Link) -> Result<bool> {
    let is_new = store::links::put(tx, link).await?;
    if is_new {
        search::index_link(tx, link).await?;
    }
    Ok(is_new)
}

async fn create_in(
    engine: &Engine,
    tx: &mut Tx,
    program: &store::programs::Program,
    affiliate: &store::affiliates::Affiliate,
    draft: &LinkDraft,
) -> Result<Link> {
    let destination_url = match &draft.destination {
        Some(destination) => {
            let checked = program.allowed_domains.check(destination);
            checked.map_err(|error| Error::field("destination_url", error.to_string()))?;
            destination.to_string()
        }
        None => program.website.clone(),
    };
    let existing =
        store::links::list(tx, &program.id, Some(&affiliate.id), AFTER_ALL_IDS, MOST_LINKS as i64).await?;
    if existing.len() >= MOST_LINKS {
        return Err(Error::field("code", format!("An affiliate can have {MOST_LINKS} links")));
    }
    let now = engine.now();
    for attempt in 1..=CODE_TRIES {
        let code = draft
            .code
            .clone()
            .unwrap_or_else(|| LinkCode::suggest(&affiliate.name, attempt, engine.random()));
        let link = Link {
            id: LinkId::new(now, engine.random()),
            program_id: program.id.clone(),
            affiliate_id: affiliate.id.clone(),
            code,
            destination_url: destination_url.clone(),
            placement: draft.placement.as_ref().map(|placement| placement.as_str().to_owned()),
            created_at: now,
            archived_at: None,
        };
        if put(tx, &link).await? {
            return Ok(link);
        }
        if draft.code.is_some() {
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

/// A link of the affiliate who is signed in.
pub async fn own(engine: &Engine, actor: &AffiliateActor, program: &ProgramId, id: &LinkId) -> Result<Link> {
    let mut conn = engine.db().read().await?;
    let affiliate = scope::membership(&mut conn, actor, program).await?;
    store::links::get(&mut conn, &affiliate.id, id).await?.ok_or(Error::NotFound)
}

/// A link with what it brought so far.
#[derive(Debug, Clone)]
pub struct OwnLink {
    /// The link.
    pub link: Link,
    /// Clicks, without those of bots.
    pub clicks: i64,
    /// Conversions by its clicks, and money by currency.
    pub totals: Totals,
}

/// The links of the affiliate who is signed in, newest first, with what each brought.
pub async fn list_for_affiliate(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
) -> Result<Vec<OwnLink>> {
    let mut conn = engine.db().read().await?;
    let affiliate = scope::membership(&mut conn, actor, program).await?;
    let links =
        store::links::list(&mut conn, program, Some(&affiliate.id), AFTER_ALL_IDS, MOST_LINKS as i64).await?;
    let ids: Vec<LinkId> = links.iter().map(|row| row.link.id.clone()).collect();
    let mut totals = store::sums::conversions::of_links(&mut conn, &ids).await?;
    let with_totals = |row: LinkWithClicks| OwnLink {
        totals: totals.remove(&row.link.id).unwrap_or_default(),
        link: row.link,
        clicks: row.clicks,
    };
    Ok(links.into_iter().map(with_totals).collect())
}

/// Puts a link of the affiliate who is signed in away, or takes it back. An archived link still
/// leads to its destination and its clicks count, because it is printed and posted somewhere.
pub async fn archive_own(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
    id: &LinkId,
    is_archived: bool,
) -> Result<()> {
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let affiliate = scope::membership(&mut tx, actor, program).await?;
        let at = is_archived.then(|| engine.now());
        if !store::links::set_archived(&mut tx, &affiliate.id, id, at).await? {
            return Err(Error::NotFound);
        }
        tx.commit().await?;
        Ok(())
    })
    .await
}
