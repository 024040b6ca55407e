//! Clicks: from a link's code to a stored click and the address to redirect to.

use std::sync::Arc;
use std::time::Duration;

use domain::affiliates::AffiliateStatus;
use domain::clicks::{ClickToken, Device, clipped, country, looks_like_a_bot};
use domain::clock::HOUR_MS;
use domain::ids::{AffiliateId, ProgramId};
use domain::links::LinkCode;
use domain::programs::{ProgramStatus, parse_web_url};
pub use store::clicks::Click;
pub use store::clicks::NewClick;
use store::db::{AFTER_ALL_IDS, NotStored};
use store::links::Target;
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use super::landing::{self, CODE_PARAMETER, Campaign, TOKEN_PARAMETER, VERIFIER_PARAMETER};
use super::{verifiers, visitors};
use crate::caches::KnownLink;
use crate::engine::{Counters, Engine};
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::{AffiliateActor, MerchantActor};
use crate::recent_clicks::{self, Turn};

/// How long a redirect waits, also for its click to be stored. After that it is answered
/// anyway, since visitors must not wait, and counted as late.
const REDIRECT_DEADLINE: Duration = Duration::from_millis(250);
/// How long a link is looked up that is in the cache but old; an answer takes a millisecond.
const LOOK_UP_DEADLINE: Duration = Duration::from_millis(100);
/// How long any other link is looked up: without an answer there is nowhere to go.
const FIRST_LOOK_UP_DEADLINE: Duration = Duration::from_secs(3);
const LONGEST_TEXT: usize = 200;

/// What is known of a visit.
#[derive(Debug, Clone, Default)]
pub struct Visit {
    /// `User-Agent`.
    pub user_agent: String,
    /// `Referer`; only its host is kept.
    pub referrer: String,
    /// `Sec-Purpose` or `Purpose`.
    pub purpose: String,
    /// The query of the tracking link or landing page, for UTM and the placement.
    pub query: String,
    /// The visitor's country as reported by the proxy in front; empty if it is not.
    pub country: String,
    /// The visitor's network, where it is known: an IPv4 address or the first half of an
    /// IPv6 address. It is never stored.
    pub network: Option<String>,
    /// Whether a page loads the link as one of its parts, such as an image or a frame, so
    /// that no one has followed it.
    pub is_embedded: bool,
    /// Whether the browser sends Global Privacy Control (`Sec-GPC: 1`).
    pub has_gpc: bool,
    /// Whether its network sends more clicks than people do.
    pub is_flood: bool,
}

/// Where a link leads.
#[derive(Debug, Clone)]
pub struct Redirect {
    /// The address, with the click's token if there is one.
    pub location: String,
    /// The click, if one was stored.
    pub token: Option<ClickToken>,
}

/// A link, from the cache for some seconds. While the database does not
/// answer, what was known within the last hour is used, so that visitors are redirected.
async fn link(engine: &Engine, code: &LinkCode) -> Result<Option<Arc<KnownLink>>> {
    let (now, links) = (engine.now(), &engine.caches().links);
    if let Some(known) = links.get(code, now) {
        return Ok(known);
    }
    let stale = links.get_stale(code, now);
    let patience = if stale.is_some() { LOOK_UP_DEADLINE } else { FIRST_LOOK_UP_DEADLINE };
    let found = timeout(patience, look_up(engine, code)).await.unwrap_or(Err(Error::Unavailable));
    match (found, stale) {
        (Ok(found), _) => {
            links.put(code.clone(), found.clone(), now);
            Ok(found)
        }
        (Err(error), Some(known)) => {
            tracing::debug!(%error, "a link could not be looked up again");
            Counters::add(&engine.counters().links_stale);
            Ok(known)
        }
        (Err(error), None) => Err(error),
    }
}

