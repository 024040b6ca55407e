//! Affiliates: their status in a program, and how it may change.

use crate::emails::Email;
use crate::fields::{Name, line_of_text};
use crate::links::LinkCode;

crate::word_enum! {
    /// Whether an affiliate takes part in a program.
    pub enum AffiliateStatus {
        /// Earns commissions.
        Active = "active",
        /// Applied; not decided yet.
        Pending = "pending",
        /// Took part and was suspended; new clicks are not tracked.
        Suspended = "suspended",
        /// Was not accepted.
        Declined = "declined",
    }
}

impl AffiliateStatus {
    /// Whether the affiliate must be given a reason.
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::Declined | Self::Suspended)
    }
}

/// What an affiliate is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AffiliateDraft {
    /// Their name.
    pub name: Name,
    /// Their address; they sign in with it.
    pub email: Email,
    /// The code of their first link; `None` makes one from the name.
    pub code: Option<LinkCode>,
}

/// Why an affiliate was declined or suspended: one line of up to 300 characters that the
/// affiliate can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReason(String);

impl StatusReason {
    /// What is asked for where a reason is missing.
    pub const ASK: &str = "Enter a reason that the affiliate can read";
    /// What is asked for where a reason to decline an application is missing.
    pub const ASK_APPLICANT: &str = "Enter a reason that the applicant can read";
    /// The longest reason, in characters.
    const LONGEST: usize = 300;

    /// Reads a reason; `None` when nothing was entered.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        line_of_text(text, "a reason", Self::LONGEST).map(|reason| Some(Self(reason)))
    }

    /// The reason.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
