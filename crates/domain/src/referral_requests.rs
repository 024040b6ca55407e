//! "Missing a referral?": an affiliate asks the company to look for a payment.
//!
//! An affiliate never learns by it whether a payment or a customer exists: what they see is made of
//! their own clicks and codes alone. Only the company sees which payments a request may mean.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::emails::Email;
use crate::fields::lines_of_text;

/// Requests of one affiliate that wait for an answer.
pub const MOST_OPEN: i64 = 20;
/// Requests of one affiliate within a day.
pub const REQUESTS_A_DAY: i64 = 10;
/// Days after which an answered request is deleted: it names a person whom the affiliate knows.
pub const ANSWERED_DAYS: i64 = 180;

crate::word_enum! {
    /// What became of a request.
    pub enum RequestStatus {
        /// It waits for an answer.
        Open = "open",
        /// The payment was credited to the affiliate.
        Credited = "credited",
        /// It was not.
        Declined = "declined",
    }
}

/// What an affiliate knows of a sale: the buyer's address, or the number of the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Sought {
    /// The buyer's address.
    Email(Email),
    /// The number of the order, or an id of Stripe.
    Order(String),
}

impl Sought {
    /// The longest order id, in characters.
    const LONGEST: usize = 100;

    /// Reads an address or an order id.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn parse(text: &str) -> Result<Self, String> {
        const ASK: &str = "Enter the buyer’s email address or the order id";
        let text = text.trim();
        if text.contains('@') {
            return text.parse().map(Self::Email).map_err(|_| ASK.to_owned());
        }
        let fits = (3..=Self::LONGEST).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_#./".contains(&byte));
        if fits { Ok(Self::Order(text.to_owned())) } else { Err(ASK.to_owned()) }
    }

    /// As the affiliate reads it again: an address is masked, because others may see the screen.
    pub fn masked(&self) -> String {
        match self {
            Self::Email(email) => email.masked(),
            Self::Order(order) => order.clone(),
        }
    }
}

impl fmt::Display for Sought {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email(email) => email.fmt(f),
            Self::Order(order) => f.write_str(order),
        }
    }
}

impl TryFrom<String> for Sought {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Sought> for String {
    fn from(sought: Sought) -> Self {
        sought.to_string()
    }
}

/// Some lines of a request or an answer; may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remark(String);

impl Remark {
    /// The longest remark, in characters.
    pub const LONGEST: usize = 500;

    /// Reads a remark.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        lines_of_text(text, "a sentence", Self::LONGEST).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sale_is_sought_by_address_or_order() {
        let email = Sought::parse(" Ana@Example.com ").unwrap();
        assert_eq!(
            (email.to_string().as_str(), email.masked().contains("example")),
            ("ana@example.com", false)
        );
        let order = Sought::parse("#1042-A").unwrap();
        assert_eq!((order.to_string(), order.masked()), ("#1042-A".to_owned(), "#1042-A".to_owned()));
        for wrong in ["", "a@b", "two words", "ab", "x\0y", "%_", &"x".repeat(101)] {
            assert!(Sought::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_sought_reads_back() {
        for text in ["ana@example.com", "cs_test_1"] {
            let sought = Sought::parse(text).unwrap();
            let json = serde_json::to_string(&sought).unwrap();
            assert_eq!(serde_json::from_str::<Sought>(&json).unwrap(), sought);
        }
    }
}
