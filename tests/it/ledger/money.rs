//! Hard cases of money, each in every shape, in several orders, also with a moving clock.

use domain::clock::Timestamp;
use domain::events::EventOutcome;
use domain::terms::{Recurrence, Terms};
use engine::stripe::connections;
use serde_json::{Value, json};

use super::story::{Clicks, Shape, Story, day, line, lines, row, with};
use crate::harness::{TERMS, World};

/// A click of Mira's a day before everything.
const MIRA: [(&str, &str, i64); 1] = [("a", "mira", day(-1))];
const OUTSIDE: Terms = Terms { outside_stripe: true, ..TERMS };

fn reference(token: &str) -> Value {
    json!({"client_reference_id": token})
}

fn metadata(token: &str) -> Value {
    json!({"metadata": {"honeyguide_click": token}})
}

const RECORD: &str = "payment_record";

fn record() -> Value {
    json!({"type": RECORD, "payment_record": "pr_1"})
}

/// An invoice of 100.00 that is marked as paid outside Stripe, with its record.
fn tell_out_of_band(s: &mut Story, at: i64) {
    let invoice = s.out_of_band(s.manual_invoice(9, 10_000, at));
    s.tell(at, "invoice.paid", invoice);
    s.tell_link(at, 9, 9, 10_000, record());
}

fn sold_by_checkout(s: &mut Story, c: &Clicks) {
    let session = with(s.session(1, 10_000, day(0)), reference(&c["a"]));
    s.tell(day(0), "checkout.session.completed", session);
    let charge = s.charge(1, 10_000, day(0), None);
    s.tell(day(0), "charge.succeeded", charge);
    tell_out_of_band(s, day(0) + 20);
}

fn sold_by_intent(s: &mut Story, c: &Clicks) {
    let charge = with(s.charge(1, 10_000, day(0), None), metadata(&c["a"]));
    s.tell(day(0), "charge.succeeded", charge);
    tell_out_of_band(s, day(0) + 20);
}

#[tokio::test]
async fn a_payment_and_the_invoice_that_is_then_marked_as_paid_are_one() {
    // Without a word about the two being one, the invoice of the older shapes was paid with
    // nothing, and stands beside the sale.
    row(OUTSIDE, &MIRA, |_| vec!["mira 2000 usd by client_reference"], sold_by_checkout).await;
    row(OUTSIDE, &MIRA, |_| vec!["mira 2000 usd by metadata"], sold_by_intent).await;
    row(TERMS, &MIRA, |_| vec!["mira 2000 usd by client_reference"], sold_by_checkout).await;
    row(TERMS, &MIRA, |_| vec!["mira 2000 usd by metadata"], sold_by_intent).await;
}

#[tokio::test]
async fn what_is_paid_outside_stripe_earns_where_the_terms_say_so() {
    let tell = |s: &mut Story, c: &Clicks| {
        let at = day(0);
        let invoice = s.out_of_band(with(s.manual_invoice(9, 10_000, at), metadata(&c["a"])));
        s.tell(at, "invoice.paid", invoice);
        s.tell_link(at, 9, 9, 10_000, record());
    };
    row(TERMS, &MIRA, |_| vec!["no commission: paid_outside_stripe"], tell).await;
    row(OUTSIDE, &MIRA, |_| vec!["mira 2000 usd by metadata"], tell).await;
}

#[tokio::test]
async fn a_bank_debit_and_its_renewal_are_counted_once() {
    let expected = |_| vec!["mira 2000 usd by client_reference", "mira 2600 usd by known_customer"];
    row(TERMS, &MIRA, expected, |s, c| {
        let session = with(s.subscription_session(1, 10_000, day(0)), reference(&c["a"]));
        s.tell(day(0), "checkout.session.completed", with(session, json!({"payment_status": "unpaid"})));
        // No invoice_payment.paid: the endpoint was made by hand.
        for (number, amount, began, paid) in [(1, 10_000, 0, 5), (2, 13_000, 31, 36)] {
            let charge = s.charge(number, amount, day(began), Some(&format!("in_{number}")));
            s.tell(day(paid), "charge.succeeded", charge);
            let reason = if number == 1 { "subscription_create" } else { "subscription_cycle" };
            let invoice = s.invoice(number, amount, day(paid) + 3, reason);
            s.tell(day(paid) + 4, "invoice.paid", with(invoice, json!({"created": day(began)})));
        }
    })
    .await;
}

