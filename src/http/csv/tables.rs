//! The columns and rows of each file.

use app::presenters::reasons::outcome_text;
use app::request::queries::{self, Parameters};
use app::text::Zone;
use axum::response::Response;
use domain::affiliates::AffiliateStatus;
use domain::clicks::ClickToken;
use domain::clock::Timestamp;
use domain::emails::Email;
use domain::ids::{LinkId, ProgramId};
use domain::money::decimal_text;
use engine::Engine;
use engine::identity::sessions::{AffiliateActor, MerchantActor};
use engine::ledger::conversions as credited;
use engine::ledger::conversions::{ConversionRow, Filter, Page};
use engine::ledger::reports;
use engine::programs;
use engine::programs::affiliates as people;
use engine::programs::links as tracking;
use engine::stripe::events;
use engine::tracking::clicks::{self as visits, Click};

use super::format::time;
use super::{PAGE, PageOf, stream_table};
use crate::http::error_pages;
use crate::http::signed_in::refused;

const CONVERSION_HEAD: [&str; 16] = [
    "conversion",
    "paid_at",
    "affiliate",
    "affiliate_id",
    "method",
    "payment",
    "label",
    "customer",
    "currency",
    "amount",
    "base",
    "refunded",
    "disputed",
    "commission",
    "commission_currency",
    "status",
];

/// Where the next page of a list by time begins.
fn after_last(rows: &[ConversionRow]) -> Option<Page> {
    let last = rows.last().filter(|_| rows.len() as i64 == PAGE)?;
    Some(Page::Before(last.conversion.paid_at, last.conversion.id.to_string()))
}

fn conversion_cells(row: &ConversionRow, customer: String) -> Vec<String> {
    let c = &row.conversion;
    let net = if c.canceled { 0 } else { c.commission - c.reversed };
    vec![
        c.id.to_string(),
        time(c.paid_at),
        row.affiliate_name.clone(),
        c.affiliate_id.to_string(),
        c.method.word().to_owned(),
        row.stripe_id.clone(),
        row.label.clone().unwrap_or_default(),
        customer,
        c.currency.to_string(),
        decimal_text(c.amount, c.currency),
        decimal_text(c.base, c.currency),
        decimal_text(c.refunded, c.currency),
        decimal_text(c.disputed, c.currency),
        decimal_text(net, c.commission_currency),
        c.commission_currency.to_string(),
        row.status.word().to_owned(),
    ]
}

pub async fn conversions(
    engine: Engine,
    actor: MerchantActor,
    program: ProgramId,
    parameters: Parameters,
) -> Response {
    let zone = match programs::get(&engine, &actor, &program).await {
        Ok(program) => program.time_zone,
        Err(error) => return refused(error),
    };
    let filter = queries::conversions(&parameters, &zone, engine.now()).filter;
    stream_table("conversions", &CONVERSION_HEAD, move |page: Option<Page>| {
        let (engine, actor, program, filter) =
            (engine.clone(), actor.clone(), program.clone(), filter.clone());
        async move {
            let page = page.unwrap_or(Page::First);
            let rows = credited::list(&engine, &actor, &program, &filter, &page, PAGE).await?;
            let email = |row: &ConversionRow| row.email.as_ref().map(Email::to_string).unwrap_or_default();
            Ok((rows.iter().map(|row| conversion_cells(row, email(row))).collect(), after_last(&rows)))
        }
    })
    .await
}

