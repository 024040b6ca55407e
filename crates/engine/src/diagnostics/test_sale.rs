//! A test sale: the whole way from a click to a commission, on its own database.
//!
//! A copy of the program is set up under its current terms in an empty database that is
//! deleted afterwards, so the run leaves no trace in the numbers. The click, the signature,
//! the event and the ledger go through the functions that serve visitors and Stripe. Like
//! the worker, this sits on top of the other modules.

use std::time::Duration;

use connect::stripe::sample;
use connect::stripe::signature::header;
use domain::affiliates::AffiliateDraft;
use domain::diagnostics::TestSaleStep as Step;
use domain::ids::ProgramId;
use domain::money::Money;
use domain::programs::{ProgramDraft, parse_web_url};
use domain::terms::{Conditions, Reward, Rewards, Terms, in_force};
use store::db::Scratch;
use store::programs::Program;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::accounts::{self, OwnerDraft};
use crate::identity::scope;
use crate::identity::sessions::{self, MerchantActor};
use crate::ledger::conversions::{self, Filter, Page};
use crate::ledger::verify;
use crate::programs;
use crate::programs::affiliates;
use crate::stripe::connections;
use crate::stripe::webhooks::{self, DeliveryOutcome};
use crate::tracking::clicks::{self, Visit};
use crate::worker;

/// A run takes about a second; one that takes longer than this is stuck.
const DEADLINE: Duration = Duration::from_secs(20);
/// What the sample buyer pays: 100.00, or 10,000 of a currency without decimals.
const PAID_MINOR: i64 = 10_000;

/// Makes a test sale under a program's current terms. Returns its steps up to the first that
/// failed.
///
/// # Errors
/// [`Error::Unavailable`] while another run is under way: each makes a database.
pub async fn run(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<Vec<Step>> {
    actor.may_write()?;
    let Ok(_turn) = engine.test_sales().try_acquire() else { return Err(Error::Unavailable) };
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let versions = store::terms::list(&mut conn, &program.id).await?;
    drop(conn);
    let terms = in_force(&versions, engine.now())
        .ok_or_else(|| Error::Broken(format!("a program without terms: {}", program.id)))?
        .terms
        .clone();
    // The sample buyer has no product and no country: the first reward is taken as it would pay.
    let reward = Reward { conditions: Conditions::none(), ..terms.rewards.first().clone() };
    let terms = Terms { rewards: Rewards::one(reward), ..terms };
    let scratch = Scratch::new().await?;
    let sandbox_engine = engine.on(scratch.db.clone());
    let steps = tokio::time::timeout(DEADLINE, sell(&sandbox_engine, &program, &terms)).await;
    drop(sandbox_engine);
    scratch.db.close().await;
    steps.unwrap_or(Err(Error::Unavailable))
}

/// The whole way, on an engine with an empty database.
async fn sell(engine: &Engine, program: &Program, terms: &Terms) -> Result<Vec<Step>> {
    let (merchant, copy) = set_up(engine, program, terms).await?;
    let affiliate = AffiliateDraft {
        name: "Test affiliate".parse().map_err(Error::Broken)?,
        email: "affiliate@example.com".parse().map_err(broken)?,
        code: None,
    };
    let (_, link) = affiliates::add(engine, &merchant, &copy.id, &affiliate).await?;
    let secret = format!("whsec_{}", engine.key().fingerprint("test sale"));
    let endpoint = connections::connect_manually(engine, &merchant, &copy.id, &secret).await?;

    let Some(token) = click(engine, &copy, link.code.as_str()).await? else {
        return Ok(vec![Step::NoClick]);
    };
    let mut steps = vec![Step::Click { website: copy.website.clone() }];

    let now = engine.now();
    let event = sample::paid_checkout(&token, PAID_MINOR, copy.currency, now);
    let signature = header(&secret, event.as_bytes(), now);
    let path_token = endpoint.webhook_url.rsplit('/').next().unwrap_or_default().to_owned();
    match webhooks::receive(engine, &path_token, Some(signature.as_bytes()), event.as_bytes()).await {
        Ok(DeliveryOutcome::Stored) => steps.push(Step::SignedEvent),
        Ok(_) => {
            steps.push(Step::EventRejected { reason: "The event was not stored.".to_owned() });
            return Ok(steps);
        }
        Err(rejection) => {
            steps.push(Step::EventRejected { reason: rejection.to_string() });
            return Ok(steps);
        }
    }
    worker::drain(engine).await?;

    let rows = conversions::list(engine, &merchant, &copy.id, &Filter::default(), &Page::First, 2).await?;
    let [row] = rows.as_slice() else {
        steps.push(Step::NoConversion);
        return Ok(steps);
    };
    steps.push(Step::Conversion {
        paid: Money::new(PAID_MINOR, copy.currency),
        earned: Money::new(row.conversion.commission, row.conversion.commission_currency),
        expected: terms.rewards.first().steps.first().commission.on(PAID_MINOR, copy.currency, copy.currency),
    });
    let report = verify::ledger(engine).await?;
    steps.push(Step::Ledger { entries: report.entries, problem: report.problems.into_iter().next() });
    Ok(steps)
}

/// A company with a copy of the program.
async fn set_up(engine: &Engine, program: &Program, terms: &Terms) -> Result<(MerchantActor, Program)> {
    let owner = OwnerDraft {
        name: "Test merchant".parse().map_err(Error::Broken)?,
        email: "merchant@example.com".parse().map_err(broken)?,
        password: engine.key().fingerprint("test sale owner"),
        company: "Test".parse().map_err(Error::Broken)?,
    };
    let account = accounts::add_owner(engine, &owner).await?;
    let merchant = sessions::person(engine, &account)
        .await?
        .and_then(|person| person.merchant)
        .ok_or_else(|| Error::Broken("an owner without a company".to_owned()))?;
    let draft = ProgramDraft {
        allowed_domains: program.allowed_domains.clone(),
        time_zone: program.time_zone.parse().map_err(broken)?,
        ..ProgramDraft::new(
            program.name.parse().map_err(Error::Broken)?,
            parse_web_url(&program.website).map_err(broken)?,
            program.currency,
        )
    };
    let copy = programs::create(engine, &merchant, &draft, terms).await?;
    Ok((merchant, copy))
}

/// A value of the program that does not read back.
fn broken(error: impl std::fmt::Display) -> Error {
    Error::Broken(error.to_string())
}

/// Follows the link with an ordinary browser; `None` when it stored no click.
async fn click(engine: &Engine, program: &Program, code: &str) -> Result<Option<String>> {
    let visit = Visit {
        user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36".to_owned(),
        ..Visit::default()
    };
    let followed = clicks::follow(engine, code, &visit).await?;
    if let Some(token) = followed.and_then(|redirect| redirect.token) {
        return Ok(Some(token.to_string()));
    }
    // A late commit must not fail the run: reporting by the script waits for it.
    let reported =
        clicks::report(engine, &program.id, code, &program.website, &program.website, &visit).await?;
    Ok(reported.token.map(|token| token.to_string()))
}
