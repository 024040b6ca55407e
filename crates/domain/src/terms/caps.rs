//! Caps: how much is paid at most, whatever the reward says.

use serde::{Deserialize, Serialize};

use super::Limit;
use crate::fields::Problems;
use crate::money::Money;

crate::word_enum! {
    /// What a cap is counted over.
    pub enum CapKind {
        /// One payment.
        Payment = "per_payment",
        /// All payments of a customer.
        Customer = "per_customer",
    }
}

/// The caps of terms, in minor units of the program's currency. They apply to commissions in that
/// currency alone: amounts of different currencies are never compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Caps {
    /// The most that one payment earns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_payment: Option<i64>,
    /// The most that a customer's payments earn together, after refunds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_customer: Option<i64>,
}

/// What a cap took from a commission. Stored as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capped {
    /// Which cap.
    pub cap: CapKind,
    /// The cap.
    pub most: Money,
    /// What is over it.
    pub over: Money,
}

impl Caps {
    /// No cap.
    pub const NONE: Self = Self { per_payment: None, per_customer: None };

    /// Whether there is no cap.
    pub const fn is_none(&self) -> bool {
        self.per_payment.is_none() && self.per_customer.is_none()
    }

    /// What is left of a commission in the program's currency, and what was over a cap: the one
    /// that leaves less. `earned` is what the customer's earlier payments have earned after refunds.
    pub fn apply(self, commission: Money, earned: i64) -> (i64, Option<Capped>) {
        let caps = [
            (CapKind::Payment, self.per_payment, self.per_payment),
            (CapKind::Customer, self.per_customer, self.per_customer.map(|most| most.saturating_sub(earned))),
        ];
        let lowest = caps
            .into_iter()
            .filter_map(|(cap, most, left)| Some((left?.max(0), cap, most?)))
            .filter(|(left, ..)| *left < commission.minor)
            .min_by_key(|(left, ..)| *left);
        match lowest {
            None => (commission.minor, None),
            Some((left, cap, most)) => {
                let in_its_currency = |minor| Money::new(minor, commission.currency);
                let over = in_its_currency(commission.minor - left);
                (left, Some(Capped { cap, most: in_its_currency(most), over }))
            }
        }
    }

    pub(super) fn check(self, problems: &mut Problems) {
        for (field, cap) in [("cap_per_payment", self.per_payment), ("cap_per_customer", self.per_customer)] {
            if let Some(cap) = cap {
                problems.keep(field, Limit::CAP.check(cap));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usd(minor: i64) -> Money {
        Money::new(minor, "usd".parse().unwrap())
    }

    #[test]
    fn the_cap_that_leaves_less_is_named() {
        let caps = Caps { per_payment: Some(3_000), per_customer: Some(5_000) };
        assert_eq!(caps.apply(usd(3_000), 0), (3_000, None));
        let over = |cap, most, over| Some(Capped { cap, most: usd(most), over: usd(over) });
        assert_eq!(caps.apply(usd(4_000), 0), (3_000, over(CapKind::Payment, 3_000, 1_000)));
        assert_eq!(caps.apply(usd(4_000), 3_500), (1_500, over(CapKind::Customer, 5_000, 2_500)));
        assert_eq!(caps.apply(usd(1), 9_000), (0, over(CapKind::Customer, 5_000, 1)));
        assert_eq!(Caps::NONE.apply(usd(9_999_999), 5), (9_999_999, None));
    }

    proptest! {
        #[test]
        fn what_is_left_and_what_is_over_are_the_commission(
            commission in 1..100_000i64,
            earned in 0..100_000i64,
            per_payment in prop::option::of(1..100_000i64),
            per_customer in prop::option::of(1..100_000i64),
        ) {
            let caps = Caps { per_payment, per_customer };
            let (left, capped) = caps.apply(usd(commission), earned);
            prop_assert_eq!(left + capped.map_or(0, |capped| capped.over.minor), commission);
            prop_assert!(per_payment.is_none_or(|most| left <= most));
            prop_assert!(per_customer.is_none_or(|most| left == 0 || left + earned <= most));
        }
    }
}
