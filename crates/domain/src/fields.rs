//! What is wrong with an input: one problem per field, in the order of the fields.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The field of a [`Problem`] that concerns the whole input instead of one field.
pub const WHOLE_FORM: &str = "";

/// What to do about a text with a NUL character, which no database text can hold.
pub const NUL_MESSAGE: &str = "Remove the NUL character (U+0000)";

/// One problem with one field, worded as what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The field's name, the same in forms and in the API; [`WHOLE_FORM`] when it is none.
    pub field: String,
    /// A sentence such as "Enter a hold period from 0 to 365 days".
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
    pub fn keep<T, E: fmt::Display>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(field, error.to_string())).ok()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value, unless something was wrong on the way to it.
    ///
    /// # Errors
    /// The problems that were noted.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

/// One line of text: trimmed, not empty, at most `longest` characters.
///
/// # Errors
/// A sentence that says what to do; `what` is what is missing, such as "a name".
pub fn line_of_text(text: &str, what: &str, longest: usize) -> Result<String, String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        Err(format!("Enter {what}"))
    } else if trimmed.chars().count() > longest {
        Err(format!("Use {longest} characters at most"))
    } else if trimmed.chars().any(char::is_control) {
        Err("Remove line breaks and control characters".to_owned())
    } else {
        Ok(trimmed.to_owned())
    }
}

/// Several lines of text: trimmed, not empty, at most `longest` characters, with `\n` at the end of
/// lines.
///
/// # Errors
/// A sentence that says what to do; `what` is what is missing, such as "an answer".
pub fn lines_of_text(text: &str, what: &str, longest: usize) -> Result<String, String> {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let trimmed = lines.trim();
    if trimmed.is_empty() {
        Err(format!("Enter {what}"))
    } else if trimmed.chars().count() > longest {
        Err(format!("Use {longest} characters at most"))
    } else if trimmed.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        Err("Remove control characters".to_owned())
    } else {
        Ok(trimmed.to_owned())
    }
}

/// The name of a program, a person or a company: one line of 1 to 80 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// The longest name, in characters.
    pub const LONGEST: usize = 80;

    /// Reads a name.
    ///
    /// # Errors
    /// A sentence that says what to do; `what` is what is missing, such as "a name".
    pub fn parse(text: &str, what: &str) -> Result<Self, String> {
        line_of_text(text, what, Self::LONGEST).map(Self)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text, "a name")
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_endings_are_normalized() {
        assert_eq!(lines_of_text(" a\r\n\r\nb\rc ", "a text", 20), Ok("a\n\nb\nc".to_owned()));
        for wrong in [" \n ", "a\u{7}b", &"a".repeat(21)] {
            assert!(lines_of_text(wrong, "a text", 20).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_name_is_one_line_of_text() {
        assert_eq!(" Lumen ".parse::<Name>().map(|name| name.to_string()), Ok("Lumen".to_owned()));
        assert_eq!(
            Name::parse(" ", "a name for the program"),
            Err("Enter a name for the program".to_owned())
        );
        for wrong in ["a\nb", &"a".repeat(81)] {
            assert!(wrong.parse::<Name>().is_err(), "{wrong}");
        }
    }
}
