//! The questions that a program asks people who apply, and what they answered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::fields::{Problems, line_of_text, lines_of_text};
use crate::ids::QuestionId;
use crate::programs::web_address;

/// Questions of a program: more are not answered with care.
pub const MOST_QUESTIONS: usize = 10;
/// The longest question, in characters.
pub const LONGEST_QUESTION: usize = 200;
/// Answers that a question can offer: a list that fits on a phone.
pub const MOST_CHOICES: usize = 20;
/// The longest offered answer, in characters.
pub const LONGEST_CHOICE: usize = 100;
/// The longest answer in the applicant's own words, in characters.
pub const LONGEST_ANSWER: usize = 1_000;
/// The longest web address, in characters.
const LONGEST_URL: usize = 300;
/// The answer to a checkbox that was ticked.
pub const TICKED: &str = "yes";

crate::word_enum! {
    /// How a question is answered.
    pub enum QuestionKind {
        /// In the applicant's own words.
        Text = "text",
        /// By one of the answers that the question offers.
        Choice = "choice",
        /// By a web address.
        Url = "url",
        /// By ticking a box, or not.
        Checkbox = "checkbox",
    }
}

/// A question without its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionDraft {
    /// The question as it is asked.
    pub question: String,
    /// How it is answered.
    pub kind: QuestionKind,
    /// Whether there is no application without an answer.
    pub is_required: bool,
    /// The answers that it offers; only a choice has some.
    pub choices: Vec<String>,
}

impl QuestionDraft {
    /// Reads a question. Empty choices are left out.
    ///
    /// # Errors
    /// The problems, at `question`, `kind` and `choices`.
    pub fn parse<'a>(
        question: &str,
        kind: Option<QuestionKind>,
        is_required: bool,
        choices: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Problems> {
        let mut problems = Problems::new();
        let question = problems.keep("question", line_of_text(question, "a question", LONGEST_QUESTION));
        let kind = problems.keep("kind", kind.ok_or("Choose how it is answered"));
        let choices = match kind {
            Some(QuestionKind::Choice) => problems.keep("choices", parse_choices(choices)),
            _ => Some(Vec::new()),
        };
        match (question, kind, choices) {
            (Some(question), Some(kind), Some(choices)) => Ok(Self { question, kind, is_required, choices }),
            _ => Err(problems),
        }
    }
}

fn parse_choices<'a>(choices: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, String> {
    let mut parsed: Vec<String> = Vec::new();
    for choice in choices.into_iter().filter(|choice| !choice.trim().is_empty()) {
        let choice = line_of_text(choice, "an answer", LONGEST_CHOICE)
            .map_err(|_| format!("Use {LONGEST_CHOICE} characters at most for each answer"))?;
        if parsed.contains(&choice) {
            return Err(format!("“{choice}” is there twice"));
        }
        parsed.push(choice);
        if parsed.len() > MOST_CHOICES {
            return Err(format!("Enter {MOST_CHOICES} answers at most"));
        }
    }
    if parsed.len() < 2 { Err("Enter at least two answers".to_owned()) } else { Ok(parsed) }
}

/// A question of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its id, which stays when it is changed.
    pub id: QuestionId,
    /// What it asks.
    #[serde(flatten)]
    pub asks: QuestionDraft,
}

/// Which way a question moves in the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Before the question above it.
    Up,
    /// Behind the question below it.
    Down,
}

/// A program's questions, in the order of the form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Questions(Vec<Question>);

impl Questions {
    /// Questions in this order.
    ///
    /// # Errors
    /// A sentence that says what to do when there are too many.
    pub fn new(questions: Vec<Question>) -> Result<Self, String> {
        if questions.len() > MOST_QUESTIONS {
            return Err(format!("Ask {MOST_QUESTIONS} questions at most"));
        }
        Ok(Self(questions))
    }

    /// In the order of the form.
    pub fn as_slice(&self) -> &[Question] {
        &self.0
    }

    /// One of them.
    pub fn get(&self, id: &QuestionId) -> Option<&Question> {
        self.0.iter().find(|question| question.id == *id)
    }

    /// With another one at the end.
    ///
    /// # Errors
    /// As for [`Questions::new`].
    pub fn with(mut self, question: Question) -> Result<Self, String> {
        self.0.push(question);
        Self::new(self.0)
    }

    /// With other words for one of them; `None` when it is not there.
    #[must_use]
    pub fn with_changed(mut self, id: &QuestionId, asks: QuestionDraft) -> Option<Self> {
        self.0.iter_mut().find(|question| question.id == *id)?.asks = asks;
        Some(self)
    }

