//! Ending a connection: what follows is said first, in numbers.

use engine::stripe::connections::{DisconnectOutcome, Status};
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

/// The parameter that asks before the connection is ended.
pub(super) const ASK: &str = "disconnect";

/// The page that asks; nothing when the address does not.
pub(super) async fn ask(
    page: &ProgramPage,
    status: &Status,
    parameters: &Parameters,
) -> Access<Option<AnyView>> {
    if parameters.get(ASK).is_none() {
        return Ok(None);
    }
    let stake = engine::programs::at_stake(&page.engine, &page.actor, &page.program.id).await?;
    page.title("Disconnect Stripe?", false);
    let balances: Vec<String> = stake
        .owed
        .iter()
        .filter(|balance| balance.earned != 0)
        .map(|balance| money(balance.earned, balance.currency))
        .collect();
    let kept = match balances.as_slice() {
        [] if stake.conversions == 0 => None,
        [] => Some(format!("{} stay.", plural(stake.conversions, "conversion", "conversions"))),
        balances => Some(format!(
            "{} and the {} that affiliates have earned stay.",
            plural(stake.conversions, "conversion", "conversions"),
            balances.join(" and ")
        )),
    };
    let kept = kept.map(|kept| view! { <li>{kept}</li> });
    let state = if status.is_connected() { State::CONNECTED } else { State::REVOKED };
    let at_stripe = at_stripe(status);
    let missed = match status.connection.as_ref().map(|connection| connection.mode.as_str()) {
        Some("oauth" | "key") => {
            "You can connect again at any time. What happens meanwhile is fetched then, up to 30 days back."
        }
        _ => {
            "You can connect again at any time, with the same URL. Events sent meanwhile do not come back by themselves; resend them from Stripe."
        }
    };
    let affiliates = plural(stake.active_affiliates, "affiliate", "affiliates");
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
                <Card id="consequences" title="What follows" foot=actions.into_any()>
                    <CardBody>
                        <ul class="advice">
                            <li>{format!("{affiliates} will earn nothing from later payments.")}</li>
                            <li>"Refunds and disputes of earlier payments are not seen either, so their commissions stay as they are."</li>
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

/// What is done at Stripe, and what is forgotten here.
fn at_stripe(status: &Status) -> String {
    let Some(connection) = &status.connection else { return String::new() };
    let last_four = connection.credential_last_four.clone().unwrap_or_default();
    match (connection.mode.as_str(), &connection.stripe_account, &connection.endpoint_id) {
        ("oauth", Some(account), _) if connection.is_connected() => format!(
            "Honeyguide gives up its access to the account {account} at Stripe; later events of it are ignored."
        ),
        ("oauth", Some(account), _) => {
            format!("Access to the account {account} has ended already; later events of it are ignored.")
        }
        ("key", _, Some(endpoint)) => format!(
            "Our endpoint {endpoint} is deleted at Stripe, and the key ending in {last_four} is forgotten here. Delete the key in Stripe too when nothing else uses it."
        ),
        ("key", ..) => format!("The key ending in {last_four} is forgotten here. Delete it in Stripe too."),
        _ => "The signing secrets are forgotten. The endpoint in Stripe stays until you delete it there; what it sends is ignored.".to_owned(),
    }
}

/// What is said when it is done.
fn farewell(done: DisconnectOutcome) -> Flash {
    const DONE: &str = "Stripe is disconnected. New payments are not credited.";
    match done {
        DisconnectOutcome::Done | DisconnectOutcome::DeleteEndpoint(None) => Flash::done(DONE),
        DisconnectOutcome::Later => Flash::done(format!(
            "{DONE} Stripe could not be reached; access is given back there as soon as it answers."
        )),
        DisconnectOutcome::DeleteEndpoint(Some(endpoint)) => Flash::done(format!(
            "{DONE} Stripe could not be asked to delete our endpoint {endpoint}; delete it in Stripe’s dashboard. What it sends is dropped."
        )),
        DisconnectOutcome::RemoveApp => Flash::done(format!(
            "{DONE} Take the app out of the account in Stripe’s dashboard, under Installed apps."
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
            Ok(Redirect::to(routes::program(&id).settings().stripe()).with_flash(farewell(done)))
        },
    )
    .await
}
