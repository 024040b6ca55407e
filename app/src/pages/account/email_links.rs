//! The pages of the two links of a change of address: one confirms it from the new mailbox, one
//! undoes it from the old. Opening them changes nothing: mail scanners open them too.

use engine::identity::email_change;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::Sheet;
use crate::components::FormActions;
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish, take_flashes};
use crate::layout::{link_is_over, title};
use crate::pages::page;
use crate::request::access::{Access, Refusal, account, engine, parameter, remember};
use crate::routes;

/// Confirms a new address.
#[component]
pub fn ConfirmEmailPage() -> impl IntoView {
    page(confirm_page())
}

async fn confirm_page() -> Access<AnyView> {
    let token: String = parameter("token")?;
    let Some(change) = email_change::to_confirm(&engine(), &token).await? else {
        return Ok(link_is_over("A link to confirm an address works once, for 24 hours.", None));
    };
    let flashes = take_flashes().await;
    title("Confirm your email address", false);
    let lead = format!("You’ll sign in with {} from now on. Other browsers are signed out.", change.to);
    Ok(view! {
        <Sheet title="Confirm your email address" flashes lead>
            <form class="form" method="post" action=ConfirmEmail::PATH>
                <input type="hidden" name="token" value=token/>
                <FormActions submit="Confirm email address" wide=true/>
            </form>
        </Sheet>
    }
    .into_any())
}

/// Undoes a change of address.
#[component]
pub fn UndoEmailPage() -> impl IntoView {
    page(undo_page())
}

async fn undo_page() -> Access<AnyView> {
    let token: String = parameter("token")?;
    let Some(change) = email_change::to_undo(&engine(), &token).await? else {
        let days = email_change::UNDO_DAYS;
        return Ok(link_is_over(format!("A link to keep an address works once, for {days} days."), None));
    };
    let flashes = take_flashes().await;
    title("Keep your email address", false);
    let lead = format!(
        "You’ll sign in with {} and not with {}. Every browser is signed out, and you choose a new password.",
        change.from, change.to
    );
    Ok(view! {
        <Sheet title="Keep your email address" flashes lead>
            <form class="form" method="post" action=UndoEmail::PATH>
                <input type="hidden" name="token" value=token/>
                <FormActions submit="Keep my address" wide=true/>
            </form>
        </Sheet>
    }
    .into_any())
}

/// Confirms the new address. A browser that is signed in to the account stays so.
#[server(prefix = "/do", endpoint = "account/confirm-email")]
pub async fn confirm_email(
    /// The link's secret.
    #[server(default)]
    token: String,
) -> Result<(), ServerFnError> {
    let back = routes::confirm_email(&token);
    finish(Submission::new(ConfirmEmail::PATH, &back), async {
        let here = account().await.ok();
        let change = match email_change::confirm(&engine(), &token).await {
            Err(engine::Error::NotFound) => return Err(Refusal::Elsewhere(back.clone())),
            change => change?,
        };
        let done = Flash::done(format!("You now sign in with {}.", change.to));
        if here.as_ref() == Some(&change.account_id) {
            remember(&change.account_id).await?;
            return Ok(Redirect::to(routes::ACCOUNT).with_flash(done));
        }
        Ok(Redirect::to(routes::SIGN_IN).with_flash(done))
    })
    .await
}

/// Keeps the old address, and goes on to choosing another password.
#[server(prefix = "/do", endpoint = "account/undo-email")]
pub async fn undo_email(
    /// The link's secret.
    #[server(default)]
    token: String,
) -> Result<(), ServerFnError> {
    let back = routes::undo_email(&token);
    finish(Submission::new(UndoEmail::PATH, &back), async {
        match email_change::undo(&engine(), &token).await {
            Err(engine::Error::NotFound) => Err(Refusal::Elsewhere(back.clone())),
            token => {
                let done = Flash::done("Your address stays. Choose a new password.");
                Ok(Redirect::to(routes::choose_password(&token?)).with_flash(done))
            }
        }
    })
    .await
}
