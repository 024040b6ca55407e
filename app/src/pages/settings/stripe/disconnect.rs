//! Ending a connection: what follows is said first, in numbers.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::super::{page_of, program_of};
use crate::access::{Access, engine, merchant};
use crate::action::{Done, Sent, finish};
use crate::components::{Card, CardBody, MerchantShell, PageHead, State};
use crate::forms::Flash;
use crate::frames::{ProgramPage, Section, program_path};
use crate::queries::Parameters;
use crate::text::{money, plural};

/// The parameter that asks before the connection is ended.
pub(super) const ASK: &str = "disconnect";

/// The page that asks; nothing when the address does not.
pub(super) async fn ask(page: &ProgramPage, parameters: &Parameters) -> Access<Option<AnyView>> {
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
        [] => format!("{} stay.", plural(stake.conversions, "conversion", "conversions")),
        balances => format!(
            "{} and the {} that affiliates have earned stay.",
            plural(stake.conversions, "conversion", "conversions"),
            balances.join(" and ")
        ),
    };
    let affiliates = plural(stake.active_affiliates, "affiliate earns", "affiliates earn");
    let (id, back) = (page.program.id.to_string(), page.path("settings/stripe"));
    let crumbs = page.crumbs(&[("Settings", "settings"), ("Stripe", "settings/stripe")], "Disconnect");
    let actions = view! {
        <div class="form-actions">
            <form method="post" action=DisconnectStripe::PATH>
                <input type="hidden" name="program" value=id/>
                <button class="button danger large">"Disconnect Stripe"</button>
            </form>
            <a class="button quiet large" href=back>"Cancel"</a>
        </div>
    };
    Ok(Some(
        view! {
            <MerchantShell frame=page.frame(Section::Stripe) crumbs narrow=true>
                <PageHead title="Disconnect Stripe?" state=State::CONNECTED/>
                <Card id="consequences" title="What follows" foot=actions.into_any()>
                    <CardBody>
                        <ul class="stack tight">
                            <li>{format!("{affiliates} nothing from payments that come from now on.")}</li>
                            <li>"Refunds and disputes of earlier payments are not seen either, so their commissions stay as they are."</li>
                            <li>{kept}</li>
                            <li>"The signing secrets are forgotten. The endpoint in Stripe stays until you delete it there; what it sends is ignored."</li>
                            <li>"You can connect again at any time, with the same URL. Events sent meanwhile do not come back by themselves; resend them from Stripe."</li>
                        </ul>
                    </CardBody>
                </Card>
            </MerchantShell>
        }
        .into_any(),
    ))
}

/// Ends a program's connection.
#[server(prefix = "/do", endpoint = "stripe/disconnect")]
pub async fn disconnect_stripe(
    /// The program.
    #[server(default)]
    program: String,
) -> Result<(), ServerFnError> {
    finish(Sent::new(DisconnectStripe::PATH, page_of(&program, "settings/stripe")), async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        engine::connections::disconnect(&engine(), &actor, &id).await?;
        let flash = Flash::done("Stripe is disconnected. New payments are not credited.");
        Ok(Done::to(program_path(&id, "settings/stripe")).saying(flash))
    })
    .await
}
