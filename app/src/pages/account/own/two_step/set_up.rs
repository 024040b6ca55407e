//! Setting two-step sign-in up: the password, then a QR code and a first code of the app.

use domain::ids::AccountId;
use engine::identity::accounts;
use engine::identity::two_step::{self, NewKey};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::CODES;
use crate::components::{
    CodeBlock, ErrorSummary, FormActions, PasswordField, Qr, QrImage, TextField, TextKind,
};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish, take_flashes, take_form};
use crate::layout::actions::EndSession;
use crate::layout::title;
use crate::pages::account::Sheet;
use crate::request::access::{Access, Refusal, account, engine, remember};
use crate::routes;

const TITLE: &str = "Set up two-step sign-in";

/// Asks for the password. `due` is the company that requires two-step sign-in of the person.
pub(super) async fn start(account: &AccountId, due: Option<String>) -> Access<AnyView> {
    let form = take_form(BeginTwoStep::PATH).await;
    let flashes = take_flashes().await;
    title(TITLE, form.has_errors());
    let profile = accounts::profile(&engine(), account).await?;
    let lead = match &due {
        Some(company) => format!("{company} requires it. You need an authenticator app on your phone."),
        None => "You need an authenticator app on your phone, such as a password manager.".to_owned(),
    };
    let body = if profile.has_password {
        view! {
            <form class="form" method="post" action=BeginTwoStep::PATH novalidate>
                <ErrorSummary errors=form.errors().to_vec()/>
                <PasswordField field=form.field("password", "") label="Your password"/>
                <FormActions submit="Continue" wide=true/>
            </form>
        }
        .into_any()
    } else {
        view! {
            <p>"Choose a password first."</p>
            <a class="button large wide" href=routes::FORGOT_PASSWORD>"Choose a password"</a>
        }
        .into_any()
    };
    // Whoever has to set it up can do so or leave.
    let leave = due.is_some().then(|| {
        view! { <form method="post" action=EndSession::PATH><button class="button quiet wide">"Sign out"</button></form> }
    });
    let foot = match due {
        Some(_) => view! { "API keys of the company work as before." }.into_any(),
        None => back_to_account(),
    };
    Ok(view! { <Sheet title=TITLE flashes lead foot><div class="stack">{body}{leave}</div></Sheet> }
        .into_any())
}

fn back_to_account() -> AnyView {
    view! { <a href=routes::ACCOUNT>"Back to your account"</a> }.into_any()
}

/// Shows the key and asks for a first code.
pub(super) async fn scan(key: NewKey) -> AnyView {
    let form = take_form(TurnTwoStepOn::PATH).await;
    let flashes = take_flashes().await;
    title(TITLE, form.has_errors());
    let code = Qr::of_link(&key.address).map(|code| {
        view! { <div class="qr-key"><QrImage code label="QR code of the key below"/></div> }
    });
    view! {
        <Sheet title=TITLE flashes lead="Scan this with your authenticator app, or enter the key." foot=back_to_account()>
            <div class="stack">
                {code}
                <CodeBlock id="app-key" label="Key for your authenticator app" code=key.key/>
                <form class="form" method="post" action=TurnTwoStepOn::PATH novalidate>
                    <ErrorSummary errors=form.errors().to_vec()/>
                    <TextField field=form.field("code", "") label="Code that the app shows" kind=TextKind::OneTimeCode/>
                    <FormActions submit="Turn on" wide=true/>
                </form>
            </div>
        </Sheet>
    }
    .into_any()
}

/// Makes a key for an authenticator app.
#[server(prefix = "/do", endpoint = "account/two-step-begin")]
pub async fn begin_two_step(
    /// The password.
    #[server(default)]
    password: String,
) -> Result<(), ServerFnError> {
    let sent = Submission::new(BeginTwoStep::PATH, routes::TWO_STEP).typed("password", "");
    finish(sent, async {
        two_step::begin(&engine(), &account().await?, &password).await?;
        Ok(Redirect::to(routes::TWO_STEP))
    })
    .await
}

/// Turns two-step sign-in on, ends all sessions, signs in here again, and shows the recovery codes.
#[server(prefix = "/do", endpoint = "account/two-step-on")]
pub async fn turn_two_step_on(
    /// What the app shows.
    #[server(default)]
    code: String,
) -> Result<(), ServerFnError> {
    let sent = Submission::new(TurnTwoStepOn::PATH, routes::TWO_STEP).typed("code", "");
    finish(sent, async {
        let account = account().await?;
        let codes = match two_step::turn_on(&engine(), &account, &code).await {
            // The key has waited too long: the page makes another.
            Err(engine::Error::NotFound) => return Err(Refusal::Elsewhere(routes::TWO_STEP.to_owned())),
            codes => codes?,
        };
        remember(&account).await?;
        let done = Flash::done("Two-step sign-in is on. You were signed out everywhere else.");
        Ok(Redirect::to(routes::TWO_STEP).with_flash(done).showing_once(CODES, &codes))
    })
    .await
}
