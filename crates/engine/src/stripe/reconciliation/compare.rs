//! Compares Stripe's charges with the payments here: pure.

use std::collections::BTreeMap;

use connect::stripe::charges::Charge;
use domain::ids::PaymentId;
use domain::reconciliations::DifferenceKind;
use store::reconciliations::{Difference, Known};

/// The charges that were looked up, by payment: one payment may have several.
#[derive(Default)]
pub(super) struct Comparison {
    of_payment: BTreeMap<PaymentId, Sides>,
    others: Vec<Difference>,
}

struct Sides {
    charge: Charge,
    stripe_amount: i64,
    stripe_refunded: i64,
    ours: Known,
}

fn difference(
    charge: &Charge,
    kind: DifferenceKind,
    amounts: [i64; 4],
    payment: Option<PaymentId>,
) -> Option<Difference> {
    let [stripe_amount, stripe_refunded, our_amount, our_refunded] = amounts;
    Some(Difference {
        stripe_id: charge.id.clone(),
        kind,
        at: charge.created_at(),
        // A charge without a currency is not a charge.
        currency: charge.currency.parse().ok()?,
        stripe_amount,
        stripe_refunded,
        our_amount,
        our_refunded,
        payment_id: payment,
    })
}

impl Comparison {
    /// Adds a charge with the payments that have one of its ids.
    pub(super) fn add(&mut self, charge: Charge, known: Vec<Known>) {
        let (amount, refunded) = (charge.amount_captured, charge.amount_refunded);
        match known.as_slice() {
            [] => self.others.extend(difference(
                &charge,
                DifferenceKind::Missing,
                [amount, refunded, 0, 0],
                None,
            )),
            [ours] => {
                let sides = self.of_payment.entry(ours.id.clone()).or_insert_with(|| Sides {
                    charge: charge.clone(),
                    stripe_amount: 0,
                    stripe_refunded: 0,
                    ours: ours.clone(),
                });
                sides.stripe_amount = sides.stripe_amount.saturating_add(amount);
                sides.stripe_refunded = sides.stripe_refunded.saturating_add(refunded);
            }
            [first, ..] => {
                let all: i64 = known.iter().fold(0, |sum, ours| sum.saturating_add(ours.gross));
                let all_refunded: i64 = known.iter().fold(0, |sum, ours| sum.saturating_add(ours.refunded));
                let amounts = [amount, refunded, all, all_refunded];
                self.others.extend(difference(
                    &charge,
                    DifferenceKind::Duplicate,
                    amounts,
                    Some(first.id.clone()),
                ));
            }
        }
    }

    /// Where the two differ.
    pub(super) fn differences(self) -> Vec<Difference> {
        let refunds = self.of_payment.into_values().filter_map(|sides| {
            let amounts = [sides.stripe_amount, sides.stripe_refunded, sides.ours.gross, sides.ours.refunded];
            let differs = sides.stripe_refunded != sides.ours.refunded;
            differs
                .then(|| difference(&sides.charge, DifferenceKind::Refund, amounts, Some(sides.ours.id)))
                .flatten()
        });
        let mut all: Vec<Difference> = refunds.chain(self.others).collect();
        all.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.stripe_id.cmp(&b.stripe_id)));
        all
    }
}

#[cfg(test)]
mod tests {
    use domain::clock::{Random, Timestamp};

    use super::*;

    fn charge(id: &str, amount: i64, refunded: i64) -> Charge {
        Charge {
            id: id.to_owned(),
            amount,
            amount_captured: amount,
            amount_refunded: refunded,
            currency: "usd".to_owned(),
            created: 1_700_000_000,
            status: "succeeded".to_owned(),
            captured: true,
            disputed: false,
            payment_intent: None,
            invoice: None,
            customer: None,
        }
    }

    fn ours(seed: u64, gross: i64, refunded: i64) -> Known {
        Known { id: PaymentId::new(Timestamp(1), &Random::seeded(seed)), gross, refunded }
    }

    fn kinds(compared: Comparison) -> Vec<(DifferenceKind, String, [i64; 4])> {
        let of = |d: Difference| {
            (d.kind, d.stripe_id, [d.stripe_amount, d.stripe_refunded, d.our_amount, d.our_refunded])
        };
        compared.differences().into_iter().map(of).collect()
    }

    #[test]
    fn only_differences_are_reported() {
        let mut compared = Comparison::default();
        compared.add(charge("ch_same", 500, 200), vec![ours(1, 500, 200)]);
        compared.add(charge("ch_missing", 500, 0), vec![]);
        compared.add(charge("ch_refunded", 500, 500), vec![ours(2, 500, 0)]);
        compared.add(charge("ch_duplicate", 500, 0), vec![ours(3, 500, 0), ours(4, 500, 0)]);
        assert_eq!(
            kinds(compared),
            [
                (DifferenceKind::Duplicate, "ch_duplicate".to_owned(), [500, 0, 1_000, 0]),
                (DifferenceKind::Missing, "ch_missing".to_owned(), [500, 0, 0, 0]),
                (DifferenceKind::Refund, "ch_refunded".to_owned(), [500, 500, 500, 0]),
            ]
        );
    }

    #[test]
    fn several_charges_of_one_payment_are_compared_together() {
        let mut compared = Comparison::default();
        compared.add(charge("ch_1", 300, 100), vec![ours(1, 500, 150)]);
        compared.add(charge("ch_2", 200, 50), vec![ours(1, 500, 150)]);
        assert_eq!(kinds(compared), []);
    }
}
