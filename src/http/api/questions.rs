//! `/programs/{programId}/application-questions`: what a program asks applicants beyond their name,
//! address, website and plan.

use axum::extract::State;
use domain::fields::{Problems, line_of_text};
use domain::ids::QuestionId;
use domain::questions::{
    Answer, LONGEST_CHOICE, MOST_CHOICES, Question, QuestionDraft, QuestionKind, Questions,
};
use engine::Engine;
use engine::programs::questions;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::enum_schemas;
use super::extract::{Body, Ids};
use super::formats::Object;
use super::page::Item;
use super::paths::ProgramPath;
use super::problem::ApiResult;
use super::text_schemas;

/// The questions that a program asks applicants, in the order of the form.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApplicationQuestions)]
pub struct QuestionsBody {
    questions: Vec<QuestionBody>,
}

/// A question to applicants.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApplicationQuestion)]
struct QuestionBody {
    /// Stays the same when the question is changed.
    #[schema(value_type = String, example = "qst_01h455vb4pex5vsknk084sn02q")]
    id: QuestionId,
    #[schema(example = "Do you use Acme yourself?")]
    question: String,
    #[schema(value_type = enum_schemas::QuestionKind)]
    kind: &'static str,
    /// Whether nobody can apply without an answer.
    required: bool,
    /// The answers to choose from; empty unless the kind is `choice`.
    choices: Vec<String>,
}

impl From<Question> for QuestionBody {
    fn from(question: Question) -> Self {
        let QuestionDraft { question: asked, kind, is_required, choices } = question.asks;
        Self { id: question.id, question: asked, kind: kind.word(), required: is_required, choices }
    }
}

impl From<Questions> for QuestionsBody {
    fn from(questions: Questions) -> Self {
        Self { questions: questions.as_slice().iter().cloned().map(QuestionBody::from).collect() }
    }
}

/// An applicant's answer to one of the program's own questions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApplicationAnswer)]
pub struct AnswerBody {
    /// The question in the words that the applicant read.
    question: String,
    #[schema(value_type = enum_schemas::QuestionKind)]
    kind: &'static str,
    /// Null for no answer. `yes` for a checkbox that was ticked.
    answer: Option<String>,
}

impl From<Answer> for AnswerBody {
    fn from(answer: Answer) -> Self {
        Self { question: answer.question, kind: answer.kind.word(), answer: answer.answer }
    }
}

/// Retrieve the application questions
#[utoipa::path(
    get,
    path = "/programs/{programId}/application-questions",
    tag = "affiliates",
    operation_id = "getApplicationQuestions",
    params(ProgramPath),
    responses((status = 200, description = "The questions", body = Item<QuestionsBody>), ReadRefusals),
)]
pub async fn get(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
) -> ApiResult<Item<QuestionsBody>> {
    let found = questions::list(&engine, actor.merchant(), &path.program_id).await?;
    Ok(Item::of(found.into()))
}

/// The questions to replace the present ones, in the order of the form. Up to 10.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ApplicationQuestionsInput, example = json!({"questions": [
    {"question": "Do you use Acme yourself?", "kind": "choice", "required": true, "choices": ["Yes", "Not yet"]},
    {"question": "How many people read you?", "kind": "text"},
]}))]
pub struct QuestionsInput {
    #[schema(value_type = Vec<QuestionInput>, required = true, nullable = false, max_items = 10)]
    questions: Option<Vec<Object<QuestionInput>>>,
}

/// A question to applicants.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ApplicationQuestionInput)]
struct QuestionInput {
    /// A present question that is kept or changed. Left out for a new one.
    #[schema(value_type = Option<String>)]
    id: Option<String>,
    #[schema(required = true, nullable = false, value_type = text_schemas::QuestionText)]
    question: Option<String>,
    #[schema(value_type = enum_schemas::QuestionKind, required = true, nullable = false)]
    kind: Option<String>,
    /// False if left out.
    #[serde(default)]
    required: bool,
    /// From 2 to 20 answers of up to 100 characters, for the kind `choice`.
    #[serde(default)]
    #[schema(value_type = Vec<text_schemas::ChoiceText>, required = false, max_items = 20)]
    choices: Vec<String>,
}

impl QuestionsInput {
    fn read(self) -> Result<Vec<(Option<QuestionId>, QuestionDraft)>, Problems> {
        let mut problems = Problems::new();
        let mut wanted = Vec::new();
        let given = self.questions.ok_or_else(|| Problems::one("questions", "Enter a list"))?;
        for (index, Object(input)) in given.into_iter().enumerate() {
            if input.choices.len() > MOST_CHOICES {
                problems.add(&format!("questions[{index}].choices"), "Enter 20 answers at most");
            }
            for (number, choice) in input.choices.iter().enumerate() {
                let choice = line_of_text(choice, "an answer", LONGEST_CHOICE);
                problems.keep(&format!("questions[{index}].choices[{number}]"), choice);
            }
            let kind = input.kind.as_deref().and_then(QuestionKind::from_word);
            let asks = QuestionDraft::parse(
                &input.question.unwrap_or_default(),
                kind,
                input.required,
                input.choices.iter().map(String::as_str),
            );
            let asks = asks.map_err(|wrong| {
                for problem in wrong.0 {
                    problems.add(&format!("questions[{index}].{}", problem.field), problem.message);
                }
            });
            let id = match input.id.map(|id| id.parse()).transpose() {
                Ok(id) => id,
                Err(_) => {
                    problems.add(&format!("questions[{index}].id"), "Use the id of a present question");
                    None
                }
            };
            if let Ok(asks) = asks {
                wanted.push((id, asks));
            }
        }
        problems.or(wanted)
    }
}

/// Replace the application questions
/// A question with the `id` of a present one is kept or changed, others are new, and those left out
/// are no longer asked. Applications keep the answers, with the questions as they were asked.
#[utoipa::path(
    put,
    path = "/programs/{programId}/application-questions",
    tag = "affiliates",
    operation_id = "replaceApplicationQuestions",
    params(ProgramPath),
    request_body = QuestionsInput,
    responses((status = 200, description = "The questions", body = Item<QuestionsBody>), WriteRefusals),
)]
pub async fn replace(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Body(input): Body<QuestionsInput>,
) -> ApiResult<Item<QuestionsBody>> {
    // A program that is not yours is refused before the input.
    let (merchant, program) = (actor.merchant(), &path.program_id);
    questions::list(&engine, merchant, program).await?;
    let replaced = questions::replace(&engine, merchant, program, &input.read()?).await?;
    Ok(Item::of(replaced.into()))
}
