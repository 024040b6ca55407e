//! Events of a second account at the endpoint of a manual connection.

use engine::stripe::connections::Connection;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::super::program_of;
use crate::components::{Card, CardBody};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::layout::ProgramPage;
use crate::request::access::{engine, merchant};
use crate::routes;
use crate::trouble::Trouble;

/// Names the other account, where there is one, and lets a person choose it.
pub(super) fn other_account(page: &ProgramPage, connection: &Connection) -> Option<AnyView> {
    let (own, other) = (connection.events_account.clone()?, connection.other_account.clone()?);
    let (id, account) = (page.program.id.to_string(), other.clone());
    let foot = view! {
        <a href=page.routes().settings().trouble(Trouble::SeveralAccounts)>"Several accounts"</a>
        <form method="post" action=ChooseStripeAccount::PATH>
            <input type="hidden" name="program" value=id/>
            <input type="hidden" name="account" value=account/>
            <button class="button">"This is the right account"</button>
        </form>
    };
    let text = format!(
        "Events from {other} arrive too. They are stored but not counted, because the first events came from {own}. If you switch accounts, the stored events are processed too."
    );
    Some(
        view! {
            <Card id="other-account" title="Events from two accounts" foot=foot.into_any()>
                <CardBody><p>{text}</p></CardBody>
            </Card>
        }
        .into_any(),
    )
}

/// Counts the events of the other account.
#[server(prefix = "/do", endpoint = "stripe/account")]
pub async fn choose_stripe_account(
    /// The program.
    #[server(default)]
    program: String,
    /// The account.
    #[server(default)]
    account: String,
) -> Result<(), ServerFnError> {
    finish(
        Submission::new(
            ChooseStripeAccount::PATH,
            routes::of_form(&program, |program| program.settings().stripe()),
        ),
        async {
            let (actor, id) = (merchant().await?, program_of(&program)?);
            engine::stripe::connections::choose_account(&engine(), &actor, &id, &account).await?;
            let done = Flash::done(format!(
                "Events from {account} count from now on. The stored ones are being processed."
            ));
            Ok(Redirect::to(routes::program(&id).settings().stripe()).with_flash(done))
        },
    )
    .await
}