pub async fn earnings(
    engine: Engine,
    actor: AffiliateActor,
    program: ProgramId,
    parameters: Parameters,
) -> Response {
    let zone = match reports::time_zone(&engine, &actor, &program).await {
        Ok(zone) => zone,
        Err(error) => return refused(error),
    };
    let filter: Filter = queries::conversions(&parameters, &zone, engine.now()).filter;
    stream_table("earnings", &CONVERSION_HEAD, move |page: Option<Page>| {
        let (engine, actor, program, filter) =
            (engine.clone(), actor.clone(), program.clone(), filter.clone());
        async move {
            let page = page.unwrap_or(Page::First);
            let rows = credited::list_for_affiliate(&engine, &actor, &program, &filter, &page, PAGE).await?;
            let masked = |row: &ConversionRow| row.email.as_ref().map(Email::masked).unwrap_or_default();
            let cells = |row: &ConversionRow| {
                let mut cells = conversion_cells(row, masked(row));
                // Affiliates do not see Stripe's ids.
                cells[5].clear();
                cells
            };
            Ok((rows.iter().map(cells).collect(), after_last(&rows)))
        }
    })
    .await
}

pub async fn affiliates(
    engine: Engine,
    actor: MerchantActor,
    program: ProgramId,
    parameters: Parameters,
) -> Response {
    let status = parameters.get("status").and_then(AffiliateStatus::from_word);
    let head = ["affiliate", "name", "email", "status", "reason", "joined_at"];
    stream_table("affiliates", &head, move |after: Option<String>| {
        let (engine, actor, program) = (engine.clone(), actor.clone(), program.clone());
        async move {
            let after = after.unwrap_or_default();
            let rows = people::list(&engine, &actor, &program, status, &after, PAGE).await?;
            let next = rows.last().filter(|_| rows.len() as i64 == PAGE).map(|last| last.id.to_string());
            let cells = rows.into_iter().map(|a| {
                let reason = a.status_reason.unwrap_or_default();
                vec![
                    a.id.to_string(),
                    a.name,
                    a.email.to_string(),
                    a.status.word().to_owned(),
                    reason,
                    time(a.created_at),
                ]
            });
            Ok((cells.collect(), next)) as PageOf<String>
        }
    })
    .await
}

pub async fn events(
    engine: Engine,
    actor: MerchantActor,
    program: ProgramId,
    parameters: Parameters,
) -> Response {
    let Ok(found) = programs::get(&engine, &actor, &program).await else {
        return error_pages::not_found();
    };
    let filter = queries::events(&parameters, &found.time_zone, engine.now());
    let zone = Zone::named(&found.time_zone);
    let head = [
        "event",
        "type",
        "received_at",
        "created_at",
        "api_version",
        "livemode",
        "status",
        "outcome",
        "sentence",
        "object_id",
    ];
    stream_table("events", &head, move |before: Option<(Timestamp, String)>| {
        let (engine, actor, program, filter, zone) =
            (engine.clone(), actor.clone(), program.clone(), filter.clone(), zone.clone());
        async move {
            let rows = events::list(&engine, &actor, &program, &filter, before, PAGE).await?;
            let next =
                rows.last().filter(|_| rows.len() as i64 == PAGE).map(|e| (e.received_at, e.id.to_string()));
            let cells = rows.into_iter().map(|e| {
                vec![
                    e.event_id,
                    e.event_type,
                    time(e.received_at),
                    time(e.event_created_at),
                    e.api_version.unwrap_or_default(),
                    e.livemode.map(|live| live.to_string()).unwrap_or_default(),
                    e.status.word().to_owned(),
                    e.outcome.as_ref().map(|outcome| outcome.word().to_owned()).unwrap_or_default(),
                    e.outcome.as_ref().map(|outcome| outcome_text(outcome, &zone)).unwrap_or_default(),
                    e.object_id.unwrap_or_default(),
                ]
            });
            Ok((cells.collect(), next))
        }
    })
    .await
}

pub async fn links(engine: Engine, actor: MerchantActor, program: ProgramId, _: Parameters) -> Response {
    let head = ["link", "code", "affiliate", "destination_url", "placement", "clicks", "created_at"];
    stream_table("links", &head, move |before: Option<LinkId>| {
        let (engine, actor, program) = (engine.clone(), actor.clone(), program.clone());
        async move {
            let rows = tracking::list(&engine, &actor, &program, None, before.as_ref(), PAGE).await?;
            let next = rows.last().filter(|_| rows.len() as i64 == PAGE).map(|row| row.link.id.clone());
            let cells = rows.into_iter().map(|row| {
                vec![
                    row.link.id.to_string(),
                    row.link.code.to_string(),
                    row.affiliate_name,
                    row.link.destination_url,
                    row.link.placement.unwrap_or_default(),
                    row.clicks.to_string(),
                    time(row.link.created_at),
                ]
            });
            Ok((cells.collect(), next))
        }
    })
    .await
}

