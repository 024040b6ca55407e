//! What an event says about a customer.

use serde::{Deserialize, Serialize};

use super::Hints;

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own, documented there")]
pub struct CustomerFact {
    pub id: String,
    pub hints: Hints,
}
