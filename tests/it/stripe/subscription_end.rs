//! The end of a subscription is shown wherever its payments are.

use axum::body::Body;
use axum::http::Request;
use domain::affiliates::AffiliateDraft;
use engine::ledger::payments::{Assignee, PaymentFilter};
use engine::{ledger, worker};
use rstest::rstest;
use sandbox::{ApiVersion, Buyer, Cancel, Event, Interval, NewPrice, NewSession};

use super::stripe_site::StripeSite;

/// Delivers events in an order of ours, each twice.
async fn deliver(stripe_site: &StripeSite, events: &[Event]) {
    for event in events.iter().chain(events).filter(|event| ApiVersion::ACACIA.knows_event(event.kind())) {
        let account = stripe_site.account.account_id();
        let named = sandbox::render_for_connect(event, ApiVersion::ACACIA, &account);
        stripe_site.post(&stripe_site.platform, event.kind(), &named, true).await;
        worker::drain(&stripe_site.site.engine).await.unwrap();
    }
}

#[rstest]
#[tokio::test]
async fn payment_conversion_and_event_say_when_the_subscription_ended(
    #[values(false, true)] end_comes_first: bool,
) {
    let stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    stripe_site.connect(&browser).await;
    let (engine, actor) = (&stripe_site.site.engine, &stripe_site.merchant.actor);
    let program = &stripe_site.merchant.program.id;
    let draft = AffiliateDraft {
        name: "Mira".parse().unwrap(),
        email: "mira@affiliates.example".parse().unwrap(),
        code: None,
    };
    let (affiliate, _) = engine::programs::affiliates::add(engine, actor, program, &draft).await.unwrap();
    stripe_site.site.advance(domain::clock::MINUTE_MS);
    let account = stripe_site.account.clone();
    let price = account.create_price(NewPrice::every(Interval::Month, "Lumen Pro", 2_900, "usd")).unwrap();
    let bought = account.buy(NewSession::of(&price), &Buyer::new("ann@buyers.example", "Ann")).unwrap();
    account.cancel(&bought.subscription.unwrap(), Cancel::Now).unwrap();
    stripe_site.site.advance(domain::clock::MINUTE_MS);
    let mut events = account.events_after(0);
    if end_comes_first {
        events.reverse();
    }
    deliver(&stripe_site, &events).await;
    let payments =
        ledger::payments::list(engine, actor, program, PaymentFilter::All, None, 10).await.unwrap();
    let payment = payments.iter().find(|payment| payment.subscription.is_some()).unwrap();
    let ended = "Subscription ended";
    let base = format!("/programs/{program}");
    let page = browser.get(&format!("{base}/payments/{}", payment.id)).await.body;
    assert!(page.contains("Ended on") && page.contains("2 Mar 2026"), "{page}");

    let to = Assignee::Affiliate(affiliate.id);
    ledger::payments::assign(engine, actor, program, &payment.id, &to, false).await.unwrap();
    let detail = ledger::payments::detail(engine, actor, program, &payment.id).await.unwrap();
    let conversion = detail.conversion.unwrap();
    let page = browser.get(&format!("{base}/conversions/{conversion}")).await.body;
    assert!(page.contains(ended) && page.contains("Ended on"), "{page}");

    let received = stripe_site.events().await;
    let end = received.iter().find(|event| event.event_type == "customer.subscription.deleted").unwrap();
    let page = browser.get(&format!("{base}/events/{}", end.id)).await.body;
    assert!(page.contains("The subscription ended on 2 Mar 2026."), "{page}");
    let log = browser.get(&format!("{base}/events")).await.body;
    for wording in ["Changes no payment.", "counted under", "under in_"] {
        assert!(!log.contains(wording), "{wording}: {log}");
    }
    let key = engine::identity::api_keys::create(engine, actor, None).await.unwrap().1;
    for path in [format!("conversions/{conversion}"), format!("payments/{}", payment.id)] {
        let request = Request::get(format!("/api/v1{base}/{path}"))
            .header("host", "hg.test")
            .header("authorization", format!("Bearer {key}"))
            .body(Body::empty())
            .unwrap();
        let answer = stripe_site.site.send(request).await.body;
        assert!(answer.contains("\"subscriptionEndedAt\":\"2026-03-02T"), "{answer}");
    }
}
