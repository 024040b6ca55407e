//! Signing in.

use engine::identity::sign_in::{self, Attempt};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{SENT, Sheet, device, enter, home, sign_in_path};
use crate::components::{EmailField, ErrorSummary, FormActions, PasswordField};
use crate::forms::submission::{Submission, finish, take_flashes, take_form};
use crate::layout::title;
use crate::pages::page;
use crate::request::access::{Access, Refusal, account, engine, session};
use crate::request::queries::Parameters;
use crate::request::site::{ClientAddress, SignInHint, Site};
use crate::routes;

/// Signs in. For merchants and affiliates alike.
#[component]
pub fn SignIn() -> impl IntoView {
    page(sign_in_page())
}

async fn sign_in_page() -> Access<AnyView> {
    let parameters = Parameters::of_request();
    let next = parameters.get("next").map(str::to_owned);
    match account().await {
        Ok(account) => {
            let elsewhere = next.or(home(&account).await?.map(str::to_owned));
            return Err(Refusal::Elsewhere(elsewhere.unwrap_or_else(|| "/".to_owned())));
        }
        Err(Refusal::SignIn) => {}
        Err(refusal) => return Err(refusal),
    }
    if !engine::identity::accounts::is_set_up(&engine()).await? {
        return Err(Refusal::Elsewhere(routes::START.to_owned()));
    }
    if parameters.get(SENT).is_some() && session().await?.id().is_none() {
        return Ok(no_session(next.as_deref()));
    }
    let form = take_form(StartSession::PATH).await;
    let flashes = take_flashes().await;
    title("Sign in", form.has_errors());
    let hints = hints(next.as_deref());
    let next = next.map(|next| view! { <input type="hidden" name="next" value=next/> });
    let foot =
        view! { "Affiliates sign in here, too. "<a href=routes::FORGOT_PASSWORD>"Forgot your password?"</a> };
    Ok(view! {
        <Sheet title="Sign in" flashes foot=foot.into_any()>
            <div class="stack tight">
                <form class="form" method="post" action=StartSession::PATH novalidate>
                    <ErrorSummary errors=form.errors().to_vec()/>
                    {next}
                    <EmailField field=form.field("email", "") label="Email" autocomplete="username"/>
                    <PasswordField field=form.field("password", "") label="Password"/>
                    <FormActions submit="Sign in" wide=true/>
                </form>
                <a class="button large wide" href=routes::SIGN_IN_LINK>"Email me a link"</a>
            </div>
            {hints}
        </Sheet>
    }
    .into_any())
}

/// In the demo: a button for each account.
fn hints(next: Option<&str>) -> Option<AnyView> {
    let hints = Site::current().sandbox.map(|sandbox| sandbox.sign_ins).filter(|hints| !hints.is_empty())?;
    let forms = hints
        .into_iter()
        .map(|SignInHint { who, email, password }| {
            let next = next.map(|next| view! { <input type="hidden" name="next" value=next.to_owned()/> });
            let label = format!("Continue as {}", who.to_lowercase());
            let (address, word) = (email.clone(), password.clone());
            view! {
                <form method="post" action=StartSession::PATH>
                    {next}
                    <input type="hidden" name="email" value=email/>
                    <input type="hidden" name="password" value=password/>
                    <button class="button large wide">{label}</button>
                    <small class="muted">{address}" with "{word}</small>
                </form>
            }
        })
        .collect_view();
    Some(view! { <hr class="or"/><div class="form">{forms}</div> }.into_any())
}

/// Shown when a browser has sent the form and still has no session: it blocks cookies.
fn no_session(next: Option<&str>) -> AnyView {
    title("Cookies are blocked", false);
    let again =
        next.into_iter().fold(Parameters::default(), |all, next| all.with("next", next)).on(routes::SIGN_IN);
    view! {
        <Sheet
            title="Cookies are blocked"
            lead="Honeyguide uses one cookie to keep you signed in. Allow cookies for this site, then sign in again."
        >
            <a class="button primary large wide" href=again>"Try again"</a>
        </Sheet>
    }
    .into_any()
}

/// Signs in on this browser.
#[server(prefix = "/do", endpoint = "session/start")]
pub async fn start_session(
    /// The address of the account.
    #[server(default)]
    email: String,
    /// Its password, taken as it is.
    #[server(default)]
    password: String,
    /// The page that was asked for.
    #[server(default)]
    next: String,
) -> Result<(), ServerFnError> {
    let next = Some(next).filter(|next| !next.is_empty());
    let sent = Submission::new(StartSession::PATH, sign_in_path(next.as_deref()))
        .typed("email", &email)
        .typed("password", "");
    finish(sent, async {
        let address = use_context::<ClientAddress>().unwrap_or_default();
        let device = device::of_request();
        let attempt =
            Attempt { email: &email, password: &password, network: &address.0, device: device.as_deref() };
        enter(sign_in::sign_in(&engine(), attempt).await?, next.as_deref()).await
    })
    .await
}
