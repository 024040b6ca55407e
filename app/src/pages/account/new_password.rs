//! Choosing a password, by a link in a mail.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Sheet, enter, password_hint};
use crate::components::{ErrorSummary, FormActions, PasswordField};
use crate::forms::submission::{Submission, finish, take_flashes, take_form};
use crate::layout::{link_is_over, title};
use crate::pages::page;
use crate::request::access::{Access, Refusal, engine, parameter};
use crate::routes;

const LINK_IS_OVER: &str = "A link to choose a password works once, for 30 minutes. If you have a password, sign in. Otherwise request a new link.";

/// Sets the password of an account. Opening the page does not use the link up: mail scanners
/// open it too.
#[component]
pub fn NewPassword() -> impl IntoView {
    page(new_password())
}

async fn new_password() -> Access<AnyView> {
    let token: String = parameter("token")?;
    let Some(email) = engine::identity::password_links::password_link(&engine(), &token).await? else {
        return Ok(link_is_over(LINK_IS_OVER, Some(routes::FORGOT_PASSWORD)));
    };
    let form = take_form(ChoosePassword::PATH).await;
    let flashes = take_flashes().await;
    title("Choose a password", form.has_errors());
    Ok(view! {
        <Sheet title="Choose a password" flashes lead=format!("You’ll sign in with {email}.")>
            <form class="form" method="post" action=ChoosePassword::PATH novalidate>
                <ErrorSummary errors=form.errors().to_vec()/>
                <input type="hidden" name="token" value=token/>
                // For password managers, which look for the name beside a new password.
                <input class="sr-only" type="email" name="email" value=email.as_str().to_owned() autocomplete="username" readonly tabindex="-1" aria-hidden="true"/>
                <PasswordField field=form.field("password", "") label="Password" hint=password_hint() new=true/>
                <FormActions submit="Set password" wide=true/>
            </form>
        </Sheet>
    }
    .into_any())
}

/// Sets the password of the link's account and signs the person in.
#[server(prefix = "/do", endpoint = "account/choose-password")]
pub async fn choose_password(
    /// The link's secret.
    #[server(default)]
    token: String,
    /// The new password, taken as it is.
    #[server(default)]
    password: String,
) -> Result<(), ServerFnError> {
    let back = routes::choose_password(&token);
    finish(Submission::new(ChoosePassword::PATH, &back).typed("password", ""), async {
        let chosen = engine::identity::password_links::choose_password(&engine(), &token, &password).await;
        let entry = match chosen {
            // The page of the link explains why it does not work.
            Err(engine::Error::NotFound) => return Err(Refusal::Elsewhere(back.clone())),
            entry => entry?,
        };
        enter(entry, None).await
    })
    .await
}
