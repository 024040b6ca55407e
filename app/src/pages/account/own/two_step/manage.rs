//! New recovery codes, and turning two-step sign-in off.

use engine::identity::two_step::{self, TwoStep};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde::{Deserialize, Serialize};

use super::CODES;
use crate::components::{ErrorSummary, FormActions, PasswordField, TextField, TextKind};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish, take_flashes, take_form};
use crate::layout::title;
use crate::pages::account::Sheet;
use crate::pages::account::own::secret_label;
use crate::request::access::{account, engine, remember};
use crate::routes;

/// The forms of who has turned it on.
pub(super) async fn manage(on: &TwoStep) -> AnyView {
    let (codes, off) = (take_form(ReplaceCodes::PATH).await, take_form(TurnTwoStepOff::PATH).await);
    let flashes = take_flashes().await;
    let errors = [codes.errors(), off.errors()].concat();
    title("Two-step sign-in", !errors.is_empty());
    let left = format!("{} of {} recovery codes are left.", on.codes_left, two_step::RECOVERY_CODES);
    let foot = view! { <a href=routes::ACCOUNT>"Back to your account"</a> };
    view! {
        <Sheet title="Two-step sign-in" flashes lead=left foot=foot.into_any()>
            <ErrorSummary errors/>
            <form class="form" method="post" action=ReplaceCodes::PATH novalidate>
                <h2>"New recovery codes"</h2>
                <PasswordField
                    field=codes.field("password", "")
                    label=secret_label(true)
                    hint="The codes you have stop working"
                />
                <FormActions submit="Make new codes" wide=true/>
            </form>
            <hr class="or"/>
            <form class="form" method="post" action=TurnTwoStepOff::PATH novalidate>
                <h2>"Turn off"</h2>
                <PasswordField field=off.field("off[password]", "") label="Your password"/>
                <TextField
                    field=off.field("off[code]", "")
                    label="Code"
                    hint="Of your app, or a recovery code"
                    kind=TextKind::Code
                />
                <button class="button danger large wide">"Turn off two-step sign-in"</button>
            </form>
        </Sheet>
    }
    .into_any()
}

/// Makes new recovery codes and shows them once.
#[server(prefix = "/do", endpoint = "account/recovery-codes")]
pub async fn replace_codes(
    /// The password, or a code.
    #[server(default)]
    password: String,
) -> Result<(), ServerFnError> {
    let sent = Submission::new(ReplaceCodes::PATH, routes::TWO_STEP).typed("password", "");
    finish(sent, async {
        let codes = two_step::replace_codes(&engine(), &account().await?, &password).await?;
        Ok(Redirect::to(routes::TWO_STEP).showing_once(CODES, &codes))
    })
    .await
}

/// The fields of the form that turns it off.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OffForm {
    /// The password; never kept.
    pub password: String,
    /// The code; never kept.
    pub code: String,
}

/// Turns two-step sign-in off, ends all sessions, and signs in here again.
#[server(prefix = "/do", endpoint = "account/two-step-off")]
pub async fn turn_two_step_off(
    /// The form.
    #[server(default)]
    off: OffForm,
) -> Result<(), ServerFnError> {
    let sent = Submission::new(TurnTwoStepOff::PATH, routes::TWO_STEP)
        .typed("off[password]", "")
        .typed("off[code]", "");
    finish(sent, async {
        let account = account().await?;
        two_step::turn_off(&engine(), &account, &off.password, &off.code).await?;
        remember(&account).await?;
        let done = Flash::done("Two-step sign-in is off. You were signed out everywhere else.");
        Ok(Redirect::to(routes::ACCOUNT).with_flash(done))
    })
    .await
}