async fn look_up(engine: &Engine, code: &LinkCode) -> Result<Option<Arc<KnownLink>>> {
    let found = store::links::target(&mut engine.db().read().await?, code).await?;
    Ok(found.map(|target| {
        // The domains may have been narrowed after the link was made: no open redirect.
        let landing = target.allowed_domains.destination(&target.link.destination_url);
        let landing = landing.or_else(|_| parse_web_url(&target.website)).ok();
        let kept = landing.as_ref().map(landing::kept).unwrap_or_default();
        Arc::new(KnownLink { target, landing, kept })
    }))
}

/// Follows a link: stores the click and returns the address to redirect to. `None` for an
/// unknown code. A link whose affiliate or program is not active still leads to the site,
/// without a click. Where consent is required, the address carries the code instead, so that
/// the tracking script can ask.
///
/// Needs no actor: links are public.
pub async fn follow(engine: &Engine, code: &str, visit: &Visit) -> Result<Option<Redirect>> {
    let deadline = Instant::now() + REDIRECT_DEADLINE;
    let Ok(code) = code.parse::<LinkCode>() else { return Ok(None) };
    let Some(known) = link(engine, &code).await? else { return Ok(None) };
    let target = &known.target;
    let Some(mut landing) = known.landing.clone() else { return Ok(None) };
    landing::pass_on(&mut landing, &visit.query);
    let without_click = |location: String| Ok(Some(Redirect { location, token: None }));
    if visit.is_embedded || !counts(target) || (visit.has_gpc && target.respect_gpc) {
        return without_click(landing.into());
    }
    if visit.is_flood {
        Counters::add(&engine.counters().clicks_refused);
        return without_click(landing.into());
    }
    if target.require_consent {
        return without_click(landing::with_parameters(&landing, &[(CODE_PARAMETER, code.as_str())]));
    }
    let (token, stored) = store(engine, new_click(engine, target, known.kept.clone(), visit).await);
    let token = match timeout_at(deadline, stored).await {
        Ok(stored) => stored.ok(),
        Err(_) => {
            Counters::add(&engine.counters().clicks_late);
            Some(token)
        }
    };
    let location = match &token {
        Some(token) => {
            let verifier = verifiers::of(engine, token);
            let added = [(TOKEN_PARAMETER, token.as_str()), (VERIFIER_PARAMETER, verifier.as_str())];
            landing::with_parameters(&landing, &added)
        }
        None => landing.into(),
    };
    Ok(Some(Redirect { location, token }))
}

/// Stores a click, unless it repeats one. The token of the click that holds is known at once;
/// the future ends when that is on disk. It runs as a separate task: it is done also when the
/// visitor has been redirected by then, or has hung up.
fn store(
    engine: &Engine,
    click: NewClick,
) -> (ClickToken, impl Future<Output = std::result::Result<ClickToken, NotStored>> + use<>) {
    let turn = turn(engine, &click);
    let token = match &turn {
        Some((_, Turn::Repeated(first, _))) => first.clone(),
        Some((_, Turn::First(_))) | None => click.token.clone(),
    };
    let engine = engine.clone();
    let stored = tokio::spawn(async move { write_once(&engine, click, turn).await });
    (token, async { stored.await.unwrap_or(Err(NotStored::Failed)) })
}

/// What a click is among the recent ones of its visitor; `None` if the visitor is not known.
fn turn(engine: &Engine, click: &NewClick) -> Option<(recent_clicks::Visit, Turn)> {
    let visit = (click.link_id.clone(), click.visitor.as_ref()?.visitor.clone());
    let turn = engine.recent_clicks().take(visit.clone(), &click.token, click.at);
    Some((visit, turn))
}