#[tokio::test]
async fn the_last_invoice_bills_a_period_that_began_before_the_end() {
    let expected = |_| vec!["mira 2000 usd by metadata", "mira 400 usd by known_customer"];
    row(TERMS, &MIRA, expected, |s, c| {
        let first = with(s.invoice(1, 10_000, day(0), "subscription_create"), metadata(&c["a"]));
        s.tell(day(0), "invoice.paid", first);
        let ended =
            with(s.subscription("canceled", day(0)), json!({"ended_at": day(10), "canceled_at": day(10)}));
        s.tell(day(10), "customer.subscription.deleted", ended);
        let last = s.invoice(2, 2_000, day(10) + 5, "subscription_update");
        let lines = json!({"lines": {"data": [line(3_000, day(0)), line(-1_000, day(10))]}});
        s.tell(day(10) + 5, "invoice.paid", with(last, lines));
    })
    .await;
}

#[tokio::test]
async fn a_refund_takes_its_share_of_all_that_was_paid() {
    // 40.00 by card and 60.00 outside Stripe; the card is refunded.
    row(
        TERMS,
        &MIRA,
        |_| vec!["mira 1200 usd by metadata"],
        |s, c| {
            let invoice = with(s.manual_invoice(1, 10_000, day(0)), metadata(&c["a"]));
            let partly = match s.shape {
                Shape::Floor | Shape::Acacia => {
                    json!({"amount_paid": 4_000, "amount_remaining": 6_000, "paid_out_of_band": true})
                }
                Shape::Clover => json!({}),
                Shape::Endive => json!({"amount_paid_off_stripe": 6_000}),
            };
            s.tell(day(0), "invoice.paid", with(invoice, partly));
            let charge = s.charge(1, 4_000, day(0), Some("in_1"));
            s.tell(day(0), "charge.succeeded", charge.clone());
            s.tell_link(day(0), 1, 1, 4_000, json!({"type": "payment_intent", "payment_intent": "pi_1"}));
            s.tell_link(day(0), 2, 1, 6_000, record());
            s.tell(
                day(3),
                "charge.refunded",
                with(charge, json!({"amount_refunded": 4_000, "refunded": true})),
            );
        },
    )
    .await;
}

/// A sale of 100.00 by a click.
fn tell_sale(s: &mut Story, c: &Clicks) {
    let charge = with(s.charge(1, 10_000, day(0), None), metadata(&c["a"]));
    s.tell(day(0), "charge.succeeded", charge);
}

