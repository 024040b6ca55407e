//! Which check credits a payment, and when none does.

use domain::clock::SECOND_MS;
use domain::terms::{AttributionPriority, ClickModel, Terms};
use sandbox::{Buyer, CustomerChange, Duration, NewSession};

use super::check;
use crate::harness::{TERMS, World, checkout, metadata};
use crate::ledger::shapes;

#[tokio::test]
async fn a_payment_without_any_token_is_unattributed() {
    check(TERMS, "usd", &["no commission: no_match", "no commission: no_match"], async |w| {
        w.click("mira").await;
        w.buy(NewSession::of(&w.once(4_900, "usd")));
        w.time.days(1);
        w.buy(NewSession::of(&w.monthly(2_000, "usd")));
    })
    .await;
}

#[tokio::test]
async fn a_reference_of_the_merchant_and_an_unknown_token_earn_nothing() {
    check(TERMS, "usd", &["no commission: no_match", "no commission: unknown_token"], async |w| {
        let price = w.once(4_900, "usd");
        let session = NewSession::of(&price);
        w.buy(NewSession { client_reference_id: Some("order_4711".to_owned()), ..session });
        w.time.days(1);
        w.buy(checkout(&price, "hgc_0123456789012345678901234567890123456"));
    })
    .await;
}

#[tokio::test]
async fn a_lead_tracked_before_the_payment() {
    let expected = ["mira 980 usd by lead_email", "mira 400 usd by lead_email"];
    check(TERMS, "usd", &expected, async |w| {
        let token = w.click("mira").await;
        w.lead(&token, "ANN@buyers.example ").await;
        w.time.days(1);
        let ann = Buyer::new("Ann@Buyers.example", "Ann");
        w.stripe.buy(NewSession::of(&w.once(4_900, "usd")), &ann).unwrap();
        w.time.days(1);
        w.stripe.buy(NewSession::of(&w.monthly(2_000, "usd")), &ann).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_lead_tracked_after_the_payment() {
    let first = World::new().await;
    for version in shapes() {
        let mut w = first.another(TERMS, "usd").await;
        let token = w.click("mira").await;
        w.time.days(1);
        let ann = Buyer::new("ann@buyers.example", "Ann");
        let receipt = w.stripe.buy(NewSession::of(&w.monthly(2_000, "usd")), &ann).unwrap();
        w.stripe.buy(NewSession::of(&w.once(4_900, "usd")), &ann).unwrap();
        // Stripe's newest address of the subscriber is another one by now.
        w.time.days(1);
        let change = CustomerChange { email: Some("ann@new.example".to_owned()), ..Default::default() };
        w.stripe.update_customer(&receipt.customer.unwrap(), change).unwrap();
        w.deliver(version).await;
        assert_eq!(w.ledger().await, ["no commission: no_match"; 2]);
        w.lead(&token, "ann@buyers.example").await;
        w.work().await;
        let mut ledger = w.ledger().await;
        ledger.sort();
        assert_eq!(ledger, ["mira 400 usd by lead_email", "mira 980 usd by lead_email"], "in {version}");
        w.check_books().await;
    }
}

#[tokio::test]
async fn the_window_ends_to_the_second() {
    let expected = ["mira 980 usd by metadata", "no commission: click_expired"];
    check(TERMS, "usd", &expected, async |w| {
        let price = w.once(4_900, "usd");
        let token = w.click("mira").await;
        w.time.days(30);
        w.buy(checkout(&price, &token));
        w.time.advance(SECOND_MS);
        w.buy(checkout(&price, &token));
    })
    .await;
}

#[tokio::test]
async fn the_last_or_the_first_click_decides() {
    for (model, winner) in [(ClickModel::Last, "noah"), (ClickModel::First, "mira")] {
        let terms = Terms { click_model: model, ..TERMS };
        let expected = format!("{winner} 980 usd by metadata");
        check(terms, "usd", &[&expected], async |w| {
            let first = w.click("mira").await;
            w.time.days(1);
            let last = w.click("noah").await;
            w.time.days(1);
            let session = checkout(&w.once(4_900, "usd"), &last);
            w.buy(NewSession { payment_metadata: metadata(&first), ..session });
        })
        .await;
    }
}

#[tokio::test]
async fn a_promotion_code_of_an_affiliate_comes_before_or_after_a_click() {
    let orders = [
        (AttributionPriority::PromotionCode, "mira 320 usd by promotion_code"),
        (AttributionPriority::Click, "noah 320 usd by metadata"),
    ];
    for (order, expected) in orders {
        let terms = Terms { attribution_priority: order, ..TERMS };
        check(terms, "usd", &[expected], async |w| {
            let code = w.stripe.create_promotion_code("MIRA20", 2_000, Duration::Forever).unwrap();
            w.give_code("mira", &code, "MIRA20").await;
            let token = w.click("noah").await;
            w.time.days(1);
            let session = checkout(&w.monthly(2_000, "usd"), &token);
            w.buy(NewSession { promotion_code: Some("MIRA20".to_owned()), ..session });
        })
        .await;
    }
}
