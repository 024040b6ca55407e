//! A test sale: the whole way from a click to a commission, on a database of its own.
//!
//! A program is set up again under its present terms in an empty database that is thrown
//! away afterwards, so the run leaves no trace in the numbers. Nothing is pretended: the
//! click, the signature, the event and the ledger go through the functions that serve
//! visitors and Stripe. Like the job dispatcher, this sits on top of the other modules.

use std::time::Duration;

use connect::stripe::sample;
use connect::stripe::signature::header;
use domain::affiliates::AffiliateDraft;
use domain::ids::ProgramId;
use domain::money::Money;
use domain::programs::{ProgramDraft, parse_web_url};
use domain::terms::{Terms, in_force};
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
use crate::stripe::webhooks::{self, Receipt};
use crate::tracking::clicks::{self, Visit};
use crate::worker;

/// A run takes about a second; one that takes longer than this is stuck.
const DEADLINE: Duration = Duration::from_secs(20);
/// What the sample buyer pays: 100.00, or 10,000 of a currency without decimals.
const PAID_MINOR: i64 = 10_000;

/// One station of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Station {
    /// What was tried.
    pub title: &'static str,
    /// Whether it went as it must.
    pub good: bool,
    /// What was found.
    pub found: String,
}

/// Sells something to nobody and looks where the money goes. The stations up to the first
/// that failed.
///
/// # Errors
/// [`Error::Unavailable`] while another run is under way: each makes a database.
pub async fn run(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<Vec<Station>> {
    actor.may_write()?;
    let Ok(_turn) = engine.test_sales().try_acquire() else { return Err(Error::Unavailable) };
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let versions = store::terms::list(&mut conn, &program.id).await?;
    drop(conn);
    let rules = in_force(&versions, engine.now())
        .ok_or_else(|| Error::Broken(format!("a program without terms: {}", program.id)))?
        .terms;
    let scratch = Scratch::new().await?;
    let stage = engine.on(scratch.db.clone());
    let played = tokio::time::timeout(DEADLINE, play(&stage, &program, &rules)).await;
    drop(stage);
    scratch.db.close().await;
    played.unwrap_or(Err(Error::Unavailable))
}

/// The whole way on an empty stage.
async fn play(stage: &Engine, program: &Program, rules: &Terms) -> Result<Vec<Station>> {
    let mut stations = Vec::new();
    let (merchant, copy) = set_up(stage, program, rules).await?;
    let affiliate = AffiliateDraft {
        name: "Test affiliate".parse().map_err(Error::Broken)?,
        email: "affiliate@example.com".parse().map_err(broken)?,
        code: None,
    };
    let (_, link) = affiliates::add(stage, &merchant, &copy.id, &affiliate).await?;
    let secret = format!("whsec_{}", stage.key().fingerprint("rehearsal"));
    let endpoint = connections::connect_manually(stage, &merchant, &copy.id, &secret).await?;

    let Some(token) = click(stage, &copy, link.code.as_str()).await? else {
        stations.push(Station {
            title: "Click",
            good: false,
            found: "The link gave no click. Look whether the website is among the landing pages.".to_owned(),
        });
        return Ok(stations);
    };
    stations.push(Station {
        title: "Click",
        good: true,
        found: format!("The link leads to {} and its click is stored.", copy.website),
    });

    let now = stage.now();
    let event = sample::paid_checkout(&token, PAID_MINOR, copy.currency, now);
    let signature = header(&secret, event.as_bytes(), now);
    let path_token = endpoint.webhook_url.rsplit('/').next().unwrap_or_default().to_owned();
    let received = webhooks::receive(stage, &path_token, Some(signature.as_bytes()), event.as_bytes()).await;
    let good = matches!(received, Ok(Receipt::Stored));
    stations.push(Station {
        title: "Signed event",
        good,
        found: match received {
            Ok(_) => "The signature was right and the event is stored.".to_owned(),
            Err(refused) => format!("The event was refused: {refused}."),
        },
    });
    if !good {
        return Ok(stations);
    }
    worker::drain(stage).await?;

    let rows = conversions::list(stage, &merchant, &copy.id, &Filter::default(), &Page::First, 2).await?;
    let expected = rules.commission_on(PAID_MINOR, copy.currency, copy.currency);
    let [row] = rows.as_slice() else {
        stations.push(Station {
            title: "Conversion",
            good: false,
            found: "The payment was not credited to the affiliate of the click.".to_owned(),
        });
        return Ok(stations);
    };
    let earned = Money::new(row.conversion.commission, row.conversion.commission_currency);
    stations.push(Station {
        title: "Conversion",
        good: expected.is_some_and(|money| money.minor == row.conversion.commission),
        found: format!(
            "{} were paid, and {earned} go to the affiliate under the present terms.",
            Money::new(PAID_MINOR, copy.currency)
        ),
    });
    let report = verify::ledger(stage).await?;
    stations.push(Station {
        title: "Ledger",
        good: report.problems.is_empty() && report.entries > 0,
        found: match report.problems.first() {
            Some(problem) => format!("{problem}."),
            None => "The entries add up and their hashes fit.".to_owned(),
        },
    });
    Ok(stations)
}

/// A company with a copy of the program.
async fn set_up(stage: &Engine, program: &Program, rules: &Terms) -> Result<(MerchantActor, Program)> {
    let owner = OwnerDraft {
        name: "Test merchant".parse().map_err(Error::Broken)?,
        email: "merchant@example.com".parse().map_err(broken)?,
        password: stage.key().fingerprint("rehearsal owner"),
        company: "Test".parse().map_err(Error::Broken)?,
    };
    let account = accounts::add_owner(stage, &owner).await?;
    let merchant = sessions::person(stage, &account)
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
    let copy = programs::create(stage, &merchant, &draft, rules).await?;
    Ok((merchant, copy))
}

/// A value of the program that does not read back.
fn broken(error: impl std::fmt::Display) -> Error {
    Error::Broken(error.to_string())
}

/// Somebody follows the link with an ordinary browser.
async fn click(stage: &Engine, program: &Program, code: &str) -> Result<Option<String>> {
    let visit = Visit {
        user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36".to_owned(),
        ..Visit::default()
    };
    let followed = clicks::follow(stage, code, &visit).await?;
    if let Some(token) = followed.and_then(|redirect| redirect.token) {
        return Ok(Some(token.to_string()));
    }
    // A late commit must not fail the run: the script's way waits for as long as it takes.
    let answer = clicks::report(stage, &program.id, code, &program.website, &visit).await?;
    Ok(answer.token.map(|token| token.to_string()))
}
