//! Signing in by a link in a mail: asking for it, and the page that it leads to.

use engine::identity::sign_in_links::{self, LINK_MINUTES};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Sheet, enter};
use crate::components::{EmailField, ErrorSummary, FormActions};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish, take_flashes, take_form};
use crate::layout::{link_is_over, title};
use crate::pages::page;
use crate::request::access::{Access, Refusal, engine, parameter};
use crate::request::site::ClientAddress;
use crate::routes;

/// The form that asks for a link.
#[component]
pub fn SignInLink() -> impl IntoView {
    page(ask())
}

async fn ask() -> Access<AnyView> {
    let form = take_form(MailSignInLink::PATH).await;
    let flashes = take_flashes().await;
    title("Sign in by email", form.has_errors());
    let foot = view! { <a href=routes::SIGN_IN>"Back to sign-in"</a> };
    Ok(view! {
        <Sheet
            title="Sign in by email"
            flashes
            lead="Enter the email address of your account. We’ll send you a link that signs you in without your password."
            foot=foot.into_any()
        >
            <form class="form" method="post" action=MailSignInLink::PATH novalidate>
                <ErrorSummary errors=form.errors().to_vec()/>
                <EmailField field=form.field("email", "") label="Email" autocomplete="username"/>
                <FormActions submit="Email me a link" wide=true/>
            </form>
        </Sheet>
    }
    .into_any())
}

/// The page of the link. Opening it does not use the link up: mail scanners open it too.
#[component]
pub fn SignInByLink() -> impl IntoView {
    page(by_link())
}

async fn by_link() -> Access<AnyView> {
    let token: String = parameter("token")?;
    let Some(email) = sign_in_links::address_of(&engine(), &token).await? else {
        let lead =
            format!("A link to sign in works once, for {LINK_MINUTES} minutes. A new one ends those before.");
        return Ok(link_is_over(lead, Some(routes::SIGN_IN_LINK)));
    };
    let flashes = take_flashes().await;
    title("Sign in", false);
    Ok(view! {
        <Sheet title="Sign in" flashes lead=format!("You’ll sign in as {email}.")>
            <form class="form" method="post" action=SignInWithLink::PATH>
                <input type="hidden" name="token" value=token/>
                <FormActions submit="Sign in" wide=true/>
            </form>
        </Sheet>
    }
    .into_any())
}

/// Sends the mail, if the address has an account.
#[server(prefix = "/do", endpoint = "session/mail-link")]
pub async fn mail_sign_in_link(
    /// The address of the account.
    #[server(default)]
    email: String,
) -> Result<(), ServerFnError> {
    let sent = Submission::new(MailSignInLink::PATH, routes::SIGN_IN_LINK).typed("email", &email);
    finish(sent, async {
        let address = use_context::<ClientAddress>().unwrap_or_default();
        sign_in_links::request(&engine(), &email, &address.0).await?;
        let flash = Flash::done(format!(
            "If this address has an account, we’ve sent it a link. The link works once, for {LINK_MINUTES} minutes."
        ));
        Ok(Redirect::to(routes::SIGN_IN).with_flash(flash))
    })
    .await
}

/// Signs in by the link.
#[server(prefix = "/do", endpoint = "session/use-link")]
pub async fn sign_in_with_link(
    /// The link's secret.
    #[server(default)]
    token: String,
) -> Result<(), ServerFnError> {
    let back = routes::sign_in_by_link(&token);
    finish(Submission::new(SignInWithLink::PATH, &back), async {
        match sign_in_links::sign_in(&engine(), &token).await {
            // The page of the link explains why it does not work.
            Err(engine::Error::NotFound) => Err(Refusal::Elsewhere(back.clone())),
            entry => enter(entry?, None).await,
        }
    })
    .await
}
