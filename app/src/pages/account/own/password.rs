//! Changing the password.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::{Card, CardBody, FormActions, PasswordField};
use crate::forms::submission::{Redirect, Submission, finish};
use crate::forms::{Flash, FormState};
use crate::pages::account::password_hint;
use crate::request::access::{account, engine, remember};
use crate::routes;

/// The form for a new password.
pub(super) fn password_card(email: &str, form: FormState) -> AnyView {
    let email = email.to_owned();
    view! {
        <Card id="change-password" title="Password">
            <CardBody>
                <form class="form" method="post" action=ChangePassword::PATH novalidate>
                    // For password managers, which look for the name beside a new password.
                    <input class="sr-only" type="email" name="email" value=email autocomplete="username" readonly tabindex="-1" aria-hidden="true"/>
                    <PasswordField field=form.field("old_password", "") label="Current password"/>
                    <PasswordField field=form.field("password", "") label="New password" hint=password_hint() new=true/>
                    <FormActions submit="Change password"/>
                </form>
                <p class="muted gap-top">"You stay signed in here and are signed out everywhere else."</p>
            </CardBody>
        </Card>
    }
    .into_any()
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
