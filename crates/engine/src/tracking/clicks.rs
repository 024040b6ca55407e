//! Clicks: from a link's code to a stored click and an address to go to.

use std::sync::Arc;
use std::time::Duration;

use domain::affiliates::AffiliateStatus;
use domain::clicks::{ClickToken, Device, clipped, country, looks_like_a_bot};
use domain::emails::Email;
use domain::ids::{AffiliateId, LeadId, ProgramId};
use domain::links::LinkCode;
use domain::programs::{LONGEST_URL, ProgramStatus, parse_web_url};
use domain::terms::in_force;
pub use store::clicks::Click;
pub use store::clicks::NewClick;
use store::db::{AFTER_ALL_IDS, NotStored, again};
use store::links::Target;
use url::Url;

use crate::engine::{Counters, Engine};
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::{AffiliateActor, MerchantActor};
use crate::jobs;

/// How long a redirect waits for its click to be on disk. Then it answers anyway, since
/// a visitor must not be kept, and is counted.
const REDIRECT_DEADLINE: Duration = Duration::from_millis(250);
/// The parameter in which a landing page finds the token.
const TOKEN_PARAMETER: &str = "hg_click";
/// The parameter by which a landing page asks for a click after consent.
const CODE_PARAMETER: &str = "via";
const LONGEST_TEXT: usize = 200;

/// What the visitor's browser says.
#[derive(Debug, Clone, Default)]
pub struct Visit {
    /// `User-Agent`.
    pub user_agent: String,
    /// `Referer`; only its host is kept.
    pub referrer: String,
    /// `Sec-Purpose` or `Purpose`.
    pub purpose: String,
    /// The query of the tracking link or landing page, for UTM and sub-id.
    pub query: String,
    /// The visitor's country as the proxy in front tells it; empty where it does not.
    pub country: String,
}

/// Where a link leads now.
#[derive(Debug, Clone)]
pub struct Redirect {
    /// The address, with the token where there is one.
    pub location: String,
    /// The click, if one was stored.
    pub token: Option<ClickToken>,
}

async fn target(engine: &Engine, code: &LinkCode) -> Result<Option<Arc<Target>>> {
    let now = engine.now();
    if let Some(known) = engine.caches().links.get(code, now) {
        return Ok(known);
    }
    let found = store::links::target(&mut engine.db().read().await?, code).await?.map(Arc::new);
    engine.caches().links.put(code.clone(), found.clone(), now);
    Ok(found)
}

/// Follows a link: stores the click and answers where to go. `None` for an unknown code.
/// A link whose affiliate or program is not active still leads to the site, without a
/// click; where consent is asked, the code goes along instead, so that the script can ask.
pub async fn follow(engine: &Engine, code: &str, visit: &Visit) -> Result<Option<Redirect>> {
    let Ok(code) = code.parse::<LinkCode>() else { return Ok(None) };
    let Some(target) = target(engine, &code).await? else { return Ok(None) };
    // The hosts may have been narrowed after the link was made: no open redirect.
    let landing = target.allowed_domains.destination(&target.link.destination_url);
    let Ok(mut location) = landing.or_else(|_| parse_web_url(&target.website)) else { return Ok(None) };
    if !counts(&target) {
        return Ok(Some(Redirect { location: location.into(), token: None }));
    }
    if target.require_consent {
        location.query_pairs_mut().append_pair(CODE_PARAMETER, code.as_str());
        return Ok(Some(Redirect { location: location.into(), token: None }));
    }
    let click = new_click(engine, &target, location.as_str(), visit);
    let token = click.token.clone();
    let writer = engine.click_writer().clone();
    let mut stored = Box::pin(async move { writer.store(click).await });
    let token = match tokio::time::timeout(REDIRECT_DEADLINE, &mut stored).await {
        Ok(Ok(())) => {
            Counters::add(&engine.counters().clicks_stored);
            Some(token)
        }
        Ok(Err(NotStored::Busy | NotStored::Failed)) => {
            Counters::add(&engine.counters().clicks_not_stored);
            None
        }
        Err(_) => {
            Counters::add(&engine.counters().clicks_late);
            let engine = engine.clone();
            tokio::spawn(async move { count_late(&engine, stored.await) });
            Some(token)
        }
    };
    if let Some(token) = &token {
        location.query_pairs_mut().append_pair(TOKEN_PARAMETER, token.as_str());
    }
    Ok(Some(Redirect { location: location.into(), token }))
}

/// What became of a click whose visitor had gone on already.
fn count_late(engine: &Engine, outcome: std::result::Result<(), NotStored>) {
    let counters = &engine.counters();
    Counters::add(if outcome.is_ok() { &counters.clicks_stored } else { &counters.clicks_not_stored });
}

fn counts(target: &Target) -> bool {
    target.affiliate_status == AffiliateStatus::Active && target.program_status == ProgramStatus::Active
}

