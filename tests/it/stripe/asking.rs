//! Charges that do not name their invoice: Stripe is asked once, if it can be.

use domain::attribution::PaymentStatus::{Paid, Waiting};
use domain::clock::{DAY_MS, MINUTE_MS, SECOND_MS};
use domain::coupons::{CheckoutCode, CodeProblem, CouponDraft};
use engine::ledger::payments::{self, Payment, PaymentFilter};
use sandbox::{ApiVersion, Failure, Fault, Level, NewPayment, NewSession, Permission};

use super::shop::Shop;

const ASKED: &str = "/v1/invoice_payments";

/// Delivers the newest charge, and nothing else of its payment, in the shape that does not
/// name its invoice.
async fn deliver_charge(shop: &Shop) {
    let events = shop.world.stripe.events_after(0);
    let charge = events.iter().rfind(|event| event.kind() == "charge.succeeded").unwrap();
    let body = sandbox::render(charge, ApiVersion::NEWEST);
    let secrets = shop.endpoints().remove(0).secrets;
    let signature =
        sandbox::signature_header(secrets.iter().map(String::as_str), &body, shop.world.time.now());
    let (engine, endpoint) = (&shop.world.engine, &shop.world.endpoint);
    engine::stripe::webhooks::receive(engine, endpoint, Some(signature.as_bytes()), &body).await.unwrap();
    shop.world.work().await;
}

/// A thin event tells that a payment was made: the whole one is fetched from Stripe.
#[tokio::test]
async fn the_full_event_of_a_thin_event_is_fetched() {
    let shop = Shop::by_key().await;
    shop.world.time.advance(MINUTE_MS);
    let payment = NewPayment { amount: 7_000, currency: "usd".to_owned(), ..NewPayment::default() };
    shop.world.stripe.pay(payment).unwrap();
    let events = shop.world.stripe.events_after(0);
    let whole = events.iter().rfind(|event| event.kind() == "charge.succeeded").unwrap().id().to_owned();
    let thin = serde_json::json!({
        "id": "evt_thin", "object": "v2.core.event", "type": "v1.charge.succeeded",
        "created": "2026-03-02T09:01:00.000Z", "livemode": false, "snapshot_event": whole,
        "related_object": {"id": "ch_1", "type": "charge", "url": "/v1/charges/ch_1"},
    });
    let body = serde_json::to_vec(&thin).unwrap();
    let secrets = shop.endpoints().remove(0).secrets;
    let signature =
        sandbox::signature_header(secrets.iter().map(String::as_str), &body, shop.world.time.now());
    let (engine, endpoint) = (&shop.world.engine, &shop.world.endpoint);
    engine::stripe::webhooks::receive(engine, endpoint, Some(signature.as_bytes()), &body).await.unwrap();
    shop.world.work().await;
    assert_eq!((newest(&shop).await.status, newest(&shop).await.gross), (Paid, 7_000));
}

/// A customer of old pays by a payment intent.
async fn pay_directly(shop: &Shop) {
    let stripe = &shop.world.stripe;
    let customer = stripe.create_customer("old@buyers.example", "Old", [].into());
    let (customer, currency) = (Some(customer), "usd".to_owned());
    stripe.pay(NewPayment { amount: 7_000, currency, customer, ..NewPayment::default() }).unwrap();
    deliver_charge(shop).await;
}

async fn newest(shop: &Shop) -> Payment {
    let world = &shop.world;
    let list =
        payments::list(&world.engine, &world.merchant, &world.program.id, PaymentFilter::All, None, 1).await;
    list.unwrap().remove(0)
}

async fn after(shop: &Shop, ms: i64) -> Payment {
    shop.world.time.advance(ms);
    shop.world.work().await;
    newest(shop).await
}

fn times_asked(shop: &Shop) -> usize {
    shop.world.stripe.requests().iter().filter(|request| request.path == ASKED).count()
}

#[tokio::test]
async fn a_direct_payment_is_booked_by_stripes_answer() {
    let shop = Shop::by_key().await;
    shop.world.time.advance(MINUTE_MS);
    pay_directly(&shop).await;
    assert_eq!((newest(&shop).await.status, times_asked(&shop)), (Waiting, 0), "not at once");
    let payment = after(&shop, 31 * SECOND_MS).await;
    assert_eq!((payment.status, payment.gross), (Paid, 7_000));
    after(&shop, 2 * 60 * MINUTE_MS).await;
    assert_eq!(times_asked(&shop), 1, "an account’s reads are counted");
    shop.world.check_books().await;
}