const CLICK_HEAD: [&str; 13] = [
    "click",
    "at",
    "code",
    "affiliate",
    "destination_url",
    "referrer",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "placement",
    "country",
    "device",
    "bot",
];

fn click_cells(click: Click) -> Vec<String> {
    vec![
        click.token.to_string(),
        time(click.at),
        click.link_code,
        click.affiliate_name,
        click.landing_url,
        click.referrer_host.unwrap_or_default(),
        click.utm_source.unwrap_or_default(),
        click.utm_medium.unwrap_or_default(),
        click.utm_campaign.unwrap_or_default(),
        click.placement.unwrap_or_default(),
        click.country.unwrap_or_default(),
        click.device,
        click.bot.to_string(),
    ]
}

/// The cells of some clicks, and where the next page begins.
fn click_page(rows: Vec<Click>) -> (Vec<Vec<String>>, Option<ClickToken>) {
    let next = rows.last().filter(|_| rows.len() as i64 == PAGE).map(|click| click.token.clone());
    (rows.into_iter().map(click_cells).collect(), next)
}

pub async fn clicks(engine: Engine, actor: MerchantActor, program: ProgramId, _: Parameters) -> Response {
    stream_table("clicks", &CLICK_HEAD, move |before: Option<ClickToken>| {
        let (engine, actor, program) = (engine.clone(), actor.clone(), program.clone());
        async move {
            let rows = visits::list(&engine, &actor, &program, None, before.as_ref(), PAGE).await?;
            Ok(click_page(rows))
        }
    })
    .await
}

pub async fn own_clicks(
    engine: Engine,
    actor: AffiliateActor,
    program: ProgramId,
    _: Parameters,
) -> Response {
    stream_table("clicks", &CLICK_HEAD, move |before: Option<ClickToken>| {
        let (engine, actor, program) = (engine.clone(), actor.clone(), program.clone());
        async move {
            let rows = visits::list_for_affiliate(&engine, &actor, &program, before.as_ref(), PAGE).await?;
            Ok(click_page(rows))
        }
    })
    .await
}

/// The differences of the newest reconciliation; all of them are one page.
pub async fn reconciliation(
    engine: Engine,
    actor: MerchantActor,
    program: ProgramId,
    _: Parameters,
) -> Response {
    let head = [
        "charge",
        "charged_at",
        "difference",
        "currency",
        "amount_at_stripe",
        "refunded_at_stripe",
        "amount_here",
        "refunded_here",
        "payment",
        "can_be_imported",
    ];
    stream_table("reconciliation", &head, move |_: Option<()>| {
        let (engine, actor, program) = (engine.clone(), actor.clone(), program.clone());
        async move {
            let report = engine::stripe::reconciliation::latest(&engine, &actor, &program).await?;
            let differences = report.map(|report| report.differences).unwrap_or_default();
            let cells = differences.into_iter().map(|d| {
                let amount = |minor| decimal_text(minor, d.currency);
                vec![
                    d.stripe_id.clone(),
                    time(d.at),
                    d.kind.word().to_owned(),
                    d.currency.to_string(),
                    amount(d.stripe_amount),
                    amount(d.stripe_refunded),
                    amount(d.our_amount),
                    amount(d.our_refunded),
                    d.payment.map(|payment| payment.to_string()).unwrap_or_default(),
                    d.can_be_backfilled.to_string(),
                ]
            });
            Ok((cells.collect(), None))
        }
    })
    .await
}
