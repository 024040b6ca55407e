//! The pages that are measured on a large installation.

use anyhow::Context;
use app::routes;
use domain::clock::DAY_MS;
use domain::commissions::CommissionStatus;
use engine::Engine;
use engine::ledger::conversions;
use engine::ledger::reports::Period;
use engine::programs;
use engine::stripe::events;

use crate::demo::people::SIGN_INS;

/// Pages of the large program and of its owner, by a name and the address.
pub async fn pages(engine: &Engine) -> anyhow::Result<Vec<(String, String)>> {
    let (_, email, password) = SIGN_INS[0];
    let actor = super::owner(engine, email, password, "Lumen Notes").await?;
    let program = programs::list(engine, &actor, "", 1).await?.into_iter().next().context("a program")?.id;
    let (filter, first) = (conversions::Filter::default(), conversions::Page::First);
    let newest = conversions::list(engine, &actor, &program, &filter, &first, 1).await?;
    let newest = &newest.first().context("a conversion")?.conversion;
    let event = events::list(engine, &actor, &program, &events::Filter::default(), None, 1).await?;
    let event = event.first().context("an event")?;
    let of = routes::program(&program);
    let mut pages = vec![
        ("programs".to_owned(), routes::PROGRAMS.to_owned()),
        ("conversion".to_owned(), of.conversion(&newest.id)),
        ("payment".to_owned(), of.payment(&newest.payment_id)),
        ("affiliate".to_owned(), of.affiliate(&newest.affiliate_id)),
        ("affiliates".to_owned(), of.affiliates()),
        ("applications".to_owned(), of.applications()),
        ("links".to_owned(), of.links()),
        ("events".to_owned(), of.events()),
        ("event".to_owned(), of.event(&event.id)),
        ("unattributed".to_owned(), of.unattributed()),
        ("replay".to_owned(), of.replay()),
        ("rejected deliveries".to_owned(), of.rejected_deliveries()),
        ("settings: general".to_owned(), of.settings().general()),
        ("settings: terms".to_owned(), of.settings().terms()),
        ("settings: stripe".to_owned(), of.settings().stripe()),
        ("settings: reconciliation".to_owned(), of.settings().reconciliation()),
        ("settings: tracking".to_owned(), of.settings().tracking()),
        ("settings: keys".to_owned(), of.settings().keys()),
        ("settings: emails".to_owned(), of.settings().emails()),
        ("settings: payouts".to_owned(), of.settings().payouts()),
        ("search: a common word".to_owned(), of.search("affiliate")),
        ("search: a code".to_owned(), of.search("link-4999")),
        ("search: a customer".to_owned(), of.search("buyer100@buyers.example")),
        ("payouts due".to_owned(), of.payouts()),
        ("payout runs".to_owned(), of.payout_runs()),
        ("paid payouts".to_owned(), of.paid_payouts()),
    ];
    for period in Period::ALL {
        let query = format!("?period={}", period.word());
        pages.push((format!("overview {}", period.word()), of.overview() + &query));
        pages.push((format!("conversions {}", period.word()), of.conversions() + &query));
    }
    for status in CommissionStatus::ALL.map(CommissionStatus::word) {
        pages.push((
            format!("conversions {status}"),
            format!("{}?period=12mo&status={status}", of.conversions()),
        ));
    }
    let far = (newest.paid_at.0 - 200 * DAY_MS, &newest.id);
    let older = format!("{}?period=12mo&before={}.{}", of.conversions(), far.0, far.1);
    pages.push(("conversions, a late page".to_owned(), older));
    let narrowed = [("method", "manual"), ("affiliate", newest.affiliate_id.as_str())];
    for (name, value) in narrowed {
        let path = format!("{}?period=12mo&{name}={value}", of.conversions());
        pages.push((format!("conversions by {name}"), path));
    }
    for show in ["not_due", "decided", "waiting"] {
        pages.push((format!("unattributed: {show}"), format!("{}?show={show}", of.unattributed())));
    }
    for query in ["status=failed", "type=charge.refunded", "outcome=no_match", "source=backfill"] {
        pages.push((format!("events: {query}"), format!("{}?period=12mo&{query}", of.events())));
    }
    Ok(pages)
}
