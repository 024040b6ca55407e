//! The table: what each way of paying comes to, to the minor unit, in every shape of events.

use domain::clock::{DAY_MS, MINUTE_MS, SECOND_MS};
use domain::terms::{AttributionPriority, ClickModel, Commission, Recurrence, Terms};
use sandbox::{Buyer, Cancel, CustomerChange, Duration, NewPayment, NewPaymentLink, NewSession, Verdict};

use super::shapes;
use crate::harness::{TERMS, World, checkout, metadata};

/// Plays a row in every shape, delivers, and compares the ledger with what it must be.
async fn row(terms: Terms, code: &str, expected: &[&str], play: impl AsyncFn(&mut World)) {
    let first = World::with(terms, code).await;
    for version in shapes() {
        let mut world = first.another(terms, code).await;
        play(&mut world).await;
        world.deliver(version).await;
        assert_eq!(world.ledger().await, expected, "in {version}");
        world.check_books().await;
    }
}

const PERCENT_12_5: Terms = Terms { commission: Commission::Percent { rate_bps: 1_250 }, ..TERMS };
const FIXED: Terms = Terms { commission: Commission::Fixed { amount_minor: 500 }, ..TERMS };

#[tokio::test]
async fn a_one_time_checkout() {
    row(TERMS, "usd", &["mira 980 usd by metadata"], async |w| {
        let token = w.click("mira").await;
        w.time.days(1);
        w.buy(checkout(&w.once(4_900, "usd"), &token));
    })
    .await;
}

#[tokio::test]
async fn a_one_time_checkout_with_an_invoice() {
    row(TERMS, "usd", &["mira 980 usd by metadata"], async |w| {
        let token = w.click("mira").await;
        w.time.days(1);
        let session = checkout(&w.once(4_900, "usd"), &token);
        w.buy(NewSession { invoice_creation: true, tax_bps: 1_900, ..session });
    })
    .await;
}

