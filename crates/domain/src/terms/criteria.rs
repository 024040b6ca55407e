//! What conditions compare with.

use serde::{Deserialize, Serialize};

crate::word_enum! {
    /// How the conditions of a reward are joined.
    #[derive(Default)]
    pub enum Join {
        /// All of them must hold.
        #[default]
        All = "all",
        /// One of them is enough.
        Any = "any",
    }
}

crate::word_enum! {
    /// Which of a customer's payments a reward is for.
    pub enum Order {
        /// Their first payment.
        New = "new",
        /// All later ones.
        Renewal = "renewal",
    }
}

/// A product or price of Stripe's that a condition names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its id at Stripe.
    pub id: String,
    /// What it was called in the program's payments when the condition was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Product {
    /// A product by its id alone.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), name: None }
    }

    /// Its name, or else its id.
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

/// Bounds of a payment's base in the program's currency, both included, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AmountRange {
    /// The smallest amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<i64>,
    /// The largest amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<i64>,
}

impl AmountRange {
    /// Whether it has no bound.
    pub const fn is_open(&self) -> bool {
        self.at_least.is_none() && self.at_most.is_none()
    }

    pub(super) fn holds(self, amount: i64) -> bool {
        self.at_least.is_none_or(|low| amount >= low) && self.at_most.is_none_or(|high| amount <= high)
    }
}
