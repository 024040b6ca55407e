//! A forgotten password: asking for a link to choose another.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::Sheet;
use crate::components::{EmailField, ErrorSummary, FormActions};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish, take_flashes, take_form};
use crate::layout::title;
use crate::pages::page;
use crate::request::access::{Access, engine};
use crate::request::site::ClientAddress;
use crate::routes;

/// The form that asks for the address of the account.
#[component]
pub fn Forgot() -> impl IntoView {
    page(forgot())
}

async fn forgot() -> Access<AnyView> {
    let form = take_form(ForgotPassword::PATH).await;
    let flashes = take_flashes().await;
    title("Reset your password", form.has_errors());
    let foot = view! { <a href=routes::SIGN_IN>"Back to sign-in"</a> };
    Ok(view! {
        <Sheet
            title="Reset your password"
            flashes
            lead="Enter the email address you sign in with. We’ll send you a link to choose a new password."
            foot=foot.into_any()
        >
            <form class="form" method="post" action=ForgotPassword::PATH novalidate>
                <ErrorSummary errors=form.errors().to_vec()/>
                <EmailField field=form.field("email", "") label="Email" autocomplete="username"/>
                <FormActions submit="Send link" wide=true/>
            </form>
        </Sheet>
    }
    .into_any())
}

/// Sends the mail, if the address has an account.
#[server(prefix = "/do", endpoint = "account/forgot")]
pub async fn forgot_password(
    /// The address of the account.
    #[server(default)]
    email: String,
) -> Result<(), ServerFnError> {
    let sent = Submission::new(ForgotPassword::PATH, routes::FORGOT_PASSWORD).typed("email", &email);
    finish(sent, async {
        let address = use_context::<ClientAddress>().unwrap_or_default();
        engine::identity::password_links::forgot_password(&engine(), &email, &address.0).await?;
        let flash = Flash::done(
            "If this address has an account, we’ve sent it a link. The link works once, for 30 minutes.",
        );
        Ok(Redirect::to(routes::SIGN_IN).with_flash(flash))
    })
    .await
}