#[tokio::test]
async fn a_charge_of_an_invoice_is_linked_to_it_and_waits_for_its_event() {
    let shop = Shop::by_key().await;
    shop.world.time.advance(MINUTE_MS);
    let price = shop.world.monthly(3_000, "usd");
    shop.world.buy(NewSession::of(&price));
    deliver_charge(&shop).await;
    let payment = after(&shop, 31 * SECOND_MS).await;
    assert!(payment.stripe_id.starts_with("in_"), "{payment:?}");
    let payment = after(&shop, 2 * 60 * MINUTE_MS).await;
    assert_eq!((payment.status, times_asked(&shop)), (Waiting, 1), "only the invoice may count");
    // Its event was missed and is fetched.
    shop.repair().await;
    let fetched = after(&shop, SECOND_MS).await;
    assert_eq!((&fetched.id, fetched.status, fetched.gross), (&payment.id, Paid, 3_000));
}

#[tokio::test]
async fn an_invoice_that_arrives_in_time_is_not_requested() {
    let mut shop = Shop::by_key().await;
    shop.world.time.advance(MINUTE_MS);
    let price = shop.world.monthly(3_000, "usd");
    shop.world.buy(NewSession::of(&price));
    deliver_charge(&shop).await;
    shop.deliver().await;
    assert_eq!(after(&shop, MINUTE_MS).await.status, Paid);
    assert_eq!(times_asked(&shop), 0);
}

#[tokio::test]
async fn the_wait_ends_if_stripe_does_not_respond() {
    let shop = Shop::by_key().await;
    shop.world.time.advance(MINUTE_MS);
    shop.world.stripe.set_permission(&shop.key, Permission::Invoices, None).unwrap();
    pay_directly(&shop).await;
    assert_eq!(after(&shop, 31 * SECOND_MS).await.status, Waiting);
    assert!(shop.status().await.is_connected(), "a missing permission is no lost access");
    assert_eq!(after(&shop, 60 * MINUTE_MS).await.status, Paid);
    let engine::jobs::Counts { waiting, dead } = engine::jobs::counts(&shop.world.engine).await.unwrap();
    assert_eq!((waiting, dead), (0, 0));
}

#[tokio::test]
async fn a_lookup_that_fails_at_stripe_is_retried() {
    let shop = Shop::by_key().await;
    shop.world.time.advance(MINUTE_MS);
    shop.world.stripe.fail(Fault::new(Failure::Status(500)).on(ASKED));
    pay_directly(&shop).await;
    assert_eq!(after(&shop, 31 * SECOND_MS).await.status, Waiting);
    shop.world.stripe.clear_faults();
    assert_eq!(after(&shop, MINUTE_MS).await.status, Paid);
}

/// Gives Mira a promotion code, as the affiliate's page does.
async fn give(shop: &Shop, id: &str, typed: &str) -> Result<String, engine::Error> {
    let world = &shop.world;
    let mira = &world.affiliates["mira"].id;
    let draft = CouponDraft {
        promotion_code: id.parse().expect("an id"),
        code: CheckoutCode::parse(typed).expect("a code"),
    };
    let given =
        engine::programs::coupons::add(&world.engine, &world.merchant, &world.program.id, mira, &draft)
            .await?;
    Ok(given.code)
}

#[tokio::test]
async fn a_promotion_code_must_exist_at_stripe_where_that_can_be_asked() {
    let shop = Shop::by_key().await;
    let mira20 = shop.world.stripe.create_promotion_code("MIRA20", 2_000, sandbox::Duration::Once).unwrap();
    assert_eq!(give(&shop, &mira20, "").await.unwrap(), "MIRA20", "as Stripe calls it");
    let missing = give(&shop, "promo_1Nowhere", "NOWHERE").await.unwrap_err();
    assert!(format!("{missing:?}").contains("Stripe has no promotion code"), "{missing:?}");
    // Where Stripe gives no answer, what was typed is taken, and has to be there.
    shop.world.stripe.fail(Fault::new(Failure::Status(500)).on("/v1/promotion_codes"));
    let untyped = give(&shop, "promo_1Untyped", "").await.unwrap_err();
    assert!(format!("{untyped:?}").contains("as buyers enter it"), "{untyped:?}");
    assert_eq!(give(&shop, "promo_1Typed", "TYPED").await.unwrap(), "TYPED");
}

