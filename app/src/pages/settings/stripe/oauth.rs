//! Connecting by OAuth: what access means is shown before the merchant leaves for Stripe.

use domain::connections::{ConnectionMethod, StripeMode};
use engine::stripe::connections::Setup;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::super::program_of;
use super::methods::{Can, can};
use crate::components::{
    Card, CardBody, Choice, ChoiceField, Column, ErrorSummary, FormActions, Notice, Table, TableStyle, Tone,
};
use crate::forms::FormState;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::request::access::{engine, merchant};
use crate::routes;

/// The page before leaving.
#[component]
pub(super) fn BeforeLeaving(
    /// What was chosen before.
    form: FormState,
    /// What the operator has set up.
    setup: Setup,
    /// The program's id.
    program: String,
    /// Its name.
    program_name: String,
    /// The account that it was connected to before, if there was one.
    account: Option<String>,
    /// Where to go instead.
    cancel: String,
) -> impl IntoView {
    let abilities: [(&str, Can); 7] = [
        ("See payments, refunds and disputes", Can::Yes("Can")),
        ("See customers’ email addresses", Can::Yes("Can")),
        ("See subscriptions, invoices and promotion codes", Can::Yes("Can")),
        ("Be notified of new events", Can::Yes("Can")),
        ("Charge, refund or move money", Can::No("Never does")),
        ("Change products, prices or customers", Can::No("Never does")),
        ("See card numbers or bank accounts", Can::No("Cannot")),
    ];
    let rows = abilities
        .into_iter()
        .map(|(ability, able)| view! { <tr><th scope="row">{ability}</th><td class="lead">{can(able)}</td></tr> })
        .collect_view();
    let columns = vec![Column::text("What"), Column::text("Honeyguide")];
    let wider = setup.requests_write.then(|| {
        view! {
            <Notice title="Stripe’s page will say “read and write”">
                "Stripe does not offer read-only access to new platforms. Honeyguide only reads, whatever the page says. A restricted key enforces that."
            </Notice>
        }
    });
    let which = match account {
        Some(account) => format!("Choose the account {account} to continue where {program_name} left off."),
        None => format!(
            "If you have several Stripe accounts, choose the one that takes the payments of {program_name}. One account can feed only one program."
        ),
    };
    let test_only = (!setup.live).then(|| {
        view! {
            <Notice tone=Tone::Warning title="Test data only">
                "This server is set up for Stripe’s test data. No real payment is credited."
            </Notice>
        }
    });
    let mode = if setup.live && setup.test {
        let choices = vec![
            Choice::new(StripeMode::Live.word(), "Live payments", "Real sales, credited to affiliates."),
            Choice::new(StripeMode::Test.word(), "Test data", "For trying it out; no real money moves."),
        ];
        let field = form.field("mode", StripeMode::Live.word());
        view! { <ChoiceField field label="Which payments?" choices/> }.into_any()
    } else {
        let mode = if setup.live { StripeMode::Live } else { StripeMode::Test };
        view! { <input type="hidden" name="mode" value=mode.word()/> }.into_any()
    };
    view! {
        {wider}
        <Card id="asked" title="What Honeyguide can and cannot do">
            <Table caption="What access means" columns style=TableStyle::CARDS.spaced()>{rows}</Table>
        </Card>
        {test_only}
        <Card id="leave" title="Before you leave">
            <CardBody>
                <div class="stack tight">
                    <p>{which}</p>
                    <p class="muted">"You need to be an administrator of the account. Stripe brings you back here. You have ten minutes."</p>
                </div>
                <form class="form gap-top" method="post" action=LeaveForStripe::PATH novalidate>
                    <ErrorSummary errors=form.errors().to_vec()/>
                    <input type="hidden" name="program" value=program/>
                    {mode}
                    <FormActions submit="Continue to Stripe" cancel/>
                </form>
            </CardBody>
        </Card>
    }
}

/// Sends the merchant to Stripe's page.
#[server(prefix = "/do", endpoint = "stripe/authorize")]
pub async fn leave_for_stripe(
    /// The program.
    #[server(default)]
    program: String,
    /// `live` or `test`.
    #[server(default)]
    mode: String,
) -> Result<(), ServerFnError> {
    let back = routes::of_form(&program, |program| program.settings().stripe_method(ConnectionMethod::OAuth));
    finish(Submission::new(LeaveForStripe::PATH, back).typed("mode", &mode), async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        let mode = StripeMode::from_word(&mode)
            .ok_or_else(|| engine::Error::field("mode", "Choose live payments or test data"))?;
        let url = engine::stripe::connections::authorize(&engine(), &actor, &id, mode.is_live()).await?;
        Ok(Redirect::outside(url))
    })
    .await
}
