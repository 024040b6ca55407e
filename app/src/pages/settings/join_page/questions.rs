//! The list of questions to applicants: moved, changed and removed.

use domain::ids::QuestionId;
use domain::questions::{MOST_QUESTIONS, Move, Question, Questions};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::program_of;
use crate::components::{Card, CardBody, Icon};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::layout::ProgramPage;
use crate::presenters::questions::kind_text;
use crate::request::access::{Refusal, engine, merchant};
use crate::routes;

const UP: &str = "up";
const DOWN: &str = "down";
const REMOVE: &str = "remove";

/// The card with a program's questions.
pub(super) fn questions_card(page: &ProgramPage, questions: &Questions) -> impl IntoView + use<> {
    let all = questions.as_slice();
    let rows = all.iter().enumerate().map(|(index, question)| row(page, question, index, all.len()));
    let rows = rows.collect_view();
    let list = if all.is_empty() {
        view! {
            <CardBody>
                <p class="muted">
                    "Applicants give their name, email address, website and how they will promote you. Ask whatever else you need to decide."
                </p>
            </CardBody>
        }
        .into_any()
    } else {
        view! { <ol class="questions" role="list">{rows}</ol> }.into_any()
    };
    let aside = if all.len() < MOST_QUESTIONS {
        let href = page.routes().settings().question(None);
        view! { <a class="button" href=href><Icon name="plus"/>"Add a question"</a> }.into_any()
    } else {
        view! { <span class="muted small">{format!("{MOST_QUESTIONS} at most")}</span> }.into_any()
    };
    view! {
        <div id="questions">
            <Card id="questions-title" title="Your own questions" aside>{list}</Card>
        </div>
    }
}

fn row(page: &ProgramPage, question: &Question, index: usize, number: usize) -> impl IntoView + use<> {
    let (id, asks) = (question.id.to_string(), &question.asks);
    let program = page.program.id.to_string();
    let (kind, _) = kind_text(asks.kind);
    let required = if asks.is_required { "required" } else { "optional" };
    let choices =
        if asks.choices.is_empty() { String::new() } else { format!(": {}", asks.choices.join(", ")) };
    let note = format!("{kind}, {required}{choices}");
    let href = page.routes().settings().question(Some(&question.id));
    let button = |action: &'static str, icon: &'static str, label: String, is_on: bool| {
        view! {
            <button class="button quiet square" name="action" value=action aria-label=label disabled=!is_on>
                <Icon name=icon/>
            </button>
        }
    };
    let asked = asks.question.clone();
    let up = button(UP, "up", format!("Move up: {asked}"), index > 0);
    let down = button(DOWN, "down", format!("Move down: {asked}"), index + 1 < number);
    let remove = button(REMOVE, "x", format!("Remove: {asked}"), true);
    view! {
        <li>
            <div><a href=href>{asked}</a><small>{note}</small></div>
            <form method="post" action=ArrangeQuestion::PATH>
                <input type="hidden" name="program" value=program/>
                <input type="hidden" name="id" value=id/>
                {up}{down}{remove}
            </form>
        </li>
    }
}

/// Moves a question, or removes it.
#[server(prefix = "/do", endpoint = "join-page/arrange-question")]
pub async fn arrange_question(
    /// The program.
    #[server(default)]
    program: String,
    /// The question.
    #[server(default)]
    id: String,
    /// `up`, `down` or `remove`.
    #[server(default)]
    action: String,
) -> Result<(), ServerFnError> {
    let back = routes::of_form(&program, |program| format!("{}#questions", program.settings().join_page()));
    finish(Submission::new(ArrangeQuestion::PATH, &back), async {
        let (actor, program) = (merchant().await?, program_of(&program)?);
        let id: QuestionId = id.parse().map_err(|_| Refusal::NotFound)?;
        let engine = engine();
        let to = match action.as_str() {
            UP => Move::Up,
            DOWN => Move::Down,
            REMOVE => {
                engine::programs::questions::remove(&engine, &actor, &program, &id).await?;
                let flash = Flash::done("Question removed. Answers to it are kept.");
                return Ok(Redirect::to(&back).with_flash(flash));
            }
            _ => return Err(Refusal::NotFound),
        };
        engine::programs::questions::reorder(&engine, &actor, &program, &id, to).await?;
        Ok(Redirect::to(&back))
    })
    .await
}
