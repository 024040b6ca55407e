//! The second step of signing in: a code of the authenticator app, or a recovery code.

use engine::identity::second_step;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{SENT, Sheet, sign_in_path, welcome_in};
use crate::components::{ErrorSummary, FormActions, TextField, TextKind};
use crate::forms::Flash;
use crate::forms::submission::{Submission, finish, keep_flash, take_flashes, take_form};
use crate::layout::title;
use crate::pages::page;
use crate::request::access::{Access, FirstStep, Refusal, engine, first_step, forget_first_step};
use crate::request::queries::Parameters;
use crate::request::site::ClientAddress;
use crate::routes;

/// The parameter that asks for a recovery code instead.
const RECOVERY: &str = "recovery";

/// Asks for the code.
#[component]
pub fn SignInCode() -> impl IntoView {
    page(code_page())
}

async fn code_page() -> Access<AnyView> {
    let parameters = Parameters::of_request();
    if parameters.get(SENT).is_none() && first_step().await?.is_none() {
        return Err(Refusal::Elsewhere(routes::SIGN_IN.to_owned()));
    }
    waiting().await?;
    let form = take_form(EnterCode::PATH).await;
    let flashes = take_flashes().await;
    let with_recovery = parameters.get(RECOVERY).is_some();
    title("Enter your code", form.has_errors());
    let other = Parameters::default().with(RECOVERY, "1").on(routes::SIGN_IN_CODE);
    let (heading, lead, other) = if with_recovery {
        ("Enter a recovery code", "One of the ten you saved. Each works once.", None)
    } else {
        (
            "Enter your code",
            "Open your authenticator app and enter the code for Honeyguide.",
            Some(view! { <a href=other>"Use a recovery code"</a>" · " }),
        )
    };
    let foot = view! { {other}<a href=routes::SIGN_IN>"Back to sign-in"</a> };
    let field = form.field("code", "");
    let field = if with_recovery {
        view! { <TextField field label="Recovery code" kind=TextKind::Code/> }.into_any()
    } else {
        view! { <TextField field label="Six-digit code" kind=TextKind::OneTimeCode/> }.into_any()
    };
    Ok(view! {
        <Sheet title=heading flashes lead foot=foot.into_any()>
            <form class="form" method="post" action=EnterCode::PATH novalidate>
                <ErrorSummary errors=form.errors().to_vec()/>
                <input type="hidden" name="recovery" value=if with_recovery { "1" } else { "" }/>
                {field}
                <FormActions submit="Sign in" wide=true/>
            </form>
        </Sheet>
    }
    .into_any())
}

/// The sign-in that waits for its code; without one, the way leads back to the sign-in page.
async fn waiting() -> Access<FirstStep> {
    let Some(step) = first_step().await? else { return Err(Refusal::Elsewhere(sign_in_path(None))) };
    if second_step::ticket_works(&engine(), &step.ticket).await? {
        return Ok(step);
    }
    forget_first_step().await?;
    keep_flash(Flash::problem("The time to enter the code is over. Sign in again.")).await;
    Err(Refusal::Elsewhere(sign_in_path(step.next.as_deref())))
}

/// Signs in with a code, after the first step.
#[server(prefix = "/do", endpoint = "session/code")]
pub async fn enter_code(
    /// The code.
    #[server(default)]
    code: String,
    /// Whether a recovery code was asked for.
    #[server(default)]
    recovery: String,
) -> Result<(), ServerFnError> {
    let recovery =
        if recovery.is_empty() { Parameters::default() } else { Parameters::default().with(RECOVERY, "1") };
    let sent = Submission::new(EnterCode::PATH, recovery.on(routes::SIGN_IN_CODE)).typed("code", "");
    finish(sent, async {
        let step = waiting().await?;
        let address = use_context::<ClientAddress>().unwrap_or_default();
        let signed_in = second_step::finish(&engine(), &step.ticket, &code, &address.0).await?;
        forget_first_step().await?;
        welcome_in(&signed_in, step.next.as_deref()).await
    })
    .await
}