/// Mira's codes, as her page shows them: the text, why buyers cannot use it, and whether Stripe
/// has said anything about it.
async fn codes(shop: &Shop) -> Vec<(String, Option<CodeProblem>, bool)> {
    let (world, mira) = (&shop.world, &shop.world.affiliates["mira"].id);
    let detail =
        engine::programs::affiliates::detail(&world.engine, &world.merchant, &world.program.id, mira);
    let coupons = detail.await.unwrap().coupons.into_iter();
    let mut codes: Vec<_> = coupons
        .map(|coupon| (coupon.code, coupon.status.problem_at(world.time.now()), coupon.seen_at.is_some()))
        .collect();
    codes.sort_by_key(|(code, ..)| code.to_lowercase());
    codes
}

fn unknown(code: &str) -> (String, Option<CodeProblem>, bool) {
    (code.to_owned(), None, false)
}

fn known(code: &str, problem: Option<CodeProblem>) -> (String, Option<CodeProblem>, bool) {
    (code.to_owned(), problem, true)
}

#[tokio::test]
async fn a_code_that_was_given_while_stripe_gave_no_answer_is_asked_about_later() {
    let shop = Shop::by_key().await;
    let stripe = &shop.world.stripe;
    let mira20 = stripe.create_promotion_code("MIRA20", 2_000, sandbox::Duration::Once).unwrap();
    let mira30 = stripe.create_promotion_code("MIRA30", 3_000, sandbox::Duration::Once).unwrap();
    stripe.set_promotion_code_active(&mira30, false).unwrap();
    stripe.fail(Fault::new(Failure::Status(500)).on("/v1/promotion_codes"));
    for (id, typed) in [(mira20.as_str(), "mira20"), (&mira30, "MIRA30"), ("promo_1Typo", "TYPO")] {
        give(&shop, id, typed).await.unwrap();
    }
    shop.world.work().await;
    assert_eq!(codes(&shop).await, ["mira20", "MIRA30", "TYPO"].map(unknown));
    stripe.clear_faults();
    shop.world.time.advance(MINUTE_MS);
    shop.world.work().await;
    let expected = [
        known("MIRA20", None),
        known("MIRA30", Some(CodeProblem::Inactive)),
        known("TYPO", Some(CodeProblem::Missing)),
    ];
    assert_eq!(codes(&shop).await, expected);
    // What was answered is not asked again.
    let asked = |shop: &Shop| {
        shop.world
            .stripe
            .requests()
            .iter()
            .filter(|request| request.path.starts_with("/v1/promotion_codes/"))
            .count()
    };
    let before = asked(&shop);
    shop.world.time.days(2);
    shop.world.work().await;
    assert_eq!(asked(&shop), before);
}

#[tokio::test]
async fn a_code_that_was_given_without_the_permission_is_asked_about_by_the_daily_check() {
    let shop = Shop::by_key().await;
    // Begins the daily checks, and stops at once.
    let (stop, stopped) = tokio::sync::watch::channel(true);
    engine::worker::work(shop.world.engine.clone(), stopped).await;
    drop(stop);
    let mira20 = shop.world.stripe.create_promotion_code("MIRA20", 2_000, sandbox::Duration::Once).unwrap();
    shop.world.stripe.set_permission(&shop.key, Permission::PromotionCodes, None).unwrap();
    give(&shop, &mira20, "MIRA20").await.unwrap();
    shop.world.work().await;
    assert_eq!(codes(&shop).await, [unknown("MIRA20")]);
    shop.world.stripe.set_permission(&shop.key, Permission::PromotionCodes, Some(Level::Read)).unwrap();
    shop.world.time.advance(DAY_MS + MINUTE_MS);
    shop.world.work().await;
    shop.world.work().await;
    assert_eq!(codes(&shop).await, [known("MIRA20", None)]);
}
