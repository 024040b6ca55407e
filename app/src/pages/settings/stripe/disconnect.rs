//! Disconnecting: the consequences are shown first, in numbers.

use domain::connections::ConnectionMethod;
use engine::stripe::connections::{Connection, ConnectionKind, DisconnectOutcome, Status};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::super::program_of;
use crate::components::{Card, CardBody, MerchantShell, PageHead, State};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::layout::{ProgramPage, Section};
use crate::request::access::{Access, engine, merchant};
use crate::request::queries::Parameters;
use crate::routes;
use crate::text::{money, plural};

/// The parameter that asks for confirmation.
pub(super) const ASK: &str = "disconnect";

/// The page that asks for confirmation; nothing without the parameter.
pub(super) async fn ask(
    page: &ProgramPage,
    status: &Status,
    parameters: &Parameters,
) -> Access<Option<AnyView>> {
    if parameters.get(ASK).is_none() {
        return Ok(None);
    }
    let totals = engine::programs::totals(&page.engine, &page.actor, &page.program.id).await?;
    page.title("Disconnect Stripe?", false);
    let balances: Vec<String> = totals
        .owed
        .iter()
        .filter(|balance| balance.earned != 0)
        .map(|balance| money(balance.earned, balance.currency))
        .collect();
    let kept = match balances.as_slice() {
        [] if totals.conversions == 0 => None,
        [] => Some(format!("{} are kept.", plural(totals.conversions, "conversion", "conversions"))),
        balances => Some(format!(
            "{} and the {} that affiliates have earned are kept.",
            plural(totals.conversions, "conversion", "conversions"),
            balances.join(" and ")
        )),
    };
    let kept = kept.map(|kept| view! { <li>{kept}</li> });
    let state = if status.is_connected() { State::CONNECTED } else { State::REVOKED };
    let at_stripe = at_stripe(status);
    let missed = match status.connection.as_ref().map(Connection::method) {
        Some(ConnectionMethod::OAuth | ConnectionMethod::Key) => {
            "You can reconnect at any time. Events from in between are then fetched, up to 30 days back."
        }
        Some(ConnectionMethod::Manual) | None => {
            "You can reconnect at any time, with the same URL. Stripe doesn’t send the events from in between again by itself: resend them in the Stripe Dashboard."
        }
    };
    let affiliates = plural(totals.active_affiliates, "affiliate", "affiliates");
    let (id, back) = (page.program.id.to_string(), page.routes().settings().stripe());
    let crumbs = page.crumbs(
        &[("Settings", page.routes().settings().general()), ("Stripe", page.routes().settings().stripe())],
        "Disconnect",
    );
    let actions = view! {
        <div class="form-actions">
            <form method="post" action=DisconnectStripe::PATH>
                <input type="hidden" name="program" value=id/>
                <button class="button danger primary large">"Disconnect Stripe"</button>
            </form>
            <a class="button quiet large" href=back>"Cancel"</a>
        </div>
    };
    Ok(Some(
        view! {
            <MerchantShell frame=page.frame(Section::Stripe) crumbs narrow=true>
                <PageHead title="Disconnect Stripe?" state/>
                <Card id="consequences" title="Consequences" foot=actions.into_any()>
                    <CardBody>
                        <ul class="advice">
                            <li>{format!("{affiliates} will earn nothing from later payments.")}</li>
                            <li>"Refunds and disputes of earlier payments aren’t received either, so their commissions stay unchanged."</li>
                            {kept}
                            <li>{at_stripe}</li>
                            <li>{missed}</li>
                        </ul>
                    </CardBody>
                </Card>
            </MerchantShell>
        }
        .into_any(),
    ))
}

/// What is done at Stripe, and what is deleted here.
fn at_stripe(status: &Status) -> String {
    let Some(connection) = &status.connection else { return String::new() };
    match &connection.kind {
        ConnectionKind::OAuth { .. } => {
            let account = connection.stripe_account.as_deref().unwrap_or_default();
            if connection.is_connected() {
                format!("Honeyguide’s access to the Stripe account {account} ends. Later events are ignored.")
            } else {
                format!("Access to the Stripe account {account} has already ended. Later events are ignored.")
            }
        }
        ConnectionKind::Key { last_four, endpoint, .. } => {
            let ending = last_four.as_deref().unwrap_or_default();
            match endpoint {
                Some(endpoint) => format!(
                    "Our endpoint {} is deleted in Stripe, and the key ending in {ending} is deleted here. Delete the key in Stripe too if nothing else uses it.",
                    endpoint.id
                ),
                None => format!("The key ending in {ending} is deleted here. Delete it in Stripe too."),
            }
        }
        ConnectionKind::Manual => {
            "The signing secrets are deleted here. The endpoint in Stripe stays until you delete it there; its events are ignored.".to_owned()
        }
    }
}

/// The notice when it is done.
fn done_notice(done: DisconnectOutcome) -> Flash {
    const DONE: &str = "Stripe is disconnected. New payments are not credited.";
    match done {
        DisconnectOutcome::Done | DisconnectOutcome::DeleteEndpoint(None) => Flash::done(DONE),
        DisconnectOutcome::Later => Flash::done(format!(
            "{DONE} Stripe could not be reached. Access there ends as soon as it answers."
        )),
        DisconnectOutcome::DeleteEndpoint(Some(endpoint)) => Flash::done(format!(
            "{DONE} Our endpoint {endpoint} could not be deleted in Stripe. Delete it in the Stripe Dashboard. Its events are ignored."
        )),
        DisconnectOutcome::RemoveApp => Flash::done(format!(
            "{DONE} Remove the app from the account in the Stripe Dashboard, under Installed apps."
        )),
    }
}

/// Ends a program's connection.
#[server(prefix = "/do", endpoint = "stripe/disconnect")]
pub async fn disconnect_stripe(
    /// The program.
    #[server(default)]
    program: String,
) -> Result<(), ServerFnError> {
    finish(
        Submission::new(
            DisconnectStripe::PATH,
            routes::of_form(&program, |program| program.settings().stripe()),
        ),
        async {
            let (actor, id) = (merchant().await?, program_of(&program)?);
            let done = engine::stripe::connections::disconnect(&engine(), &actor, &id).await?;
            Ok(Redirect::to(routes::program(&id).settings().stripe()).with_flash(done_notice(done)))
        },
    )
    .await
}
