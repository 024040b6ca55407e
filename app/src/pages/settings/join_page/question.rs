//! Settings > Join page > Question: adding or changing a question to applicants.

use domain::questions::{LONGEST_QUESTION, QuestionKind};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::program_of;
use crate::components::{
    Checkbox, Choice, ChoiceField, ErrorSummary, FormActions, MerchantShell, PageHead, TextArea, TextField,
};
use crate::forms::submission::{Redirect, Submission, finish, take_form};
use crate::forms::{Flash, QuestionForm};
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::questions::kind_text;
use crate::request::access::{Access, Refusal, engine, merchant};
use crate::request::queries::Parameters;
use crate::routes;

/// The form of a question: a new one, or the one that the address names.
#[component]
pub fn SettingsQuestion() -> impl IntoView {
    page(question_page())
}

async fn question_page() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let questions = engine::programs::questions::list(&page.engine, &page.actor, &page.program.id).await?;
    let parameters = Parameters::of_request();
    let recorded = match parameters.get("question") {
        Some(id) => {
            let id = id.parse().map_err(|_| Refusal::NotFound)?;
            Some(questions.get(&id).cloned().ok_or(Refusal::NotFound)?)
        }
        None => None,
    };
    let form = take_form(SaveQuestion::PATH).await;
    let heading = if recorded.is_some() { "Change question" } else { "Add a question" };
    page.title(heading, form.has_errors());
    let settings = page.routes().settings();
    let crumbs =
        page.crumbs(&[("Settings", settings.general()), ("Join page", settings.join_page())], heading);
    let id = recorded.as_ref().map(|question| question.id.to_string()).unwrap_or_default();
    let recorded = recorded.map_or_else(
        || QuestionForm { kind: QuestionKind::Text.word().to_owned(), ..QuestionForm::default() },
        |question| QuestionForm::of(&question),
    );
    let field = |name: &str, recorded: &str| form.field(&format!("question[{name}]"), recorded);
    let required = form.is_checked("question[required]", !recorded.required.is_empty());
    let (question, kind) = (field("question", &recorded.question), field("kind", &recorded.kind));
    let (choices, ticked) = (field("choices", &recorded.choices), field("required", ""));
    let errors = form.errors().to_vec();
    let kinds = QuestionKind::ALL.map(|kind| {
        let (label, consequence) = kind_text(kind);
        Choice::new(kind.word(), label, consequence)
    });
    let (program, cancel) = (page.program.id.to_string(), format!("{}#questions", settings.join_page()));
    Ok(view! {
        <MerchantShell frame=page.frame(Section::JoinPage) crumbs narrow=true>
            <PageHead title=heading lead="Applicants answer it in the form on the join page."/>
            <ErrorSummary errors/>
            <form class="form" method="post" action=SaveQuestion::PATH novalidate>
                <input type="hidden" name="program" value=program/>
                <input type="hidden" name="id" value=id/>
                <TextField
                    field=question
                    label="Question"
                    hint=format!("Up to {LONGEST_QUESTION} characters")
                />
                <ChoiceField
                    field=kind
                    label="How is it answered?"
                    choices=kinds.to_vec()
                />
                <TextArea
                    field=choices
                    label="Answers to choose from"
                    hint="One a line, from 2 to 20"
                />
                <Checkbox
                    field=ticked
                    checked=required
                    label="Required".into_any()
                    hint="Nobody can apply without an answer. A checkbox has to be ticked"
                />
                <FormActions submit="Save question" cancel/>
            </form>
        </MerchantShell>
    }
    .into_any())
}

/// Adds a question, or changes one.
#[server(prefix = "/do", endpoint = "join-page/question")]
pub async fn save_question(
    /// The program.
    #[server(default)]
    program: String,
    /// The question; empty for a new one.
    #[server(default)]
    id: String,
    /// The form.
    #[server(default)]
    question: QuestionForm,
) -> Result<(), ServerFnError> {
    let question_id = id.parse().ok();
    let back = routes::of_form(&program, |program| program.settings().question(question_id.as_ref()));
    let done = routes::of_form(&program, |program| program.settings().join_page());
    let sent = Submission::new(SaveQuestion::PATH, &back).with_values("question", &question);
    finish(sent, async {
        let (actor, program) = (merchant().await?, program_of(&program)?);
        let asks = question.draft().map_err(engine::Error::from)?;
        match &question_id {
            Some(id) => {
                engine::programs::questions::change(&engine(), &actor, &program, id, &asks).await?;
            }
            None if id.is_empty() => {
                engine::programs::questions::add(&engine(), &actor, &program, &asks).await?;
            }
            None => return Err(Refusal::NotFound),
        }
        Ok(Redirect::to(format!("{done}#questions")).with_flash(Flash::done("Question saved.")))
    })
    .await
}
