//! Idempotency: the answer to a key is given again instead of doing the work again.

use std::collections::{HashMap, VecDeque};

use crate::refusal::Refusal;

/// Keys remembered; Stripe keeps them for a day, a stand-in restarts more often.
const MAX_KEYS: usize = 10_000;

/// An answer as it was sent.
#[derive(Clone)]
pub(crate) struct Answer {
    pub status: u16,
    pub body: String,
    pub request_id: String,
}

struct Kept {
    /// Method, path and parameters, which have to be the same again.
    question: String,
    answer: Answer,
}

/// Answers by idempotency key.
#[derive(Default)]
pub(crate) struct Answers {
    kept: HashMap<String, Kept>,
    ages: VecDeque<String>,
}

impl Answers {
    /// The earlier answer to this key, or a refusal when the question was another.
    pub(crate) fn find(&self, key: &str, question: &str) -> Result<Option<Answer>, Refusal> {
        let Some(kept) = self.kept.get(key) else { return Ok(None) };
        if kept.question == question {
            return Ok(Some(kept.answer.clone()));
        }
        Err(Refusal {
            status: 400,
            kind: "idempotency_error",
            code: None,
            param: None,
            message: format!(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '{key}' if you meant to execute a different request."
            ),
        })
    }

    pub(crate) fn keep(&mut self, key: &str, question: String, answer: Answer) {
        if self.kept.insert(key.to_owned(), Kept { question, answer }).is_none() {
            self.ages.push_back(key.to_owned());
        }
        while self.ages.len() > MAX_KEYS {
            if let Some(oldest) = self.ages.pop_front() {
                self.kept.remove(&oldest);
            }
        }
    }
}
