//! One message, shown once on the next page.

use serde::{Deserialize, Serialize};

/// How a message is read out and colored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FlashKind {
    /// Something was done.
    Success,
    /// Something could not be done; read out at once.
    Problem,
}

/// The POST that undoes what a message is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// The server function's path.
    pub action: String,
    /// The fields that it needs.
    pub fields: Vec<(String, String)>,
}

/// A message for the next page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// How it is shown.
    pub kind: FlashKind,
    /// One sentence.
    pub text: String,
    /// How to take it back, where that is possible.
    pub undo: Option<Undo>,
}

impl Flash {
    /// "The link was archived."
    pub fn done(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Success, text: text.into(), undo: None }
    }

    /// "Stripe did not answer. Nothing was changed."
    pub fn problem(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Problem, text: text.into(), undo: None }
    }

    /// With a button that takes it back.
    #[must_use]
    pub fn with_undo(self, undo: Undo) -> Self {
        Self { undo: Some(undo), ..self }
    }
}
