//! Questions to applicants and their answers, in words.

use domain::questions::{Answer, QuestionKind};

/// How a question is answered: a word, and what it means for the applicant.
pub fn kind_text(kind: QuestionKind) -> (&'static str, &'static str) {
    match kind {
        QuestionKind::Text => ("Text", "In their own words, up to 1,000 characters"),
        QuestionKind::Choice => ("Choice", "One of the answers that you offer"),
        QuestionKind::Url => ("Web address", "A link that you can follow"),
        QuestionKind::Checkbox => ("Checkbox", "Ticked or not"),
    }
}

/// An answer; `None` when there is none.
pub fn answer_text(answer: &Answer) -> Option<&str> {
    match (answer.kind, &answer.answer) {
        (QuestionKind::Checkbox, Some(_)) => Some("Yes"),
        (QuestionKind::Checkbox, None) => Some("No"),
        (_, answer) => answer.as_deref(),
    }
}
