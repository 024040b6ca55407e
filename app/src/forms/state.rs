//! The entries of a form, and the problems of its fields.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The longest value that is kept, in bytes: the session must not grow without bound. A
/// longer one is refused by its own field, and is cut when the form is shown again.
const LONGEST_VALUE: usize = 4_000;

/// A field's problem, worded as what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's name.
    pub field: String,
    /// "Enter a number of days from 1 to 365".
    pub message: String,
}

/// The entries of a form, and what is wrong with them, in the order of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormState {
    values: BTreeMap<String, String>,
    errors: Vec<FieldError>,
}

/// One field as a component needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// The name that is sent; also the id.
    pub name: String,
    /// What it holds.
    pub value: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

impl Field {
    /// An empty field without a problem.
    pub fn empty(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// A field that holds a value.
    pub fn with_value(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..Self::empty(name) }
    }
}

impl FormState {
    /// Keeps an entry. Secrets are never kept.
    #[must_use]
    pub fn typed(mut self, name: &str, value: &str) -> Self {
        if !is_secret(name) {
            let end = value.floor_char_boundary(LONGEST_VALUE);
            self.values.insert(name.to_owned(), value[..end].to_owned());
        }
        self
    }

    /// Notes a problem. The first one of a field is the one that is shown.
    pub fn refuse(&mut self, field: &str, message: impl Into<String>) {
        if self.error(field).is_none() {
            self.errors.push(FieldError { field: field.to_owned(), message: message.into() });
        }
    }

    /// Notes the problem of a parse and gives its value when there was none.
    pub fn check<T, E: std::fmt::Display>(&mut self, field: &str, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|error| self.refuse(field, error.to_string())).ok()
    }

    /// Whether anything is wrong.
    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// The problems in the order of the fields.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// What was entered into a field, or else what the record holds.
    pub fn value(&self, field: &str, recorded: &str) -> String {
        self.values.get(field).map_or(recorded, String::as_str).to_owned()
    }

    /// What was entered into a field, if it was in the form.
    pub fn entered(&self, field: &str) -> Option<&str> {
        self.values.get(field).map(String::as_str)
    }

    /// Whether a checkbox is ticked. Browsers send nothing for an empty one, so as soon as
    /// something was entered, absence means no.
    pub fn is_checked(&self, field: &str, recorded: bool) -> bool {
        if self.values.is_empty() {
            recorded
        } else {
            self.values.get(field).is_some_and(|value| !value.is_empty())
        }
    }

    /// A field's problem.
    pub fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }

    /// A field for a component: the entry, or else what the record holds.
    pub fn field(&self, name: &str, recorded: &str) -> Field {
        Field {
            name: name.to_owned(),
            value: self.value(name, recorded),
            error: self.error(name).map(ToOwned::to_owned),
        }
    }
}

/// Whether a name says that its value is secret; such a value never reaches the session.
fn is_secret(name: &str) -> bool {
    let name = name.trim_end_matches(']').to_ascii_lowercase();
    ["password", "secret"].iter().any(|word| name.contains(word))
        || ["key", "token"].iter().any(|word| name.ends_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_from_the_form_replaces_stored_values() {
        let state = FormState::default().typed("rate", "250").typed("note", "");
        assert_eq!(state.value("rate", "25"), "250");
        assert_eq!(state.value("note", "recorded"), "", "an emptied field stays empty");
        assert_eq!(state.value("window", "60"), "60");
    }

    #[test]
    fn secrets_are_never_kept() {
        let state = FormState::default()
            .typed("password", "hunter2")
            .typed("form[webhookSecret]", "whsec_x")
            .typed("api_key", "rk_live_x");
        assert!(!serde_json::to_string(&state).unwrap().contains("hunter2"));
        assert_eq!(state, FormState::default());
    }

    #[test]
    fn long_values_are_cut_at_a_character() {
        let state = FormState::default().typed("note", &"ö".repeat(3_000));
        assert_eq!(state.value("note", "").len(), LONGEST_VALUE);
    }

    #[test]
    fn the_first_problem_of_each_field_is_shown_in_order() {
        let mut state = FormState::default();
        state.refuse("window", "Enter a number of days from 1 to 365");
        state.refuse("window", "another");
        let rate: Option<u8> = state.check("rate", "x".parse::<u8>());
        assert_eq!(rate, None);
        assert_eq!(state.check("hold", "30".parse::<u8>()), Some(30));
        let fields: Vec<_> = state.errors().iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["window", "rate"]);
        assert_eq!(
            state.field("window", "60").error.as_deref(),
            Some("Enter a number of days from 1 to 365")
        );
    }

    #[test]
    fn an_unticked_box_differs_from_an_untouched_form() {
        assert!(FormState::default().is_checked("auto", true));
        assert!(!FormState::default().typed("name", "x").is_checked("auto", true));
        assert!(FormState::default().typed("auto", "yes").is_checked("auto", false));
    }

    #[test]
    fn a_form_state_is_kept_in_the_session() {
        let mut state = FormState::default().typed("rate", "250");
        state.refuse("rate", "Enter a percentage from 0.01 to 100");
        let json = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<FormState>(&json).unwrap(), state);
    }
}
