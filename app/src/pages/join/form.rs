//! The form of an application.

use engine::programs::join_page::Offer;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::{Checkbox, EmailField, ErrorSummary, TextArea, TextField, TextKind};
use crate::forms::submission::{Redirect, Submission, finish};
use crate::forms::{ApplicationForm, FormState};
use crate::request::access::engine;
use crate::request::site::ClientAddress;
use crate::routes;

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
    let note = format!("{merchant_name} uses your answers only to decide on your application.");
    view! {
        <section class="card apply" id="apply" aria-labelledby="apply-title">
            <h2 id="apply-title">"Apply"</h2>
            <p>"Takes about two minutes. We’ll send you a link to confirm your email address."</p>
            <ErrorSummary errors=form.errors().to_vec()/>
            <form class="form" method="post" action=SendApplication::PATH novalidate>
                <input type="hidden" name="slug" value=slug/>
                <input type="hidden" name="application[terms]" value=terms/>
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
) -> Result<(), ServerFnError> {
    let sent =
        Submission::new(SendApplication::PATH, routes::apply(&slug)).with_values("application", &application);
    finish(sent, async {
        let draft = application.draft().map_err(engine::Error::from)?;
        let address = use_context::<ClientAddress>().unwrap_or_default();
        engine::programs::applications::apply(&engine(), &slug, &draft, &address.0).await?;
        Ok(Redirect::to(routes::application_sent(&slug)))
    })
    .await
}
