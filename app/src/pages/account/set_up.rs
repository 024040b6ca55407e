//! Creates the first owner's account, by a link that works once.

use domain::fields::{Name, Problems};
use engine::identity::accounts::OwnerDraft;
use engine::identity::passwords;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::{Deserialize, Serialize};

use super::{Sheet, enter, password_hint};
use crate::components::{EmailField, ErrorSummary, FormActions, PasswordField, TextField, TextKind};
use crate::forms::FormState;
use crate::forms::submission::{Submission, finish, take_flashes, take_form};
use crate::layout::{link_is_over, title};
use crate::pages::page;
use crate::request::access::{Access, Refusal, engine, parameter};
use crate::routes;

const LINK_IS_OVER: &str = "A setup link works once, for 30 minutes. If there are no accounts yet, restart the server to get a new one.";

/// Creates the first account of an installation.
#[component]
pub fn SetUp() -> impl IntoView {
    page(set_up())
}

async fn set_up() -> Access<AnyView> {
    let token: String = parameter("token")?;
    if !engine::identity::accounts::setup_link_works(&engine(), &token).await? {
        return Ok(link_is_over(LINK_IS_OVER, None));
    }
    let form = take_form(SetUpOwner::PATH).await;
    let flashes = take_flashes().await;
    title("Set up Honeyguide", form.has_errors());
    Ok(view! {
        <Sheet title="Set up Honeyguide" flashes lead="Create your company and its owner’s account.">
            <SetUpForm form token/>
        </Sheet>
    }
    .into_any())
}

#[component]
fn SetUpForm(form: FormState, token: String) -> impl IntoView {
    view! {
        <form class="form" method="post" action=SetUpOwner::PATH novalidate>
            <ErrorSummary errors=form.errors().to_vec()/>
            <input type="hidden" name="token" value=token/>
            <TextField
                field=form.field("owner[company]", "")
                label="Company"
                hint="Affiliates see it next to your programs"
                kind=TextKind::Organization
            />
            <TextField field=form.field("owner[name]", "") label="Your name" kind=TextKind::PersonName/>
            <EmailField field=form.field("owner[email]", "") label="Email" autocomplete="username"/>
            <PasswordField
                field=form.field("owner[password]", "")
                label="Password"
                hint=password_hint()
                new=true
            />
            <FormActions submit="Create account" wide=true/>
        </form>
    }
}

/// The fields of the form.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SetUpForm {
    /// The company's name.
    pub company: String,
    /// The owner's name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their password; never kept.
    pub password: String,
}

impl SetUpForm {
    /// Reads the form.
    ///
    /// # Errors
    /// The problems, by field.
    fn draft(self) -> Result<OwnerDraft, Problems> {
        let mut problems = Problems::new();
        let company = problems.keep("company", Name::parse(&self.company, "the name of your company"));
        let name = problems.keep("name", Name::parse(&self.name, "your name"));
        let email = problems.keep("email", self.email.parse());
        passwords::check(&self.password, &[&self.email, &self.name, &self.company], &mut problems);
        match (name, email, company) {
            (Some(name), Some(email), Some(company)) => {
                problems.or(OwnerDraft { name, email, password: self.password, company })
            }
            _ => Err(problems),
        }
    }
}

/// Creates the first owner and signs them in.
#[server(prefix = "/do", endpoint = "account/set-up")]
pub async fn set_up_owner(
    /// The link's secret.
    #[server(default)]
    token: String,
    /// The form.
    #[server(default)]
    owner: SetUpForm,
) -> Result<(), ServerFnError> {
    let sent = Submission::new(SetUpOwner::PATH, routes::setup(&token)).with_values("owner", &owner);
    finish(sent, async {
        let draft = owner.draft().map_err(engine::Error::from)?;
        let entry = match engine::identity::accounts::set_up(&engine(), &token, &draft).await {
            // The page of the link explains why it no longer works.
            Err(engine::Error::NotFound) => return Err(Refusal::Elsewhere(routes::setup(&token))),
            entry => entry?,
        };
        enter(entry, None).await
    })
    .await
}