    /// Without one of them; `None` when it is not there.
    #[must_use]
    pub fn without(mut self, id: &QuestionId) -> Option<Self> {
        let at = self.0.iter().position(|question| question.id == *id)?;
        self.0.remove(at);
        Some(self)
    }

    /// With one of them moved by one place, where it is not at that end already; `None` when it
    /// is not there.
    #[must_use]
    pub fn with_moved(mut self, id: &QuestionId, to: Move) -> Option<Self> {
        let at = self.0.iter().position(|question| question.id == *id)?;
        let other = match to {
            Move::Up => at.checked_sub(1),
            Move::Down => Some(at + 1).filter(|other| *other < self.0.len()),
        };
        if let Some(other) = other {
            self.0.swap(at, other);
        }
        Some(self)
    }

    /// A short text that changes with the questions. A form carries it, so that nobody's answers are
    /// stored under other words than those that were read.
    pub fn version(&self) -> String {
        let mut hash = Sha256::new();
        for Question { id, asks } in &self.0 {
            let QuestionDraft { question, kind, is_required, choices } = asks;
            for part in [id.as_str(), question, kind.word(), if *is_required { "1" } else { "0" }] {
                hash.update(part);
                hash.update([0]);
            }
            for choice in choices {
                hash.update(choice);
                hash.update([1]);
            }
        }
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads the answers to all questions, in their order. Answers to other questions are ignored.
    ///
    /// # Errors
    /// The problems; the field is the id of the question.
    pub fn answers(&self, given: &BTreeMap<String, String>) -> Result<Vec<Answer>, Problems> {
        let mut problems = Problems::new();
        let mut answers = Vec::new();
        for Question { id, asks } in &self.0 {
            let given = given.get(id.as_str()).map_or("", String::as_str);
            if let Some(answer) = problems.keep(id.as_str(), asks.answer(given)) {
                answers.push(Answer { question: asks.question.clone(), kind: asks.kind, answer });
            }
        }
        problems.or(answers)
    }
}

impl QuestionDraft {
    /// Reads an answer; `None` when nothing was given and nothing has to be.
    fn answer(&self, given: &str) -> Result<Option<String>, String> {
        if given.trim().is_empty() {
            let ask = match self.kind {
                QuestionKind::Text => "Answer this question",
                QuestionKind::Choice => "Choose an answer",
                QuestionKind::Url => "Enter a web address",
                QuestionKind::Checkbox => "Tick this box to apply",
            };
            return if self.is_required { Err(ask.to_owned()) } else { Ok(None) };
        }
        let answer = match self.kind {
            QuestionKind::Text => lines_of_text(given, "an answer", LONGEST_ANSWER)?,
            QuestionKind::Choice => {
                let offered = self.choices.iter().find(|choice| *choice == given.trim());
                offered.cloned().ok_or("Choose one of the answers")?
            }
            QuestionKind::Url => {
                let text = line_of_text(given, "a web address", LONGEST_URL)?;
                web_address(&text).ok_or("Enter a web address such as https://example.com")?;
                text
            }
            QuestionKind::Checkbox => TICKED.to_owned(),
        };
        Ok(Some(answer))
    }
}

/// An answer, with the question as it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The question in the words that the applicant read.
    pub question: String,
    /// How it was answered.
    pub kind: QuestionKind,
    /// The answer; [`TICKED`] for a box that was ticked, `None` for no answer.
    pub answer: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Random, Timestamp};

    fn asks(kind: QuestionKind, is_required: bool, choices: &[&str]) -> QuestionDraft {
        QuestionDraft::parse("How many readers?", Some(kind), is_required, choices.iter().copied()).unwrap()
    }

    fn question(number: u64, asks: QuestionDraft) -> Question {
        let random = Random::seeded(number);
        Question { id: QuestionId::new(Timestamp(i64::try_from(number).unwrap()), &random), asks }
    }

    fn three() -> Questions {
        let all = (1..=3).map(|number| question(number, asks(QuestionKind::Text, false, &[])));
        Questions::new(all.collect()).unwrap()
    }

    #[test]
    fn every_wrong_field_of_a_question_is_named() {
        let problems = QuestionDraft::parse(" ", None, false, []).unwrap_err();
        let fields: Vec<_> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["question", "kind"]);
        let many: Vec<String> = (0..=MOST_CHOICES).map(|number| number.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let long = "x".repeat(LONGEST_CHOICE + 1);
        for wrong in [&[][..], &["one", " "], &["one", "one"], &["one", &long], &many] {
            let parsed = QuestionDraft::parse("Q", Some(QuestionKind::Choice), true, wrong.iter().copied());
            assert_eq!(parsed.unwrap_err().0[0].field, "choices", "{wrong:?}");
        }
        let long = "x".repeat(LONGEST_QUESTION + 1);
        assert!(QuestionDraft::parse(&long, Some(QuestionKind::Text), true, []).is_err());
    }

    #[test]
    fn only_a_choice_keeps_answers_to_choose_from() {
        assert_eq!(asks(QuestionKind::Choice, false, &["a", "", " b "]).choices, ["a", "b"]);
        assert!(asks(QuestionKind::Text, false, &["a", "b"]).choices.is_empty());
    }

    #[test]
    fn answers_fit_their_questions() {
        let optional = |kind| asks(kind, false, &["Yes", "No"]);
        for (kind, given, answer) in [
            (QuestionKind::Text, " a\r\nb ", Ok(Some("a\nb"))),
            (QuestionKind::Text, " ", Ok(None)),
            (QuestionKind::Text, "\u{7}", Err(())),
            (QuestionKind::Choice, "No", Ok(Some("No"))),
            (QuestionKind::Choice, "Perhaps", Err(())),
            (QuestionKind::Url, "slowpages.example/a", Ok(Some("slowpages.example/a"))),
            (QuestionKind::Url, "javascript:alert(1)", Err(())),
            (QuestionKind::Url, "my channel", Err(())),
            (QuestionKind::Checkbox, "on", Ok(Some(TICKED))),
            (QuestionKind::Checkbox, "", Ok(None)),
        ] {
            let read = optional(kind).answer(given);
            assert_eq!(read.as_ref().map(Option::as_deref).map_err(|_| ()), answer, "{kind:?} {given:?}");
        }
        let long = "x".repeat(LONGEST_ANSWER + 1);
        assert!(optional(QuestionKind::Text).answer(&long).is_err());
    }

    #[test]
    fn required_questions_need_an_answer() {
        let all = QuestionKind::ALL.into_iter().zip(1..);
        let all = all.map(|(kind, number)| question(number, asks(kind, true, &["a", "b"])));
        let questions = Questions::new(all.collect()).unwrap();
        let problems = questions.answers(&BTreeMap::new()).unwrap_err();
        let fields: Vec<&str> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
        let ids: Vec<&str> = questions.as_slice().iter().map(|question| question.id.as_str()).collect();
        assert_eq!(fields, ids);
    }

    #[test]
    fn questions_are_added_moved_and_removed_up_to_a_limit() {
        let questions = three();
        let ids: Vec<QuestionId> = questions.as_slice().iter().map(|one| one.id.clone()).collect();
        let order = |questions: &Questions| -> Vec<usize> {
            let place = |question: &Question| ids.iter().position(|id| *id == question.id).unwrap();
            questions.as_slice().iter().map(place).collect()
        };
        let moved = |id: usize, to| order(&questions.clone().with_moved(&ids[id], to).unwrap());
        assert_eq!(moved(1, Move::Up), [1, 0, 2]);
        assert_eq!(moved(1, Move::Down), [0, 2, 1]);
        assert_eq!(moved(0, Move::Up), [0, 1, 2], "it is the first");
        assert_eq!(moved(2, Move::Down), [0, 1, 2], "it is the last");
        assert_eq!(order(&questions.clone().without(&ids[0]).unwrap()), [1, 2]);
        let unknown = question(9, asks(QuestionKind::Text, false, &[])).id;
        assert_eq!(questions.clone().without(&unknown), None);
        let full = (4..=10).try_fold(questions, |all, number| {
            all.with(question(number, asks(QuestionKind::Text, false, &[])))
        });
        assert!(full.unwrap().with(question(11, asks(QuestionKind::Text, false, &[]))).is_err());
    }

    #[test]
    fn every_change_is_another_version() {
        let questions = three();
        let id = questions.as_slice()[0].id.clone();
        let changed = |asks| questions.clone().with_changed(&id, asks).unwrap().version();
        let versions = [
            questions.version(),
            Questions::default().version(),
            questions.clone().with_moved(&id, Move::Down).unwrap().version(),
            changed(asks(QuestionKind::Text, true, &[])),
            changed(asks(QuestionKind::Url, false, &[])),
            changed(asks(QuestionKind::Choice, false, &["a", "b"])),
            changed(asks(QuestionKind::Choice, false, &["b", "a"])),
        ];
        let distinct: std::collections::BTreeSet<&String> = versions.iter().collect();
        assert_eq!(distinct.len(), versions.len(), "{versions:?}");
        assert_eq!(questions.version(), three().version());
    }
}
