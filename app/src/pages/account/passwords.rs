//! Changing the password, and ending all sessions.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Sheet, home};
use crate::components::{ErrorSummary, FormActions, PasswordField};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish, take_flashes, take_form};
use crate::layout::actions::EndAllSessions;
use crate::layout::title;
use crate::pages::page;
use crate::request::access::{Access, account, engine, remember};
use crate::routes;

/// Changes the password of the signed-in account.
#[component]
pub fn Password() -> impl IntoView {
    page(password())
}

async fn password() -> Access<AnyView> {
    let home = home(&account().await?).await?.unwrap_or("/");
    let form = take_form(ChangePassword::PATH).await;
    let flashes = take_flashes().await;
    title("Password", form.has_errors());
    let foot = view! { <a href=home>"Back to your programs"</a> };
    Ok(view! {
        <Sheet title="Change your password" flashes lead="You stay signed in here and are signed out everywhere else." foot=foot.into_any()>
            <form class="form" method="post" action=ChangePassword::PATH novalidate>
                <ErrorSummary errors=form.errors().to_vec()/>
                <PasswordField field=form.field("old_password", "") label="Current password"/>
                <PasswordField
                    field=form.field("password", "")
                    label="New password"
                    hint="At least 8 characters; 15 or more are better"
                    new=true
                />
                <FormActions submit="Change password" wide=true/>
            </form>
            <hr class="or"/>
            <form method="post" action=EndAllSessions::PATH>
                <button class="button large wide">"Sign out everywhere"</button>
            </form>
        </Sheet>
    }
    .into_any())
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
    let sent = Submission::new(ChangePassword::PATH, routes::PASSWORD)
        .typed("old_password", "")
        .typed("password", "");
    finish(sent, async {
        let account = account().await?;
        engine::identity::accounts::change_password(&engine(), &account, &old_password, &password).await?;
        remember(&account).await?;
        let flash = Flash::done("Password changed. You were signed out everywhere else.");
        Ok(Redirect::to(routes::PASSWORD).with_flash(flash))
    })
    .await
}
