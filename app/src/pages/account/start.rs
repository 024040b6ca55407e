//! The address without a path: redirects to the first page of a person.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Sheet, home};
use crate::forms::submission::take_flashes;
use crate::layout::actions::EndSession;
use crate::layout::title;
use crate::pages::page;
use crate::request::access::{Access, Refusal, account, engine};
use crate::routes;

/// Redirects to the programs of a signed-in person or to the sign-in page; on a new
/// installation, explains how to create the first account.
#[component]
pub fn Start() -> impl IntoView {
    page(start())
}

async fn start() -> Access<AnyView> {
    let account = match account().await {
        Ok(account) => account,
        Err(Refusal::SignIn) if engine::identity::accounts::is_set_up(&engine()).await? => {
            return Err(Refusal::Elsewhere(routes::SIGN_IN.to_owned()));
        }
        Err(Refusal::SignIn) => return Ok(not_set_up()),
        Err(refusal) => return Err(refusal),
    };
    match home(&account).await? {
        Some(path) => Err(Refusal::Elsewhere(path.to_owned())),
        None => Ok(nowhere().await),
    }
}

/// The installation has no accounts yet.
fn not_set_up() -> AnyView {
    title("Set up Honeyguide", false);
    view! {
        <Sheet title="Set up Honeyguide" lead="This installation has no accounts yet. The server prints a setup link when it starts. Open the link to create the first account.">
            <p>"The link works once, for 30 minutes. Restart the server to get a new one."</p>
        </Sheet>
    }
    .into_any()
}

/// An account without a company and without a program.
async fn nowhere() -> AnyView {
    title("No programs yet", false);
    let flashes = take_flashes().await;
    view! {
        <Sheet title="No programs yet" flashes lead="This account doesn’t run or promote a program. Ask the company you work with to add your email address.">
            <form method="post" action=EndSession::PATH><button class="button">"Sign out"</button></form>
        </Sheet>
    }
    .into_any()
}
