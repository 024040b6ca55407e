//! Settings > Join page: the public page where people read the offer and apply.

mod logo;
mod question;
mod questions;

use domain::join_pages::JoinPage;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub use logo::{RemoveLogo, remove_logo};
pub use question::{SaveQuestion, SettingsQuestion, save_question};
pub use questions::{ArrangeQuestion, arrange_question};

use self::logo::logo_card;
use self::questions::questions_card;
use super::program_of;
use crate::components::{
    Card, CardBody, Checkbox, Columns, CopyField, ErrorSummary, FormActions, Icon, MerchantShell, PageHead,
    TextArea, TextField, TextKind, Width,
};
use crate::forms::submission::{Redirect, Submission, finish, take_form};
use crate::forms::{Flash, FormState, JoinPageForm};
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::request::access::{Access, engine, merchant};
use crate::request::site::Site;
use crate::routes;

/// Settings > Join page.
#[component]
pub fn SettingsJoinPage() -> impl IntoView {
    page(join_page())
}

async fn join_page() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let recorded = engine::programs::join_page::get(&page.engine, &page.actor, &page.program.id).await?;
    let questions = engine::programs::questions::list(&page.engine, &page.actor, &page.program.id).await?;
    let logo = engine::programs::logos::of_program(&page.engine, &page.actor, &page.program.id).await?;
    let form = take_form(ChangeJoinPage::PATH).await;
    page.title("Join page", form.has_errors());
    let crumbs = page.crumbs(&[("Settings", page.routes().settings().general())], "Join page");
    let (address, logo) = (address(&page, &recorded), logo_card(&page, logo));
    let aside = view! { {address}{logo} };
    let questions = questions_card(&page, &questions);
    let fields = view! { <JoinPageFields form recorded=JoinPageForm::of(&recorded) program=page.program.id.to_string()/> };
    Ok(view! {
        <MerchantShell frame=page.frame(Section::JoinPage) crumbs narrow=true>
            <PageHead title="Join page" lead="A public page with your offer, where people apply to your program."/>
            <Columns aside=aside.into_any()>{fields}{questions}</Columns>
        </MerchantShell>
    }
    .into_any())
}

/// Where the page is, or will be.
fn address(page: &ProgramPage, recorded: &JoinPage) -> impl IntoView + use<> {
    let path = routes::join(&page.program.slug);
    let url = format!("{}{path}", Site::current().base_url);
    let (note, open) = if recorded.is_on {
        let open = view! { <a class="button" href=path><Icon name="external"/>"Open the page"</a> };
        ("Share it wherever people who could recommend you are.", Some(open))
    } else {
        ("The page is off. Nobody can open it.", None)
    };
    view! {
        <Card id="address" title="Link">
            <CardBody>
                <CopyField id="join-url" label="Link to the join page" value=url/>
                <p class="muted small gap-top">{note}</p>
                <div class="gap-top">{open}</div>
            </CardBody>
        </Card>
    }
}

#[component]
fn JoinPageFields(form: FormState, recorded: JoinPageForm, program: String) -> impl IntoView {
    let field = |name: &str, recorded: &str| form.field(&format!("page[{name}]"), recorded);
    let is_on = form.is_checked("page[is_on]", !recorded.is_on.is_empty());
    view! {
        <ErrorSummary errors=form.errors().to_vec()/>
        <form class="form" method="post" action=ChangeJoinPage::PATH novalidate>
            <input type="hidden" name="program" value=program/>
            <Checkbox
                field=field("is_on", "")
                checked=is_on
                label="Show the page".into_any()
                hint="Anyone with the link can read your terms and apply"
            />
            <TextField
                field=field("color", &recorded.color)
                label="Accent color"
                hint="Six hexadecimal digits, such as #17605a. Text on it is black or white, whichever is easier to read"
                optional=true
                kind=TextKind::Code
                width=Width::Medium
            />
            <TextArea
                field=field("introduction", &recorded.introduction)
                label="Introduction"
                hint="Your own words, above the terms. A blank line begins a paragraph, and addresses become links"
                optional=true
            />
            <FormActions submit="Save changes"/>
        </form>
    }
}

/// Changes a program's public page.
#[server(prefix = "/do", endpoint = "join-page/change")]
pub async fn change_join_page(
    /// The program.
    #[server(default)]
    program: String,
    /// The form.
    #[server(default)]
    page: JoinPageForm,
) -> Result<(), ServerFnError> {
    let back = routes::of_form(&program, |program| program.settings().join_page());
    let sent = Submission::new(ChangeJoinPage::PATH, &back).with_values("page", &page);
    finish(sent, async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        let page = page.page().map_err(engine::Error::from)?;
        engine::programs::join_page::change(&engine(), &actor, &id, &page).await?;
        Ok(Redirect::to(&back).with_flash(Flash::done("Join page saved.")))
    })
    .await
}
