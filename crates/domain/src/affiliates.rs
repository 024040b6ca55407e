//! People in a program.

use serde::{Deserialize, Serialize};

use crate::emails::Email;
use crate::fields::{Problems, required};
use crate::programs::LONGEST_NAME;

crate::word_enum! {
    /// Where an affiliate stands.
    pub enum AffiliateStatus {
        /// Earns.
        Active = "active",
        /// Applied, not looked at yet.
        Pending = "pending",
        /// Was in and is out.
        Suspended = "suspended",
        /// Was turned down.
        Declined = "declined",
    }
}

/// The fields of the form that adds an affiliate, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AffiliateInput {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The code of their first link; empty means one made from the name.
    pub code: String,
}

/// What an affiliate is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AffiliateDraft {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: Email,
    /// The code wished for, if one was.
    pub code: Option<crate::links::LinkCode>,
}

impl AffiliateInput {
    /// Reads the form, noting every problem.
    pub fn parse(&self, problems: &mut Problems) -> Option<AffiliateDraft> {
        let name = problems.keep("name", required(&self.name, "a name", LONGEST_NAME));
        let email = problems.keep("email", self.email.parse());
        let code = if self.code.trim().is_empty() {
            Some(None)
        } else {
            problems.keep("code", self.code.parse()).map(Some)
        };
        Some(AffiliateDraft { name: name?, email: email?, code: code? })
    }
}
