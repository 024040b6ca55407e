//! Which reward decided about a payment, and why the ones before it did not.

use serde::{Deserialize, Serialize};

use super::{AmountRange, Capped, Commission, Order, Recurrence};
use crate::items::Item;
use crate::money::Currency;

/// How many products of a payment a reason names.
const MOST_NAMED: usize = 5;

/// Why a condition does not hold. Stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Mismatch {
    /// It was for other products.
    Product {
        /// What it was for.
        bought: Vec<String>,
    },
    /// It has no invoice, so that its products are not known.
    ProductUnknown,
    /// Its products are excluded.
    Excluded {
        /// What it was for.
        bought: Vec<String>,
    },
    /// Nothing was charged for the products that count.
    NothingCharged {
        /// What it was for.
        bought: Vec<String>,
    },
    /// Its amount is out of bounds.
    Amount {
        /// The amount, in minor units of the program's currency.
        base: i64,
        /// The bounds.
        range: AmountRange,
    },
    /// Its amount cannot be compared, because it is in another currency.
    AmountCurrency {
        /// The payment's currency.
        currency: Currency,
    },
    /// It was in another currency.
    Currency {
        /// The payment's currency.
        currency: Currency,
    },
    /// The customer is in another country, or it is not known in which.
    Country {
        /// The customer's country.
        country: Option<String>,
    },
    /// It is a first payment and should be a later one, or the other way round.
    Order {
        /// What it should be.
        wanted: Order,
    },
}

impl AppliedReward {
    /// The only step of the only reward.
    pub const fn simple(commission: Commission, recurrence: Recurrence) -> Self {
        Self { position: 1, name: None, step: 1, commission, recurrence, capped: None, skipped: Vec::new() }
    }
}

impl Mismatch {
    /// The stable word in the API.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Product { .. } => "other_product",
            Self::ProductUnknown => "product_unknown",
            Self::Excluded { .. } => "excluded_product",
            Self::NothingCharged { .. } => "nothing_charged",
            Self::Amount { .. } => "amount_out_of_range",
            Self::AmountCurrency { .. } => "amount_in_other_currency",
            Self::Currency { .. } => "other_currency",
            Self::Country { country: Some(_) } => "other_country",
            Self::Country { country: None } => "country_unknown",
            Self::Order { wanted: Order::New } => "not_first_payment",
            Self::Order { wanted: Order::Renewal } => "not_renewal",
        }
    }

    /// All words.
    pub const WORDS: [&'static str; 11] = [
        "other_product",
        "product_unknown",
        "excluded_product",
        "nothing_charged",
        "amount_out_of_range",
        "amount_in_other_currency",
        "other_currency",
        "other_country",
        "country_unknown",
        "not_first_payment",
        "not_renewal",
    ];

    /// The first few products of a payment by name.
    pub(super) fn bought(items: &[Item]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in items.iter().filter_map(Item::title) {
            if names.len() < MOST_NAMED && names.iter().all(|known| known != name) {
                names.push(name.to_owned());
            }
        }
        names
    }
}

/// A reward that does not apply to a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedReward {
    /// Its place in the list, 1 for the first.
    pub position: i64,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The first condition that does not hold, or all of them where one would be enough.
    pub reasons: Vec<Mismatch>,
}

/// The reward that decided about a payment. Stored as JSON with the conversion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedReward {
    /// Its place in the list, 1 for the first.
    pub position: i64,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The step that the customer was in, 1 for the first.
    pub step: i64,
    /// What the step pays.
    pub commission: Commission,
    /// Until when it does.
    pub recurrence: Recurrence,
    /// What a cap took from the commission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capped: Option<Capped>,
    /// The rewards before it, which do not apply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<SkippedReward>,
}