async fn write_once(
    engine: &Engine,
    click: NewClick,
    turn: Option<(recent_clicks::Visit, Turn)>,
) -> std::result::Result<ClickToken, NotStored> {
    let Some((visit, mut turn)) = turn else { return write(engine, click).await };
    let token = click.token.clone();
    loop {
        match turn {
            Turn::First(outcome) => {
                let stored = write(engine, click).await;
                if stored.is_err() {
                    engine.recent_clicks().forget(&visit, &token);
                }
                outcome.send_replace(Some(stored.is_ok()));
                return stored;
            }
            Turn::Repeated(first, mut outcome) => {
                if outcome.wait_for(Option::is_some).await.is_ok_and(|stored| *stored == Some(true)) {
                    return Ok(first);
                }
                engine.recent_clicks().forget(&visit, &first);
                turn = engine.recent_clicks().take(visit.clone(), &token, click.at);
            }
        }
    }
}

/// Writes a click to disk and counts the result.
async fn write(engine: &Engine, click: NewClick) -> std::result::Result<ClickToken, NotStored> {
    let token = click.token.clone();
    let stored = engine.click_writer().store(click).await;
    let counters = engine.counters();
    Counters::add(if stored.is_ok() { &counters.clicks_stored } else { &counters.clicks_not_stored });
    stored.map(|()| token)
}

fn counts(target: &Target) -> bool {
    target.affiliate_status == AffiliateStatus::Active && target.program_status == ProgramStatus::Active
}

async fn new_click(engine: &Engine, target: &Target, landing_url: String, visit: &Visit) -> NewClick {
    let now = engine.now();
    let campaign = Campaign::of(&visit.query);
    NewClick {
        token: ClickToken::new(now, engine.random()),
        program_id: target.program_id.clone(),
        affiliate_id: target.link.affiliate_id.clone(),
        link_id: target.link.id.clone(),
        at: now,
        landing_url,
        referrer_host: Url::parse(&visit.referrer)
            .ok()
            .and_then(|url| url.host_str().map(|h| clipped(h, LONGEST_TEXT))),
        utm_source: campaign.source,
        utm_medium: campaign.medium,
        utm_campaign: campaign.name,
        placement: campaign.placement.or_else(|| target.link.placement.clone()),
        device: Device::of(&visit.user_agent),
        bot: looks_like_a_bot(&visit.user_agent, &visit.purpose),
        country: country(&visit.country),
        visitor: visitors::of(engine, &target.program_id, visit.network.as_deref(), &visit.user_agent).await,
    }
}

/// The response to the tracking script on the merchant's site.
#[derive(Debug, Clone)]
pub struct ScriptAnswer {
    /// The click, if one was made.
    pub token: Option<ClickToken>,
    /// The click's verifier.
    pub verifier: Option<String>,
    /// The lifetime of the cookie, days.
    pub days: i64,
    /// Why no click was stored.
    pub reason: Option<&'static str>,
}

/// Stores a click that the tracking script reports: a visitor came with a code in the
/// address. A word that is not a code of this program stores nothing.
///
/// Needs no actor: the tracking script is public, and only a code of the program makes a
/// click.
pub async fn report(
    engine: &Engine,
    program: &ProgramId,
    code: &str,
    page: &str,
    origin: &str,
    visit: &Visit,
) -> Result<ScriptAnswer> {
    let none = |reason| ScriptAnswer { token: None, verifier: None, days: 0, reason: Some(reason) };
    let Ok(code) = code.parse::<LinkCode>() else { return Ok(none("not_a_code")) };
    let known = link(engine, &code).await?.filter(|known| known.target.program_id == *program);
    let Some(known) = known else { return Ok(none("unknown_code")) };
    let target = &known.target;
    // What the page says of itself, and what its browser says of it.
    let (Ok(page), Ok(_)) =
        (target.allowed_domains.destination(page), target.allowed_domains.destination(origin))
    else {
        return Ok(none("foreign_page"));
    };
    if !counts(target) {
        return Ok(none("not_active"));
    }
    if visit.has_gpc && target.respect_gpc {
        return Ok(none("privacy_control"));
    }
    let query = page.query().unwrap_or_default().to_owned();
    let visit = Visit { query, ..visit.clone() };
    let click = new_click(engine, target, landing::kept(&page), &visit).await;
    let token = store(engine, click).1.await?;
    let verifier = Some(verifiers::of(engine, &token));
    Ok(ScriptAnswer { token: Some(token), verifier, days: window_days(engine, program).await?, reason: None })
}

