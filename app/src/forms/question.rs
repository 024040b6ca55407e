//! The form of a question that a program asks applicants.

use domain::fields::Problems;
use domain::questions::{Question, QuestionDraft, QuestionKind};
use serde::{Deserialize, Serialize};

/// The fields as they were entered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QuestionForm {
    /// The question.
    pub question: String,
    /// How it is answered, by its word.
    pub kind: String,
    /// Not empty where the box is ticked.
    pub required: String,
    /// The answers to choose from, one a line.
    pub choices: String,
}

impl QuestionForm {
    /// The form filled with a question.
    pub fn of(question: &Question) -> Self {
        let asks = &question.asks;
        Self {
            question: asks.question.clone(),
            kind: asks.kind.word().to_owned(),
            required: if asks.is_required { "on".to_owned() } else { String::new() },
            choices: asks.choices.join("\n"),
        }
    }

    /// Reads the form.
    ///
    /// # Errors
    /// The problems, by field.
    pub fn draft(&self) -> Result<QuestionDraft, Problems> {
        let kind = QuestionKind::from_word(&self.kind);
        QuestionDraft::parse(&self.question, kind, !self.required.is_empty(), self.choices.lines())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_one_a_line() {
        let form = QuestionForm {
            question: "Do you use it?".into(),
            kind: "choice".into(),
            required: "on".into(),
            choices: "Yes\r\n\r\nNot yet\r\n".into(),
        };
        let draft = form.draft().unwrap();
        assert_eq!((draft.choices, draft.is_required), (vec!["Yes".to_owned(), "Not yet".to_owned()], true));
    }

    #[test]
    fn every_wrong_field_is_named() {
        let problems = QuestionForm::default().draft().unwrap_err();
        let fields: Vec<_> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["question", "kind"]);
    }
}
