//! Which affiliate a customer belongs to, and which objects belong to one customer.

use serde_json::json;

use super::{MIRA, metadata, reference};
use crate::harness::TERMS;
use crate::ledger::timeline::{check, day, with};

#[tokio::test]
async fn a_customer_with_a_commission_stays_with_the_affiliate() {
    let clicks = [("a", "mira", day(-2)), ("b", "noah", day(-1))];
    let expected = |_| vec!["mira 2000 usd by client_reference", "mira 2000 usd by known_customer"];
    check(TERMS, &clicks, expected, |s, c| {
        for (number, token, at) in [(1, "a", day(0)), (2, "b", day(9))] {
            let session = with(s.session(number, 10_000, at), reference(&c[token]));
            s.add(at, "checkout.session.completed", session);
        }
    })
    .await;
}

#[tokio::test]
async fn the_newer_click_wins_whatever_carried_it() {
    let clicks = [("a", "mira", day(-2)), ("b", "noah", day(-1))];
    check(
        TERMS,
        &clicks,
        |_| vec!["noah 2000 usd by client_reference"],
        |s, c| {
            let session = with(with(s.session(1, 10_000, day(0)), reference(&c["b"])), metadata(&c["a"]));
            s.add(day(0), "checkout.session.completed", session);
        },
    )
    .await;
}

#[tokio::test]
async fn a_customer_account_and_its_customer_are_one_buyer() {
    check(
        TERMS,
        &MIRA,
        |_| vec!["mira 2000 usd by metadata", "mira 2000 usd by known_customer"],
        |s, c| {
            let both = json!({"customer_account": "acct_buyer"});
            s.add(
                day(0),
                "charge.succeeded",
                with(with(s.charge(1, 10_000, day(0), None), metadata(&c["a"])), both),
            );
            let only = json!({"customer": null, "customer_account": "acct_buyer"});
            s.add(day(3), "charge.succeeded", with(s.charge(2, 10_000, day(3), None), only));
        },
    )
    .await;
}