async fn window_days(engine: &Engine, program: &ProgramId) -> Result<i64> {
    let mut conn = engine.db().read().await?;
    let terms = store::terms::in_force(&mut conn, program, engine.now()).await?;
    Ok(terms.map_or(30, |terms| terms.terms.window_days))
}

/// How long after its click a token in an address replaces another, milliseconds: a redirect
/// takes seconds.
const JUST_MADE_MS: i64 = HOUR_MS;

/// Whether a token in an address is that of a click that this visitor has just made, so that
/// it may replace an earlier one; the lifetime of its cookie in days if so.
///
/// Needs no actor: the tracking script is public, and the verifier is the click's own.
pub async fn check(engine: &Engine, program: &ProgramId, token: &str, verifier: &str) -> Result<Option<i64>> {
    let Ok(token) = token.parse::<ClickToken>() else { return Ok(None) };
    let is_recent = token.at().is_some_and(|at| engine.now().since_ms(at).abs() < JUST_MADE_MS);
    if !is_recent || !verifiers::is_of(engine, &token, verifier) {
        return Ok(None);
    }
    window_days(engine, program).await.map(Some)
}

/// Notes that a page of the program runs the tracking script, so that the settings can show
/// it as found. The database is asked once in a few seconds for each program, however many
/// visitors its site has.
///
/// Needs no actor: the tracking script is public.
pub async fn script_seen(engine: &Engine, program: &ProgramId, origin: &str) -> Result<()> {
    let now = engine.now();
    if engine.caches().scripts.get(program, now).is_some() {
        return Ok(());
    }
    let Some(found) = store::programs::get_unscoped(&mut engine.db().read().await?, program).await? else {
        return Ok(());
    };
    if !parse_web_url(origin).is_ok_and(|page| found.allowed_domains.allow(&page)) {
        return Ok(());
    }
    engine.caches().scripts.put(program.clone(), None, now);
    if found.script_seen_at.is_some_and(|at| now.since_ms(at) < HOUR_MS) {
        return Ok(());
    }
    let mut conn = engine.db().write().await?;
    Ok(store::programs::script_seen(&mut conn, program, now).await?)
}

/// A page of a program's clicks, newest first.
pub async fn list(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    affiliate: Option<&AffiliateId>,
    before: Option<&ClickToken>,
    limit: i64,
) -> Result<Vec<Click>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let before = before.map_or(AFTER_ALL_IDS, ClickToken::as_str);
    Ok(store::clicks::list(&mut conn, &program.id, affiliate, before, limit).await?)
}

/// A page of the clicks on the actor's own links, newest first.
pub async fn list_for_affiliate(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
    before: Option<&ClickToken>,
    limit: i64,
) -> Result<Vec<Click>> {
    let mut conn = engine.db().read().await?;
    let affiliate = scope::membership(&mut conn, actor, program).await?;
    let before = before.map_or(AFTER_ALL_IDS, ClickToken::as_str);
    Ok(store::clicks::list(&mut conn, program, Some(&affiliate.id), before, limit).await?)
}

/// One click of a program.
pub async fn get(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    token: &ClickToken,
) -> Result<Click> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    store::clicks::get(&mut conn, &program.id, token).await?.ok_or(Error::NotFound)
}

/// Stores clicks of the past, for the demo's history.
///
/// Needs no actor: it is for the demo, which has its own database.
pub async fn put_history(engine: &Engine, clicks: &[NewClick]) -> Result<()> {
    Ok(store::clicks::put_all(engine.db(), clicks).await?)
}
