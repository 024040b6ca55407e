//! The order and the number of arrivals do not matter.

use proptest::prelude::*;

use super::*;

/// A year of one customer: a checkout, renewals in two shapes, refunds, a dispute, an end.
pub(super) fn a_year() -> Vec<EventFacts> {
    let month = |number: i64| START.plus_days(30 * number);
    let started = SessionFact {
        subscription_mode: true,
        invoice: Some("in_1".to_owned()),
        payment_intent: None,
        subscription: Some("sub_1".to_owned()),
        hints: carrying(&["a"]),
        ..session(1)
    };
    let named = ChargeFact { invoice: ChargeInvoice::Is("in_3".to_owned()), ..charge(3, month(3)) };
    let silent = |number, at| ChargeFact { invoice: ChargeInvoice::Unknown, ..charge(number, at) };
    vec![
        event("session", START, Fact::Session(started)),
        charged(silent(1, START)),
        invoiced(invoice(1, START)),
        charged(silent(2, month(2))),
        event("link", month(2), Fact::InvoicePayment(link(2, 2))),
        invoiced(invoice(2, month(2))),
        charged(named),
        invoiced(InvoiceFact { hints: carrying(&["b"]), ..invoice(3, month(3)) }),
        charged(charge(4, month(4))),
        event("r1", month(4), Fact::Refund(refund(1, 4, 2_500, RefundStatus::Succeeded))),
        event("r2", month(5), Fact::Refund(refund(1, 4, 2_500, RefundStatus::Failed))),
        event("r3", month(5), Fact::Refund(refund(2, 3, 1_000, RefundStatus::Succeeded))),
        event(
            "d1",
            month(1),
            Fact::Dispute(dispute(DisputeStep::FundsWithdrawn, DisputeStatus::NeedsResponse, 10_000)),
        ),
        event("d2", month(2), Fact::Dispute(dispute(DisputeStep::Closed, DisputeStatus::Won, 10_000))),
        event(
            "end",
            month(6),
            Fact::Subscription(subscription(SubscriptionStatus::Canceled, Some(month(6)))),
        ),
        invoiced(invoice(5, month(7))),
    ]
}

pub(super) fn year() -> Context {
    context().with_click("a", "mira", after(-1)).with_click("b", "noah", after(-2))
}

#[test]
fn a_year_of_payments_earns() {
    let evaluated = evaluate_all(&a_year(), &year());
    let sums: Vec<_> =
        evaluated.payments.iter().map(|p| (p.canonical_id.as_str(), earned(p), reason(p))).collect();
    assert_eq!(
        sums,
        [
            ("in_1", (2_000, 0), "credited"),
            ("in_2", (2_000, 0), "credited"),
            ("in_3", (2_000, 200), "credited"),
            ("pi_4", (2_000, 0), "credited"),
            ("in_5", (0, 0), "subscription_ended"),
        ]
    );
}

proptest! {
    #[test]
    fn any_order_with_any_repetition_gives_the_same_result(
        shuffled in Just(a_year()).prop_shuffle(),
        twice in prop::collection::vec(0..16usize, 0..8),
    ) {
        let mut facts = shuffled;
        for index in twice {
            facts.push(facts[index].clone());
        }
        prop_assert_eq!(evaluate_all(&facts, &year()), evaluate_all(&a_year(), &year()));
    }

    /// Whatever has arrived so far, the sums make sense.
    #[test]
    fn any_subset_of_facts_adds_up(kept in prop::collection::vec(any::<bool>(), 16), minutes in 0..500_000i64) {
        let facts: Vec<EventFacts> =
            a_year().into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(fact, _)| fact).collect();
        let evaluated = evaluate(&facts, &year(), after(minutes));
        let mut aliases: Vec<&String> = evaluated.payments.iter().flat_map(|p| &p.aliases).collect();
        let count = aliases.len();
        aliases.sort();
        aliases.dedup();
        prop_assert_eq!(aliases.len(), count, "an id means one payment");
        for payment in &evaluated.payments {
            prop_assert!(payment.base <= payment.gross && payment.base >= 0);
            prop_assert!(payment.credit.is_some() != payment.no_commission.is_some());
            let (commission, reversed) = earned(payment);
            prop_assert!(0 <= reversed && reversed <= commission && commission <= payment.base);
        }
        let numbers: Vec<i64> = evaluated.payments.iter().map(|p| p.payment_number).filter(|n| *n > 0).collect();
        prop_assert_eq!(&numbers, &(1..=numbers.len() as i64).collect::<Vec<_>>());
    }
}
