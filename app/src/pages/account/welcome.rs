//! A link to choose a password: of an affiliate's invitation, or for a forgotten one.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Sheet, welcome_in};
use crate::components::{ErrorSummary, FormActions, PasswordField};
use crate::forms::submission::{Submission, finish, take_flashes, take_form};
use crate::layout::title;
use crate::pages::page;
use crate::request::access::{Access, Refusal, engine, parameter};
use crate::routes;

/// Sets a password by a link from an invitation or a reset mail.
#[component]
pub fn Welcome() -> impl IntoView {
    page(welcome())
}

async fn welcome() -> Access<AnyView> {
    let token: String = parameter("token")?;
    let Some((name, email)) = engine::identity::accounts::invited(&engine(), &token).await? else {
        return Ok(link_is_over());
    };
    let form = take_form(AcceptInvitation::PATH).await;
    let flashes = take_flashes().await;
    let heading = format!("Welcome, {name}");
    title("Choose a password", form.has_errors());
    Ok(view! {
        <Sheet title=heading flashes lead=format!("Choose a password. You’ll sign in with {email}.")>
            <form class="form" method="post" action=AcceptInvitation::PATH novalidate>
                <ErrorSummary errors=form.errors().to_vec()/>
                <input type="hidden" name="token" value=token/>
                // For password managers, which look for the name beside a new password.
                <input class="sr-only" type="email" name="email" value=email.as_str().to_owned() autocomplete="username" readonly tabindex="-1" aria-hidden="true"/>
                <PasswordField
                    field=form.field("password", "")
                    label="Password"
                    hint="At least 8 characters; 15 or more are better"
                    new=true
                />
                <FormActions submit="Set password" wide=true/>
            </form>
        </Sheet>
    }
    .into_any())
}

fn link_is_over() -> AnyView {
    title("This link no longer works", false);
    view! {
        <Sheet
            title="This link no longer works"
            lead="A link to choose a password works once: for 14 days in an invitation, for 30 minutes after a reset. If you already chose a password, sign in. Otherwise, request a new link or ask the company that invited you."
        >
            <p class="button-row">
                <a class="button" href=routes::SIGN_IN>"Go to sign-in"</a>
                <a class="button quiet" href=routes::FORGOT_PASSWORD>"Send a new link"</a>
            </p>
        </Sheet>
    }
    .into_any()
}

/// Sets the password of an invited account and signs the person in.
#[server(prefix = "/do", endpoint = "account/welcome")]
pub async fn accept_invitation(
    /// The link's secret.
    #[server(default)]
    token: String,
    /// The new password, taken as it is.
    #[server(default)]
    password: String,
) -> Result<(), ServerFnError> {
    let sent = Submission::new(AcceptInvitation::PATH, routes::welcome(&token)).typed("password", "");
    finish(sent, async {
        let account = match engine::identity::accounts::accept_invitation(&engine(), &token, &password).await
        {
            // The page of the link explains why it no longer works.
            Err(engine::Error::NotFound) => return Err(Refusal::Elsewhere(routes::welcome(&token))),
            account => account?,
        };
        welcome_in(&account, None).await
    })
    .await
}
