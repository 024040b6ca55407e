//! People in a program.

use serde::{Deserialize, Serialize};

use crate::emails::Email;
use crate::fields::{Problems, required};
use crate::programs::LONGEST_NAME;

/// Where an affiliate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AffiliateStatus {
    /// Applied, not looked at yet.
    Pending,
    /// Earns.
    Active,
    /// Was turned down.
    Declined,
    /// Was in and is out.
    Suspended,
}

impl AffiliateStatus {
    /// All of them, in the order of a filter.
    pub const ALL: [Self; 4] = [Self::Active, Self::Pending, Self::Suspended, Self::Declined];

    /// The word in the database and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Declined => "declined",
            Self::Suspended => "suspended",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
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
