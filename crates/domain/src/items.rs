//! What a payment was for: the lines of its invoice.

use serde::{Deserialize, Serialize};

/// A line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What it charged after its own discounts and without tax, in minor units; negative for a
    /// credit, such as the unused rest of a month.
    pub amount: i64,
    /// Stripe's id of the product (`prod_…`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Stripe's id of the price (`price_…`, or an older plan's).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<String>,
    /// What it is called on the invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Item {
    /// Whether an id is that of its product or price.
    pub fn is(&self, id: &str) -> bool {
        self.product.as_deref() == Some(id) || self.price.as_deref() == Some(id)
    }

    /// What to call it: its name on the invoice, or else an id.
    pub fn title(&self) -> Option<&str> {
        self.name.as_deref().or(self.product.as_deref()).or(self.price.as_deref())
    }
}
