//! Adding or changing a text for affiliates.

use engine::programs::resources;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::{ErrorSummary, FormActions, MerchantShell, PageHead, TextArea, TextField};
use crate::forms::submission::{Redirect, Submission, finish, take_form};
use crate::forms::{Flash, ResourceTextForm};
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::request::access::{Access, Refusal, engine, merchant};
use crate::request::queries::Parameters;
use crate::routes;

/// The form of a text: a new one, or the one that the address names.
#[component]
pub fn ResourceText() -> impl IntoView {
    page(text_page())
}

async fn text_page() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let recorded = match Parameters::of_request().get("resource") {
        Some(id) => {
            let id = id.parse().map_err(|_| Refusal::NotFound)?;
            let found = resources::get(&page.engine, &page.actor, &page.program.id, &id).await?.resource;
            let text = found.text.ok_or(Refusal::NotFound)?;
            Some((found.id, ResourceTextForm { title: found.title, text }))
        }
        None => None,
    };
    let form = take_form(SaveResourceText::PATH).await;
    let heading = if recorded.is_some() { "Change text" } else { "Add a text" };
    page.title(heading, form.has_errors());
    let crumbs = page.crumbs(&[("Resources", page.routes().resources())], heading);
    let id = recorded.as_ref().map(|(id, _)| id.to_string()).unwrap_or_default();
    let recorded = recorded.map(|(_, form)| form).unwrap_or_default();
    let field = |name: &str, recorded: &str| form.field(&format!("text[{name}]"), recorded);
    let (title, text) = (field("title", &recorded.title), field("text", &recorded.text));
    let (program, cancel) = (page.program.id.to_string(), page.routes().resources());
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Resources) crumbs narrow=true>
            <PageHead title=heading lead="Affiliates copy it with their own link and code filled in."/>
            <ErrorSummary errors=form.errors().to_vec()/>
            <form class="form wide-form" method="post" action=SaveResourceText::PATH novalidate>
                <input type="hidden" name="program" value=program/>
                <input type="hidden" name="resource" value=id/>
                <TextField field=title label="Title" hint="What it is for, such as a post or the subject of a mail"/>
                <TextArea
                    field=text
                    label="Text"
                    hint="{{link}} becomes the affiliate’s link, {{code}} its code. Up to 5,000 characters"
                />
                <FormActions submit="Save text" cancel/>
            </form>
        </MerchantShell>
    }
    .into_any())
}

/// Adds a text, or changes one.
#[server(prefix = "/do", endpoint = "resources/text")]
pub async fn save_resource_text(
    /// The program.
    #[server(default)]
    program: String,
    /// The text; empty for a new one.
    #[server(default)]
    resource: String,
    /// The form.
    #[server(default)]
    text: ResourceTextForm,
) -> Result<(), ServerFnError> {
    let id = resource.parse().ok();
    let back = routes::of_form(&program, |program| program.resource_text(id.as_ref()));
    let done = routes::of_form(&program, |program| program.resources());
    let sent = Submission::new(SaveResourceText::PATH, &back).with_values("text", &text);
    finish(sent, async {
        let (actor, program) = (merchant().await?, program.parse().map_err(|_| Refusal::NotFound)?);
        let draft = text.draft().map_err(engine::Error::from)?;
        match &id {
            Some(id) => {
                resources::change_text(&engine(), &actor, &program, id, &draft).await?;
            }
            None if resource.is_empty() => {
                resources::add_text(&engine(), &actor, &program, &draft).await?;
            }
            None => return Err(Refusal::NotFound),
        }
        Ok(Redirect::to(&done).with_flash(Flash::done("Text saved.")))
    })
    .await
}
