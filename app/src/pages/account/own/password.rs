//! Changing the password.

use engine::identity::accounts::Profile;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::{Card, CardBody, FormActions, PasswordField};
use crate::forms::submission::{Redirect, Submission, finish};
use crate::forms::{Flash, FormState};
use crate::pages::account::password_hint;
use crate::request::access::{account, engine, remember};
use crate::routes;

/// The form for a new password, or the way to a first one.
pub(super) fn password_card(profile: &Profile, form: FormState) -> AnyView {
    let body = if profile.has_password {
        let email = profile.email.as_str().to_owned();
        view! {
            <form class="form" method="post" action=ChangePassword::PATH novalidate>
                // For password managers, which look for the name beside a new password.
                <input class="sr-only" type="email" name="email" value=email autocomplete="username" readonly tabindex="-1" aria-hidden="true"/>
                <PasswordField field=form.field("old_password", "") label="Current password"/>
                <PasswordField field=form.field("password", "") label="New password" hint=password_hint() new=true/>
                <FormActions submit="Change password"/>
            </form>
            <p class="muted gap-top">"You stay signed in here and are signed out everywhere else."</p>
        }
        .into_any()
    } else {
        view! {
            <div class="stack tight">
                <p>"You have no password and sign in by email."</p>
                <p><a class="button" href=routes::FORGOT_PASSWORD>"Choose a password"</a></p>
            </div>
        }
        .into_any()
    };
    view! { <Card id="change-password" title="Password"><CardBody>{body}</CardBody></Card> }.into_any()
}

/// Changes the password, ends all sessions, and signs in here again.
#[server(prefix = "/do", endpoint = "account/password")]
pub async fn change_password(
    /// The current password.
    #[server(default)]
    old_password: String,
    /// The new one, taken as it is.
    #[server(default)]
    password: String,
) -> Result<(), ServerFnError> {
    let sent = Submission::new(ChangePassword::PATH, routes::ACCOUNT)
        .typed("old_password", "")
        .typed("password", "");
    finish(sent, async {
        let account = account().await?;
        engine::identity::accounts::change_password(&engine(), &account, &old_password, &password).await?;
        remember(&account).await?;
        let flash = Flash::done("Password changed. You were signed out everywhere else.");
        Ok(Redirect::to(routes::ACCOUNT).with_flash(flash))
    })
    .await
}
