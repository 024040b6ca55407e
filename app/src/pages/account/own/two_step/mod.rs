//! Two-step sign-in: the card on the account's page, and the page that sets it up, makes new
//! recovery codes and turns it off.

mod manage;
mod set_up;

use engine::identity::two_step::{self, TwoStep};
use leptos::prelude::*;

use manage::manage;
use set_up::{scan, start};

use crate::components::{Card, CardBody, CodeBlock};
use crate::forms::Flash;
use crate::forms::submission::{take_flashes, take_once};
use crate::layout::title;
use crate::pages::account::Sheet;
use crate::pages::page;
use crate::request::access::{Access, account, engine, person};
use crate::routes;
use crate::text::Zone;

/// The key of new recovery codes, which are shown once.
const CODES: &str = "recovery_codes";

/// Whether it is on, and the way to the page.
pub(super) fn two_step_card(on: Option<&TwoStep>) -> AnyView {
    let (words, action) = match on {
        Some(on) => {
            let since = Zone::named("UTC").date(on.since).text;
            (format!("On since {since}. {} recovery codes are left.", on.codes_left), "Manage")
        }
        None => ("Off. Ask for a code of an authenticator app after your password.".to_owned(), "Set up"),
    };
    view! {
        <Card id="two-step" title="Two-step sign-in">
            <CardBody>
                <div class="stack tight">
                    <p>{words}</p>
                    <p><a class="button" href=routes::TWO_STEP>{action}</a></p>
                </div>
            </CardBody>
        </Card>
    }
    .into_any()
}

/// Sets two-step sign-in up or manages it.
#[component]
pub fn TwoStepPage() -> impl IntoView {
    page(two_step_page())
}

async fn two_step_page() -> Access<AnyView> {
    let (account, person) = (account().await?, person().await?);
    if let Some(codes) = take_once::<Vec<String>>(CODES).await {
        return Ok(recovery_codes(&codes, take_flashes().await));
    }
    if let Some(on) = two_step::state(&engine(), &account).await? {
        return Ok(manage(&on).await);
    }
    match two_step::new_key(&engine(), &account).await? {
        Some(key) => Ok(scan(key).await),
        None => start(&account, person.two_step_due).await,
    }
}

/// New recovery codes, once.
fn recovery_codes(codes: &[String], flashes: Vec<Flash>) -> AnyView {
    let code = codes.join("\n");
    title("Save your recovery codes", false);
    view! {
        <Sheet
            title="Save your recovery codes"
            flashes
            lead="If you lose your phone, a recovery code signs you in. Each works once. They are shown only now: print them or keep them in a password manager."
        >
            <div class="stack">
                <CodeBlock id="recovery-codes" label="Recovery codes" code/>
                <a class="button primary large wide" href=routes::START>"I’ve saved them"</a>
            </div>
        </Sheet>
    }
    .into_any()
}
