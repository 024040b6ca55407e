//! What a commission is computed from: tax, discounts, upgrades, currencies, and for how long.

use domain::terms::{Recurrence, Terms};
use sandbox::{Duration, NewSession};

use super::{check, fixed, percent_12_5};
use crate::harness::{TERMS, checkout, lasting};

#[tokio::test]
async fn tax_and_discount_earn_nothing() {
    let expected = ["mira 980 usd by metadata", "mira 400 usd by metadata", "mira 784 usd by metadata"];
    check(TERMS, "usd", &expected, async |w| {
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
async fn a_full_discount_attributes_the_customer_and_earns_nothing() {
    let terms = Terms { window_days: 7, ..TERMS };
    let expected = ["no commission: amount_zero", "mira 400 usd by known_customer"];
    check(terms, "usd", &expected, async |w| {
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
async fn an_upgrade_earns_on_the_prorated_amount() {
    // 15 of 31 days are left: 5,000 × 15 / 31 − 2,000 × 15 / 31 = 2,419 − 968.
    let expected = ["mira 400 usd by metadata", "mira 290 usd by known_customer"];
    check(TERMS, "usd", &expected, async |w| {
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
        check(lasting(recurrence), "usd", &expected, async |w| {
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
    check(fixed(), "usd", &expected, async |w| {
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
    check(percent_12_5(), "jpy", &expected, async |w| {
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