fn new_click(engine: &Engine, target: &Target, landing: &str, visit: &Visit) -> NewClick {
    let now = engine.now();
    let (utm, sub_id) = parameters(&visit.query);
    NewClick {
        token: ClickToken::new(now, engine.random()),
        program_id: target.program_id.clone(),
        affiliate_id: target.link.affiliate_id.clone(),
        link_id: target.link.id.clone(),
        at: now,
        landing_url: clipped(landing, LONGEST_URL),
        referrer_host: Url::parse(&visit.referrer)
            .ok()
            .and_then(|url| url.host_str().map(|h| clipped(h, LONGEST_TEXT))),
        utm,
        sub_id: sub_id.or_else(|| target.link.placement.clone()),
        device: Device::of(&visit.user_agent),
        bot: looks_like_a_bot(&visit.user_agent, &visit.purpose),
        country: country(&visit.country),
    }
}

/// The UTM parameters as `source/medium/campaign`, and the sub-id (`s` or `sub_id`).
fn parameters(query: &str) -> (Option<String>, Option<String>) {
    let mut utm = [const { String::new() }; 3];
    let mut sub_id = None;
    if query.is_empty() {
        return (None, None);
    }
    for (key, value) in url::form_urlencoded::parse(query.as_bytes()).take(50) {
        let value = clipped(&value, 64);
        match &*key {
            "utm_source" => utm[0] = value,
            "utm_medium" => utm[1] = value,
            "utm_campaign" => utm[2] = value,
            "s" | "sub_id" if !value.is_empty() => sub_id = Some(value),
            _ => {}
        }
    }
    let any = utm.iter().any(|part| !part.is_empty());
    (any.then(|| utm.join("/")), sub_id)
}

/// What the script on the merchant's site is told.
#[derive(Debug, Clone)]
pub struct ScriptAnswer {
    /// The click, if one was made.
    pub token: Option<ClickToken>,
    /// How long the cookie shall live, days.
    pub days: i64,
    /// Why there is no click.
    pub reason: Option<&'static str>,
}

/// A click that the script reports: a visitor came with a code in the address. Internal
/// words that are no code of this program make no click and no affiliate.
pub async fn report(
    engine: &Engine,
    program: &ProgramId,
    code: &str,
    page: &str,
    visit: &Visit,
) -> Result<ScriptAnswer> {
    let none = |reason| ScriptAnswer { token: None, days: 0, reason: Some(reason) };
    let Ok(code) = code.parse::<LinkCode>() else { return Ok(none("not_a_code")) };
    let target = target(engine, &code).await?.filter(|target| target.program_id == *program);
    let Some(target) = target else { return Ok(none("unknown_code")) };
    let Ok(page) = target.allowed_domains.destination(page) else { return Ok(none("foreign_page")) };
    if !counts(&target) {
        return Ok(none("not_active"));
    }
    let query = page.query().unwrap_or_default().to_owned();
    let click = new_click(engine, &target, page.as_str(), &Visit { query, ..visit.clone() });
    let token = click.token.clone();
    engine
        .click_writer()
        .store(click)
        .await
        .inspect_err(|_| Counters::add(&engine.counters().clicks_not_stored))?;
    Counters::add(&engine.counters().clicks_stored);
    Ok(ScriptAnswer { token: Some(token), days: window_days(engine, program).await?, reason: None })
}

async fn window_days(engine: &Engine, program: &ProgramId) -> Result<i64> {
    let mut conn = engine.db().read().await?;
    let versions = store::terms::list(&mut conn, program).await?;
    Ok(in_force(&versions, engine.now()).map_or(30, |terms| terms.terms.window_days))
}

/// A lead that the site reports: somebody left an address after a click. Payments with
/// this address that had no proof are looked at again.
pub async fn lead(engine: &Engine, program: &ProgramId, token: &str, email: &str) -> Result<bool> {
    let (Ok(token), Ok(email)) = (token.parse::<ClickToken>(), email.parse::<Email>()) else {
        return Ok(false);
    };
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let click = store::clicks::seen(&mut tx, &token).await?;
        if click.is_none_or(|click| click.program_id != *program) {
            return Ok(false);
        }
        let id = LeadId::new(now, engine.random());
        if store::clicks::put_lead(&mut tx, &id, program, &email, &token, now).await? {
            for customer in store::customers::with_email(&mut tx, program, &email).await? {
                jobs::reevaluate(engine, &mut tx, &customer, now).await?;
            }
        }
        tx.commit().await?;
        engine.work().notify_one();
        Ok(true)
    })
    .await
}

/// Notes that a page of this host loaded the script, so that Settings can say "seen".
/// Asked of the database once in a few seconds a host, however many visitors it has.
pub async fn script_loaded(engine: &Engine, host: &str) -> Result<()> {
    const LONGEST_HOST: usize = 253;
    let host = host.to_ascii_lowercase();
    let now = engine.now();
    let plain = host.len() <= LONGEST_HOST
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
    if !plain || engine.caches().script_hosts.get(&host, now).is_some() {
        return Ok(());
    }
    engine.caches().script_hosts.put(host.clone(), None, now);
    let mut conn = engine.db().write().await?;
    Ok(store::programs::script_seen(&mut conn, &host, now).await?)
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

/// A page of the clicks on one's own links, newest first.
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

/// Stores clicks as they were made in the past: for the demo's history.
pub async fn put_history(engine: &Engine, clicks: &[NewClick]) -> Result<()> {
    Ok(store::clicks::put_all(engine.db(), clicks).await?)
}