#[tokio::test]
async fn the_newest_word_on_a_dispute_holds() {
    row(
        TERMS,
        &MIRA,
        |_| vec!["mira 2000 usd by metadata"],
        |s, c| {
            tell_sale(s, c);
            for (at, kind, status) in [
                (day(2), "charge.dispute.created", "needs_response"),
                (day(2), "charge.dispute.funds_withdrawn", "needs_response"),
                (day(20), "charge.dispute.closed", "lost"),
                (day(30), "charge.dispute.updated", "appeal_under_review"),
                (day(40), "charge.dispute.funds_reinstated", "won"),
            ] {
                let dispute = s.dispute(1, 10_000, status);
                s.tell(at, kind, dispute);
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_disputes_money_is_what_its_balance_transactions_say() {
    // 40.00 had been refunded; the bank gives 60.00 of 100.00 back.
    row(
        TERMS,
        &MIRA,
        |_| vec!["mira 1200 usd by metadata"],
        |s, c| {
            tell_sale(s, c);
            let withdrawn = json!({"amount": -10_000, "currency": "usd"});
            let reinstated = json!({"amount": 6_000, "currency": "usd"});
            let taken =
                with(s.dispute(1, 10_000, "needs_response"), json!({"balance_transactions": [withdrawn]}));
            s.tell(day(2), "charge.dispute.funds_withdrawn", taken);
            let transactions = json!({"balance_transactions": [withdrawn, reinstated]});
            let won = with(s.dispute(1, 10_000, "won"), transactions);
            s.tell(day(20), "charge.dispute.funds_reinstated", won);
        },
    )
    .await;
}

#[tokio::test]
async fn a_window_ends_with_the_order_and_not_with_the_money() {
    let week = Terms { window_days: 7, ..TERMS };
    // A bank debit ordered on day 6, whose money comes on day 11.
    row(
        week,
        &[("a", "mira", day(0))],
        |_| vec!["mira 2000 usd by client_reference"],
        |s, c| {
            let session = with(s.session(1, 10_000, day(6)), reference(&c["a"]));
            s.tell(
                day(6),
                "checkout.session.completed",
                with(session.clone(), json!({"payment_status": "unpaid"})),
            );
            let charge = s.charge(1, 10_000, day(6), None);
            s.tell(day(11), "charge.succeeded", charge);
            s.tell(day(11), "checkout.session.async_payment_succeeded", session);
        },
    )
    .await;
    // A subscription that begins on day 6, whose invoice is due in 20 days.
    row(
        week,
        &[("a", "mira", day(0))],
        |_| vec!["mira 2000 usd by metadata"],
        |s, c| {
            let subscription = with(s.subscription("active", day(6)), metadata(&c["a"]));
            s.tell(day(6), "customer.subscription.created", subscription);
            let invoice = s.invoice(1, 10_000, day(26), "subscription_create");
            s.tell(day(26), "invoice.paid", with(invoice, json!({"created": day(6)})));
        },
    )
    .await;
}

#[tokio::test]
async fn months_are_those_of_the_subscription() {
    let month = Terms { recurrence: Recurrence::Months { months: 1 }, ..TERMS };
    // 31 January 2027, 2:00 in UTC, and 28 February, 3:01.
    let (first, second) = (1_801_360_800, 1_803_783_660);
    let expected = |_| vec!["mira 200 usd by metadata", "no commission: recurrence_over"];
    row(month, &[("a", "mira", first - 60)], expected, |s, c| {
        s.tell(
            first,
            "invoice.paid",
            with(s.invoice(1, 1_000, first, "subscription_create"), metadata(&c["a"])),
        );
        let lines = json!({"lines": {"data": [line(1_000, second - 3_660)]}});
        s.tell(second, "invoice.paid", with(s.invoice(2, 1_000, second, "subscription_cycle"), lines));
    })
    .await;
    row(month, &[("a", "mira", first - 60)], expected, |s, c| {
        s.tell(first, "charge.succeeded", with(s.charge(1, 1_000, first, None), metadata(&c["a"])));
        s.tell(second, "charge.succeeded", s.charge(2, 1_000, second, None));
    })
    .await;
}

#[tokio::test]
async fn what_was_owed_from_before_earns_when_it_is_paid() {
    let expected = |_| vec!["no commission: amount_zero", "mira 2100 usd by known_customer"];
    row(TERMS, &MIRA, expected, |s, c| {
        let below = json!({"amount_due": 0, "amount_paid": 0, "ending_balance": 500});
        let small = with(with(s.invoice(1, 500, day(0), "subscription_create"), below), metadata(&c["a"]));
        s.tell(day(0), "invoice.paid", small);
        let carried = json!({"starting_balance": 500, "amount_due": 10_500, "amount_paid": 10_500});
        let next = with(s.invoice(2, 10_000, day(31), "subscription_cycle"), carried);
        s.tell(day(31), "invoice.paid", next);
    })
    .await;
}

#[tokio::test]
async fn a_time_that_cannot_be_read_books_and_takes_back_nothing() {
    row(
        TERMS,
        &MIRA,
        |_| vec!["mira 2000 usd by metadata"],
        |s, c| {
            tell_sale(s, c);
            let session = with(s.session(1, 10_000, day(0)), reference(&c["a"]));
            let broken = json!({"type": "checkout.session.completed", "created": "yesterday"});
            s.tell_as(day(1), broken, session.clone());
            let broken = json!({"type": "checkout.session.completed"});
            s.tell_as(day(1), broken, with(session, json!({"created": "2026-03-02"})));
        },
    )
    .await;
}

#[tokio::test]
async fn once_booked_a_customer_stays_with_their_affiliate() {
    let clicks = [("a", "mira", day(-2)), ("b", "noah", day(-1))];
    let expected = |_| vec!["mira 2000 usd by client_reference", "mira 2000 usd by known_customer"];
    row(TERMS, &clicks, expected, |s, c| {
        for (number, token, at) in [(1, "a", day(0)), (2, "b", day(9))] {
            let session = with(s.session(number, 10_000, at), reference(&c[token]));
            s.tell(at, "checkout.session.completed", session);
        }
    })
    .await;
}

#[tokio::test]
async fn the_newer_click_wins_whatever_carried_it() {
    let clicks = [("a", "mira", day(-2)), ("b", "noah", day(-1))];
    row(
        TERMS,
        &clicks,
        |_| vec!["noah 2000 usd by client_reference"],
        |s, c| {
            let session = with(with(s.session(1, 10_000, day(0)), reference(&c["b"])), metadata(&c["a"]));
            s.tell(day(0), "checkout.session.completed", session);
        },
    )
    .await;
}

#[tokio::test]
async fn clocks_may_differ_by_some_minutes() {
    row(TERMS, &[("a", "mira", day(0) + 100)], |_| vec!["mira 2000 usd by metadata"], tell_sale).await;
    let expected = |_| vec!["no commission: click_after_payment"];
    row(TERMS, &[("a", "mira", day(0) + 400)], expected, tell_sale).await;
}

#[tokio::test]
async fn an_authorization_that_ran_out_takes_nothing_back() {
    row(
        TERMS,
        &MIRA,
        |_| vec!["mira 2000 usd by metadata"],
        |s, c| {
            tell_sale(s, c);
            let refund = json!({
                "id": "re_1", "object": "refund", "charge": "ch_1", "payment_intent": "pi_1", "amount": 2_000,
                "currency": "usd", "status": "succeeded", "reason": "expired_uncaptured_charge",
            });
            s.tell(day(7), "refund.created", refund);
        },
    )
    .await;
}

#[tokio::test]
async fn an_account_stands_for_its_customer() {
    row(
        TERMS,
        &MIRA,
        |_| vec!["mira 2000 usd by metadata", "mira 2000 usd by known_customer"],
        |s, c| {
            let both = json!({"customer_account": "acct_buyer"});
            s.tell(
                day(0),
                "charge.succeeded",
                with(with(s.charge(1, 10_000, day(0), None), metadata(&c["a"])), both),
            );
            let only = json!({"customer": null, "customer_account": "acct_buyer"});
            s.tell(day(3), "charge.succeeded", with(s.charge(2, 10_000, day(3), None), only));
        },
    )
    .await;
}

#[tokio::test]
async fn a_commission_is_held_for_a_reason() {
    let row = async |tell: fn(&mut Story, &Clicks), expected: &'static str| {
        row(TERMS, &MIRA, |_| vec![expected], tell).await;
    };
    let held = "mira 2000 usd by metadata, held";
    let own = |s: &mut Story, c: &Clicks| {
        let email = json!({"billing_details": {"email": "Mira@affiliates.example"}});
        let charge = with(with(s.charge(1, 10_000, day(0), None), metadata(&c["a"])), email);
        s.tell(day(0), "charge.succeeded", charge);
    };
    row(own, held).await;
    let review = |s: &mut Story, c: &Clicks| {
        tell_sale(s, c);
        s.tell(
            day(0),
            "review.opened",
            json!({"id": "prv_1", "object": "review", "charge": "ch_1", "open": true}),
        );
    };
    row(review, held).await;
    let closed = |s: &mut Story, c: &Clicks| {
        tell_sale(s, c);
        for (at, kind) in [(day(0), "review.opened"), (day(2), "review.closed")] {
            s.tell(at, kind, json!({"id": "prv_1", "object": "review", "charge": "ch_1"}));
        }
    };
    row(closed, "mira 2000 usd by metadata").await;
    let warned = |s: &mut Story, c: &Clicks| {
        tell_sale(s, c);
        let warning = json!({"id": "issfr_1", "object": "radar.early_fraud_warning", "charge": "ch_1"});
        s.tell(day(1), "radar.early_fraud_warning.created", warning);
    };
    row(warned, held).await;
}

#[tokio::test]
async fn a_credit_note_counts_what_was_given_back_outside_stripe() {
    row(TERMS, &MIRA, |_| vec!["mira 1200 usd by metadata"], |s, c| {
        let invoice = with(s.manual_invoice(1, 10_000, day(0)), metadata(&c["a"]));
        s.tell(day(0), "invoice.paid", invoice);
        for (number, outside, refund) in [(1, 4_000, None), (2, 0, Some("re_1"))] {
            let note = json!({
                "id": format!("cn_{number}"), "object": "credit_note", "invoice": "in_1", "customer": "cus_1",
                "amount": 4_000, "out_of_band_amount": outside, "currency": "usd", "status": "issued",
                "refund": refund,
            });
            s.tell(day(3), "credit_note.created", note);
        }
    })
    .await;
}

#[tokio::test]
async fn thin_events_and_unknown_types_are_ignored_with_a_reason() {
    let thin = |kind: &str| {
        json!({
            "object": "v2.core.event", "type": kind, "created": "2026-03-07T09:00:00.000Z", "data": null,
            "snapshot_event": "evt_whole", "context": "acct_mine",
            "related_object": {"id": "in_1", "type": "invoice", "url": "/v1/invoices/in_1"},
        })
    };
    let world = World::new().await;
    let mut story = Story::new(Shape::Endive);
    story.tell_as(day(0), thin("v1.invoice.paid"), json!({}));
    story.tell_as(day(0), thin("v2.core.account.updated"), json!({}));
    story.tell_as(day(0), json!({"type": "payout.paid", "data": null}), json!({}));
    hand_over(&world, &story).await;
    let outcomes: Vec<(&str, i64)> = events(&world)
        .await
        .iter()
        .map(|event| {
            (event.outcome.as_ref().map_or("", EventOutcome::word), event.event_created_at.seconds())
        })
        .collect();
    let mut sorted = outcomes.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted.iter().map(|(word, _)| *word).collect::<Vec<_>>(),
        ["thin_event", "type_not_handled", "type_not_handled"]
    );
    assert!(outcomes.iter().all(|(_, created)| *created == day(0)), "{outcomes:?}");
}

#[tokio::test]
async fn a_connection_made_by_hand_counts_one_account() {
    let world = World::new().await;
    let told = |number, account: &str| {
        let mut story = Story::new(Shape::Acacia);
        let charge =
            with(story.charge(number, 1_000, day(0), None), json!({"customer": format!("cus_{account}")}));
        let envelope = json!({"id": format!("evt_{number}"), "type": "charge.succeeded", "account": account});
        story.tell_as(day(0), envelope, charge);
        story
    };
    for (number, account) in [(1, "acct_mine"), (2, "acct_other"), (3, "acct_mine")] {
        hand_over(&world, &told(number, account)).await;
    }
    assert_eq!(lines(&world).await.len(), 2);
    let (merchant, program) = (world.merchant.clone(), world.program.id.clone());
    let connection = async |world: &World| {
        let status = connections::status(&world.engine, &merchant, &program).await.unwrap();
        let connection = status.connection.unwrap();
        (connection.events_account, connection.other_account)
    };
    let (mine, other) = ("acct_mine".to_owned(), "acct_other".to_owned());
    assert_eq!(connection(&world).await, (Some(mine), Some(other.clone())));
    connections::choose_account(&world.engine, &merchant, &program, "acct_third").await.unwrap_err();
    connections::choose_account(&world.engine, &merchant, &program, "acct_other").await.unwrap();
    assert_eq!(connection(&world).await, (Some(other), None));
    world.work().await;
    assert_eq!(lines(&world).await.len(), 3, "what was kept of it is processed by itself");
    hand_over(&world, &told(4, "acct_other")).await;
    hand_over(&world, &told(5, "acct_mine")).await;
    assert_eq!(lines(&world).await.len(), 4);
}

async fn hand_over(world: &World, story: &Story) {
    for (at, body) in story.bodies() {
        world.time.set(Timestamp::from_seconds(at + 1));
        world.hand_over_to(&world.engine, &body).await.expect("the event is taken");
        world.work().await;
    }
}

async fn events(world: &World) -> Vec<engine::stripe::events::InboxEvent> {
    let (merchant, program) = (&world.merchant, &world.program.id);
    let filter = engine::stripe::events::Filter::default();
    engine::stripe::events::list(&world.engine, merchant, program, &filter, None, 100).await.unwrap()
}
