//! What is wrong with a form: one problem a field, in the order of the fields.

use serde::{Deserialize, Serialize};

/// The field of a [`Problem`] that concerns the whole input instead of one field.
pub const WHOLE_FORM: &str = "";

/// One problem with one field, in words that say what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The field's name, the same in forms and in the API; [`WHOLE_FORM`] when it is none.
    pub field: String,
    /// A sentence such as "Enter a number of days from 1 to 365".
    pub message: String,
}

/// Everything that is wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// No problem so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a problem.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(Problem { field: field.to_owned(), message: message.into() });
    }

    /// A single problem.
    pub fn one(field: &str, message: impl Into<String>) -> Self {
        let mut problems = Self::new();
        problems.add(field, message);
        problems
    }

    /// The value, or `None` and a note of the problem.
    pub fn keep<T, E: std::fmt::Display>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(field, error.to_string())).ok()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A text field's content: trimmed, not empty, not longer than `longest` characters.
pub fn required(text: &str, what: &str, longest: usize) -> Result<String, String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        Err(format!("Enter {what}"))
    } else if trimmed.chars().count() > longest {
        Err(format!("Use {longest} characters at most"))
    } else if trimmed.chars().any(char::is_control) {
        Err("Leave out line breaks and control characters".to_owned())
    } else {
        Ok(trimmed.to_owned())
    }
}

/// A whole number between two bounds.
pub fn whole_number(text: &str, what: &str, low: i64, high: i64) -> Result<i64, String> {
    match text.trim().parse::<i64>() {
        Ok(number) if (low..=high).contains(&number) => Ok(number),
        _ => Err(format!("Enter {what} from {low} to {high}")),
    }
}
