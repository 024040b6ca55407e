//! The form of a text for affiliates.

use domain::fields::Problems;
use domain::resources::{ResourceTitle, Template, TextDraft};
use serde::{Deserialize, Serialize};

/// The fields as they were entered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceTextForm {
    /// What it is called.
    pub title: String,
    /// The text.
    pub text: String,
}

impl ResourceTextForm {
    /// Reads the form.
    ///
    /// # Errors
    /// The problems, by field.
    pub fn draft(&self) -> Result<TextDraft, Problems> {
        let mut problems = Problems::new();
        let title = problems.keep("title", ResourceTitle::parse(&self.title));
        let text = problems.keep("text", Template::parse(&self.text));
        match (title, text) {
            (Some(title), Some(text)) => Ok(TextDraft { title, text }),
            _ => Err(problems),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named() {
        let form = ResourceTextForm { text: "{{name}}".into(), ..ResourceTextForm::default() };
        let problems = form.draft().unwrap_err();
        let fields: Vec<_> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["title", "text"]);
    }
}