#[tokio::test]
async fn a_subscription_with_two_renewals() {
    let expected =
        ["mira 400 usd by metadata", "mira 400 usd by known_customer", "mira 400 usd by known_customer"];
    row(TERMS, "usd", &expected, async |w| {
        let token = w.click("mira").await;
        w.time.days(1);
        let bought = w.buy(NewSession {
            subscription_metadata: metadata(&token),
            ..NewSession::of(&w.monthly(2_000, "usd"))
        });
        for _ in 0..2 {
            w.time.days(31);
            w.stripe.renew(bought.subscription.as_ref().unwrap()).unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_payment_link_that_carries_only_the_reference() {
    let expected = ["mira 980 usd by client_reference"];
    row(TERMS, "usd", &expected, async |w| {
        let token = w.click("mira").await;
        w.time.advance(MINUTE_MS);
        let price = w.once(4_900, "usd");
        let link = NewPaymentLink { lines: vec![(price.clone(), 1)], ..NewPaymentLink::default() };
        let link = w.stripe.create_payment_link(link).unwrap();
        w.buy(NewSession {
            client_reference_id: Some(token),
            payment_link: Some(link),
            ..NewSession::of(&price)
        });
    })
    .await;
}

#[tokio::test]
async fn a_subscription_by_a_payment_link_renews_without_the_reference() {
    let expected = ["mira 400 usd by client_reference", "mira 400 usd by known_customer"];
    row(TERMS, "usd", &expected, async |w| {
        let token = w.click("mira").await;
        let session =
            NewSession { client_reference_id: Some(token), ..NewSession::of(&w.monthly(2_000, "usd")) };
        let bought = w.buy(session);
        w.time.days(31);
        w.stripe.renew(&bought.subscription.unwrap()).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_click_and_a_payment_within_one_second() {
    row(TERMS, "usd", &["mira 980 usd by metadata"], async |w| {
        w.time.advance(400);
        let token = w.click("mira").await;
        w.time.advance(200);
        w.buy(checkout(&w.once(4_900, "usd"), &token));
    })
    .await;
}

#[tokio::test]
async fn a_direct_payment_with_metadata() {
    row(TERMS, "usd", &["mira 2469 usd by metadata"], async |w| {
        let token = w.click("mira").await;
        let payment = NewPayment {
            amount: 12_345,
            currency: "usd".to_owned(),
            metadata: metadata(&token),
            ..NewPayment::default()
        };
        w.stripe.pay(payment).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_direct_payment_of_a_customer_whose_metadata_has_the_token() {
    row(TERMS, "usd", &["mira 200 usd by metadata"], async |w| {
        let token = w.click("mira").await;
        let customer = w.stripe.create_customer(&w.buyer_email(), "Ann", metadata(&token));
        let payment = NewPayment {
            amount: 1_000,
            currency: "usd".to_owned(),
            customer: Some(customer),
            ..NewPayment::default()
        };
        w.time.days(1);
        w.stripe.pay(payment).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_trial_binds_and_its_first_paid_cycle_earns() {
    let terms = Terms { window_days: 7, recurrence: Recurrence::FirstPayment, ..TERMS };
    let expected =
        ["no commission: amount_zero", "mira 400 usd by known_customer", "no commission: not_first_payment"];
    row(terms, "usd", &expected, async |w| {
        let token = w.click("mira").await;
        w.time.days(6);
        let session = NewSession { trial_days: 14, ..checkout(&w.monthly(2_000, "usd"), &token) };
        let subscription = w.buy(session).subscription.unwrap();
        w.time.days(14);
        w.stripe.renew(&subscription).unwrap();
        w.time.days(31);
        w.stripe.renew(&subscription).unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_asynchronous_payment_that_succeeds() {
    row(TERMS, "usd", &["mira 980 usd by metadata", "mira 400 usd by metadata"], async |w| {
        for price in [w.once(4_900, "usd"), w.monthly(2_000, "usd")] {
            let token = w.click("mira").await;
            let later = Buyer { pay_later: true, ..Buyer::new("ann@buyers.example", "Ann") };
            let session = w.stripe.buy(checkout(&price, &token), &later).unwrap().session.unwrap();
            w.time.days(3);
            w.stripe.settle_async(&session, true).unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn an_asynchronous_payment_that_fails() {
    row(TERMS, "usd", &["no commission: payment_failed", "no commission: payment_failed"], async |w| {
        for price in [w.once(4_900, "usd"), w.monthly(2_000, "usd")] {
            let token = w.click("mira").await;
            let later = Buyer { pay_later: true, ..Buyer::new("ann@buyers.example", "Ann") };
            let session = w.stripe.buy(checkout(&price, &token), &later).unwrap().session.unwrap();
            w.time.days(3);
            w.stripe.settle_async(&session, false).unwrap();
        }
    })
    .await;
}

/// Buys the Atlas for 49.00 with a click and gives the charge.
async fn bought(w: &World) -> String {
    let token = w.click("mira").await;
    w.time.days(1);
    let receipt = w.buy(checkout(&w.once(4_900, "usd"), &token));
    w.time.days(1);
    receipt.charge.unwrap()
}

/// Subscribes for 20.00 with a click and gives the charge of the first invoice.
async fn subscribed(w: &World) -> String {
    let token = w.click("mira").await;
    w.time.days(1);
    let receipt = w.buy(checkout(&w.monthly(2_000, "usd"), &token));
    w.time.days(1);
    receipt.charge.unwrap()
}

#[tokio::test]
async fn a_partial_refund() {
    row(TERMS, "usd", &["mira 780 usd by metadata", "mira 267 usd by metadata"], async |w| {
        w.stripe.refund(&bought(w).await, Some(1_000)).unwrap();
        // 400 less a third of it, rounded: 133.
        w.stripe.refund(&subscribed(w).await, Some(667)).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_partial_and_then_a_full_refund() {
    row(TERMS, "usd", &["mira 0 usd by metadata"; 2], async |w| {
        for charge in [bought(w).await, subscribed(w).await] {
            w.stripe.refund(&charge, Some(1_000)).unwrap();
            w.time.days(1);
            w.stripe.refund(&charge, None).unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_refund_after_a_failed_refund() {
    row(TERMS, "usd", &["mira 880 usd by metadata"], async |w| {
        let charge = bought(w).await;
        let failing = w.stripe.refund(&charge, Some(1_000)).unwrap();
        w.time.days(1);
        w.stripe.fail_refund(&failing).unwrap();
        w.time.days(1);
        w.stripe.refund(&charge, Some(500)).unwrap();
    })
    .await;
}

#[tokio::test]
async fn disputes_lost_won_and_open() {
    let expected = [
        "mira 0 usd by metadata",
        "mira 980 usd by metadata",
        "mira 0 usd by metadata, held",
        "mira 780 usd by metadata, held",
    ];
    row(TERMS, "usd", &expected, async |w| {
        for verdict in [Verdict::Lost, Verdict::Won] {
            let dispute = w.stripe.open_dispute(&bought(w).await, None).unwrap();
            w.time.days(20);
            w.stripe.close_dispute(&dispute, verdict).unwrap();
        }
        w.stripe.open_dispute(&bought(w).await, None).unwrap();
        w.stripe.open_dispute(&bought(w).await, Some(1_000)).unwrap();
    })
    .await;
}

#[tokio::test]
async fn inquiries_hold_and_take_nothing() {
    let expected = ["mira 980 usd by metadata, held", "mira 980 usd by metadata"];
    row(TERMS, "usd", &expected, async |w| {
        w.stripe.open_inquiry(&bought(w).await).unwrap();
        let closed = w.stripe.open_inquiry(&bought(w).await).unwrap();
        w.time.days(9);
        w.stripe.close_dispute(&closed, Verdict::Won).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_refund_and_a_lost_dispute_never_take_more_than_the_commission() {
    row(TERMS, "usd", &["mira 0 usd by metadata"], async |w| {
        let charge = bought(w).await;
        w.stripe.refund(&charge, Some(2_000)).unwrap();
        w.time.days(1);
        let dispute = w.stripe.open_dispute(&charge, None).unwrap();
        w.stripe.close_dispute(&dispute, Verdict::Lost).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_cancellation_ends_after_the_period_that_was_paid() {
    let expected = ["mira 400 usd by metadata", "mira 400 usd by known_customer"];
    row(TERMS, "usd", &expected, async |w| {
        let token = w.click("mira").await;
        let subscription = w.buy(checkout(&w.monthly(2_000, "usd"), &token)).subscription.unwrap();
        w.time.days(31);
        w.stripe.renew(&subscription).unwrap();
        w.stripe.cancel(&subscription, Cancel::AtPeriodEnd).unwrap();
        w.time.days(30);
        assert_eq!(w.stripe.renew(&subscription).unwrap().invoice, None);
    })
    .await;
}

#[tokio::test]
async fn a_payment_without_any_proof() {
    row(TERMS, "usd", &["no commission: no_match", "no commission: no_match"], async |w| {
        w.click("mira").await;
        w.buy(NewSession::of(&w.once(4_900, "usd")));
        w.time.days(1);
        w.buy(NewSession::of(&w.monthly(2_000, "usd")));
    })
    .await;
}

#[tokio::test]
async fn a_reference_of_the_merchants_own_and_an_unknown_token() {
    row(TERMS, "usd", &["no commission: no_match", "no commission: unknown_token"], async |w| {
        let price = w.once(4_900, "usd");
        let session = NewSession::of(&price);
        w.buy(NewSession { client_reference_id: Some("order_4711".to_owned()), ..session });
        w.time.days(1);
        w.buy(checkout(&price, "hgc_0123456789012345678901234567890123456"));
    })
    .await;
}

#[tokio::test]
async fn an_address_that_was_tracked_before_the_payment() {
    let expected = ["mira 980 usd by lead_email", "mira 400 usd by lead_email"];
    row(TERMS, "usd", &expected, async |w| {
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
async fn an_address_that_was_tracked_after_the_payment() {
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
    row(TERMS, "usd", &expected, async |w| {
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
        row(terms, "usd", &[&expected], async |w| {
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
        row(terms, "usd", &[expected], async |w| {
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

#[tokio::test]
async fn tax_and_discount_earn_nothing() {
    let expected = ["mira 980 usd by metadata", "mira 400 usd by metadata", "mira 784 usd by metadata"];
    row(TERMS, "usd", &expected, async |w| {
        w.stripe.create_promotion_code("SPRING", 2_000, Duration::Once).unwrap();
        let (atlas, pro) = (w.once(4_900, "usd"), w.monthly(2_000, "usd"));
        let token = w.click("mira").await;
        w.buy(NewSession { tax_bps: 1_900, ..checkout(&atlas, &token) });
        w.time.days(1);
        w.buy(NewSession { tax_bps: 1_900, ..checkout(&pro, &token) });
        w.time.days(1);
        let code = Some("SPRING".to_owned());
        w.buy(NewSession { tax_bps: 1_900, promotion_code: code, ..checkout(&atlas, &token) });
    })
    .await;
}

#[tokio::test]
async fn a_discount_of_everything_binds_and_earns_nothing() {
    let terms = Terms { window_days: 7, ..TERMS };
    let expected = ["no commission: amount_zero", "mira 400 usd by known_customer"];
    row(terms, "usd", &expected, async |w| {
        w.stripe.create_promotion_code("FREE", 10_000, Duration::Once).unwrap();
        let token = w.click("mira").await;
        let session = checkout(&w.monthly(2_000, "usd"), &token);
        let session = NewSession { promotion_code: Some("FREE".to_owned()), ..session };
        let subscription = w.buy(session).subscription.unwrap();
        w.time.days(31);
        w.stripe.renew(&subscription).unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_upgrade_earns_on_what_was_paid_for_it() {
    // 15 of 31 days are left: 5,000 × 15 / 31 − 2,000 × 15 / 31 = 2,419 − 968.
    let expected = ["mira 400 usd by metadata", "mira 290 usd by known_customer"];
    row(TERMS, "usd", &expected, async |w| {
        let token = w.click("mira").await;
        let (pro, team) = (w.monthly(2_000, "usd"), w.monthly(5_000, "usd"));
        let subscription = w.buy(checkout(&pro, &token)).subscription.unwrap();
        w.time.days(16);
        w.stripe.change_price(&subscription, &team).unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_terms_say_for_how_long_a_customer_earns() {
    let three = "mira 400 usd by metadata";
    let known = "mira 400 usd by known_customer";
    let cases = [
        (
            Recurrence::FirstPayment,
            [three, "no commission: not_first_payment", "no commission: not_first_payment"],
        ),
        (
            Recurrence::Months { months: 1 },
            [three, "no commission: recurrence_over", "no commission: recurrence_over"],
        ),
        (Recurrence::Months { months: 2 }, [three, known, "no commission: recurrence_over"]),
        (Recurrence::Lifetime, [three, known, known]),
    ];
    for (recurrence, expected) in cases {
        row(Terms { recurrence, ..TERMS }, "usd", &expected, async |w| {
            let token = w.click("mira").await;
            let subscription = w.buy(checkout(&w.monthly(2_000, "usd"), &token)).subscription.unwrap();
            // From 2 March to 2 April and 2 May, at the same time of day.
            for days in [31, 30] {
                w.time.days(days);
                w.stripe.renew(&subscription).unwrap();
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_fixed_commission_is_the_same_for_each_payment_in_the_programs_currency() {
    let expected = ["mira 500 usd by metadata", "mira 500 usd by metadata", "mira 250 usd by metadata"];
    row(FIXED, "usd", &expected, async |w| {
        for (code, refund) in [("usd", None), ("eur", None), ("eur", Some(2_450))] {
            let token = w.click("mira").await;
            let charge = w.buy(checkout(&w.once(4_900, code), &token)).charge.unwrap();
            w.time.days(1);
            if refund.is_some() {
                w.stripe.refund(&charge, refund).unwrap();
            }
        }
    })
    .await;
}

#[tokio::test]
async fn currencies_without_decimals() {
    // 12.5 % of 4,900 yen is 612.5; of 4,900 krónur 612.5, sent times a hundred.
    let expected = ["mira 612 jpy by metadata", "mira 61200 isk by metadata", "mira 45900 isk by metadata"];
    row(PERCENT_12_5, "jpy", &expected, async |w| {
        for (code, amount, refund) in
            [("jpy", 4_900, None), ("isk", 490_000, None), ("isk", 490_000, Some(122_500))]
        {
            let token = w.click("mira").await;
            let charge = w.buy(checkout(&w.once(amount, code), &token)).charge.unwrap();
            w.time.days(1);
            if refund.is_some() {
                w.stripe.refund(&charge, refund).unwrap();
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_authorized_payment_earns_when_it_is_captured_and_on_what_is_captured() {
    let expected =
        ["mira 100 usd by metadata", "mira 60 usd by metadata", "no commission: waits_for_capture"];
    row(TERMS, "usd", &expected, async |w| {
        for (captured, refunded) in [(Some(500), None), (Some(500), Some(200)), (None, None)] {
            let token = w.click("mira").await;
            let payment = NewPayment {
                amount: 700,
                currency: "usd".to_owned(),
                metadata: metadata(&token),
                manual_capture: true,
                ..NewPayment::default()
            };
            let charge = w.stripe.pay(payment).unwrap().charge.unwrap();
            w.time.advance(DAY_MS);
            if captured.is_some() {
                w.stripe.capture(&charge, captured).unwrap();
            }
            if refunded.is_some() {
                w.stripe.refund(&charge, refunded).unwrap();
            }
        }
    })
    .await;
}
