//! The questions that a program asks applicants beyond its own.

use domain::audit::AuditAction;
use domain::fields::WHOLE_FORM;
use domain::ids::{ProgramId, QuestionId};
use domain::questions::{Move, Question, QuestionDraft, Questions};
use store::db::again;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

/// A program's questions, in the order of the form.
pub async fn list(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<Questions> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    Ok(store::join_pages::with_questions(&mut conn, &program.id).await?.1)
}

/// Adds a question at the end of the form.
///
/// # Errors
/// [`Error::Invalid`] when there are as many as there can be.
pub async fn add(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    asks: &QuestionDraft,
) -> Result<Questions> {
    edit(engine, actor, program, |questions| {
        let added = questions.with(new(engine, asks.clone()));
        added.map_err(|message| Error::field(WHOLE_FORM, message))
    })
    .await
}

/// Changes a question. Applications that were sent keep the words that their sender read.
///
/// # Errors
/// [`Error::NotFound`] when the program does not ask it.
pub async fn change(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &QuestionId,
    asks: &QuestionDraft,
) -> Result<Questions> {
    edit(engine, actor, program, |questions| questions.with_changed(id, asks.clone()).ok_or(Error::NotFound))
        .await
}

/// Asks a question no longer. Answers to it are kept.
///
/// # Errors
/// [`Error::NotFound`] when the program does not ask it.
pub async fn remove(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &QuestionId,
) -> Result<Questions> {
    edit(engine, actor, program, |questions| questions.without(id).ok_or(Error::NotFound)).await
}

/// Moves a question by one place.
///
/// # Errors
/// [`Error::NotFound`] when the program does not ask it.
pub async fn reorder(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &QuestionId,
    to: Move,
) -> Result<Questions> {
    edit(engine, actor, program, |questions| questions.with_moved(id, to).ok_or(Error::NotFound)).await
}

/// Replaces all questions. Those with an id are the present ones, perhaps changed.
///
/// # Errors
/// [`Error::Invalid`] when there are too many, or one has an id that no present one has.
pub async fn replace(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    wanted: &[(Option<QuestionId>, QuestionDraft)],
) -> Result<Questions> {
    edit(engine, actor, program, |present| {
        let mut questions: Vec<Question> = Vec::new();
        for (index, (id, asks)) in wanted.iter().enumerate() {
            let unknown = |id: &QuestionId| {
                present.get(id).is_none() || questions.iter().any(|question| question.id == *id)
            };
            if id.as_ref().is_some_and(unknown) {
                let message = "Use the id of a present question once, or leave it out";
                return Err(Error::field(&format!("questions[{index}].id"), message));
            }
            let question = match id {
                Some(id) => Question { id: id.clone(), asks: asks.clone() },
                None => new(engine, asks.clone()),
            };
            questions.push(question);
        }
        Questions::new(questions).map_err(|message| Error::field("questions", message))
    })
    .await
}

fn new(engine: &Engine, asks: QuestionDraft) -> Question {
    Question { id: QuestionId::new(engine.now(), engine.random()), asks }
}

async fn edit(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    edit: impl Fn(Questions) -> Result<Questions>,
) -> Result<Questions> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let present = store::join_pages::with_questions(&mut tx, &program.id).await?.1;
        let questions = edit(present.clone())?;
        if questions != present {
            store::join_pages::put_questions(&mut tx, &program.id, &questions).await?;
            let line = audit::line(program.id.as_str(), AuditAction::ApplicationQuestionsChanged);
            audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        }
        tx.commit().await?;
        Ok(questions)
    })
    .await
}
