//! The form of an application.

use std::collections::BTreeMap;

use domain::questions::{Question, QuestionKind};
use engine::programs::join_page::Offer;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::{
    Checkbox, Choice, ChoiceField, EmailField, ErrorSummary, SelectField, TextArea, TextField, TextKind,
};
use crate::forms::submission::{Redirect, Submission, finish};
use crate::forms::{ApplicationForm, FormState};
use crate::request::access::engine;
use crate::request::site::ClientAddress;
use crate::routes;

/// Offered answers up to which all are shown at once.
const MOST_SHOWN: usize = 6;

/// The name of the field that answers a question.
fn answer_field(question: &Question) -> String {
    format!("answers[{}]", question.id)
}

/// One of the program's own questions.
fn question_field(question: &Question, form: &FormState) -> AnyView {
    let asks = &question.asks;
    let name = answer_field(question);
    let (field, label, optional) = (form.field(&name, ""), asks.question.clone(), !asks.is_required);
    let choices = asks.choices.iter().map(|choice| Choice::plain(choice.clone(), choice.clone()));
    match asks.kind {
        QuestionKind::Text => view! { <TextArea field label optional/> }.into_any(),
        QuestionKind::Url => view! { <TextField field label optional kind=TextKind::OwnUrl/> }.into_any(),
        QuestionKind::Choice if choices.len() <= MOST_SHOWN => {
            let label = if optional { format!("{label} (optional)") } else { label };
            let choices: Vec<Choice> = choices.collect();
            view! { <ChoiceField field label choices/> }.into_any()
        }
        QuestionKind::Choice => {
            let first = Choice::plain("", "Choose an answer");
            let choices: Vec<Choice> = std::iter::once(first).chain(choices).collect();
            view! { <SelectField field label optional choices/> }.into_any()
        }
        QuestionKind::Checkbox => {
            let checked = form.is_checked(&name, false);
            view! { <Checkbox field checked label=label.into_any()/> }.into_any()
        }
    }
}

/// The card with the form. What was typed comes from `form`.
pub(super) fn apply_card(offer: &Offer, form: &FormState) -> AnyView {
    let Offer { program, merchant_name, terms, .. } = offer;
    let field = |name: &str| form.field(&format!("application[{name}]"), "");
    let (name, email, website) = (field("name"), field("email"), field("website"));
    let (promotion, accept) = (field("promotion"), field("accept"));
    let is_accepted = form.is_checked("application[accept]", false);
    let terms_link = format!("{}#terms", routes::join(&program.slug));
    let version = format!(", version {}", terms.version);
    let label = view! { "I accept the "<a href=terms_link>"terms of the program"</a>{version} }.into_any();
    let question = format!("How will you promote {merchant_name}?");
    let (terms, slug) = (terms.id.to_string(), program.slug.clone());
    let questions = offer.questions.as_slice().iter().map(|question| question_field(question, form));
    let questions = questions.collect_view();
    let questions_version = offer.questions.version();
    let note = format!("{merchant_name} uses your answers only to decide on your application.");
    view! {
        <section class="card apply" id="apply" aria-labelledby="apply-title">
            <h2 id="apply-title">"Apply"</h2>
            <p>"Takes about two minutes. We’ll send you a link to confirm your email address."</p>
            <ErrorSummary errors=form.errors().to_vec()/>
            <form class="form" method="post" action=SendApplication::PATH novalidate>
                <input type="hidden" name="slug" value=slug/>
                <input type="hidden" name="application[terms]" value=terms/>
                <input type="hidden" name="application[questions]" value=questions_version/>
                <div class="pair">
                    <TextField field=name label="Name" kind=TextKind::PersonName/>
                    <EmailField field=email label="Email"/>
                </div>
                <TextField field=website label="Website or channel" optional=true kind=TextKind::Words/>
                <TextArea
                    field=promotion
                    label=question
                    hint="For example: a review in my newsletter, 4,000 readers, monthly"
                />
                {questions}
                <Checkbox field=accept checked=is_accepted label/>
                <button class="button program large wide">"Send application"</button>
                <p class="muted small">{note}</p>
            </form>
        </section>
    }
    .into_any()
}

/// Sends an application.
#[server(prefix = "/do", endpoint = "join/apply")]
pub async fn send_application(
    /// The program's slug.
    #[server(default)]
    slug: String,
    /// The form.
    #[server(default)]
    application: ApplicationForm,
    /// The answers to the program's own questions, by their ids.
    #[server(default)]
    answers: BTreeMap<String, String>,
) -> Result<(), ServerFnError> {
    let offer = engine::programs::join_page::offer(&engine(), &slug).await;
    let sent =
        Submission::new(SendApplication::PATH, routes::apply(&slug)).with_values("application", &application);
    let asked = offer.as_ref().map(|offer| offer.questions.as_slice()).unwrap_or_default();
    let sent = asked.iter().fold(sent, |sent, question| {
        let given = answers.get(question.id.as_str()).map_or("", String::as_str);
        sent.typed(&answer_field(question), given)
    });
    finish(sent, async {
        let questions = offer?.questions;
        let draft = application.draft(&questions, &answers).map_err(engine::Error::from)?;
        let address = use_context::<ClientAddress>().unwrap_or_default();
        engine::programs::applications::apply(&engine(), &slug, &draft, &address.0).await?;
        Ok(Redirect::to(routes::application_sent(&slug)))
    })
    .await
}
