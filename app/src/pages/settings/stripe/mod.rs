//! Settings > Stripe: how a program hears of payments. Each way to connect is a module of
//! its own; a program has one connection at a time.

mod by_hand;
mod connected;
mod disconnect;
mod health;

use engine::connections::Status;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use self::by_hand::ByHand;
pub use self::by_hand::{ConnectStripe, connect_stripe};
use self::connected::connected_cards;
pub use self::disconnect::{DisconnectStripe, disconnect_stripe};
use crate::access::Access;
use crate::action::take_form;
use crate::components::{MerchantShell, PageHead, State};
use crate::frames::{ProgramPage, Section};
use crate::pages::page;
use crate::queries::Parameters;

/// Settings > Stripe.
#[component]
pub fn SettingsStripe() -> impl IntoView {
    page(stripe())
}

async fn stripe() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let status = engine::connections::status(&page.engine, &page.actor, &page.program.id).await?;
    if status.is_connected() {
        if let Some(question) = disconnect::ask(&page, &Parameters::of_request()).await? {
            return Ok(question);
        }
        connected(&page, status).await
    } else {
        Ok(not_connected(&page, status).await)
    }
}

async fn not_connected(page: &ProgramPage, status: Status) -> AnyView {
    let form = take_form(ConnectStripe::PATH).await;
    page.title("Connect Stripe", form.has_errors());
    let head = if status.connection.is_some() {
        let lead = "Payments are not credited. The endpoint’s URL is still the same.";
        view! { <PageHead title="Connect Stripe" state=State::DISCONNECTED lead/> }.into_any()
    } else {
        let lead = "Honeyguide reads what Stripe sends and credits affiliates. It never charges, refunds or moves money.";
        view! { <PageHead title="Connect Stripe" lead/> }.into_any()
    };
    let program = page.program.id.to_string();
    let crumbs = page.crumbs(&[("Settings", "settings")], "Stripe");
    view! {
        <MerchantShell frame=page.frame(Section::Stripe) crumbs narrow=true>
            {head}
            <ByHand form url=status.webhook_url program/>
        </MerchantShell>
    }
    .into_any()
}

async fn connected(page: &ProgramPage, status: Status) -> Access<AnyView> {
    const NEWEST: i64 = 1;
    let form = take_form(ConnectStripe::PATH).await;
    page.title("Stripe", form.has_errors());
    let newest =
        engine::inbox::list(&page.engine, &page.actor, &page.program.id, None, None, None, NEWEST).await?;
    let state = health::state(&status, page.now);
    let sentence = health::sentence(&status, page.now);
    let cards = connected_cards(page, &status, newest.first(), form);
    let crumbs = page.crumbs(&[("Settings", "settings")], "Stripe");
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Stripe) crumbs narrow=true>
            <PageHead title="Stripe" state lead=sentence/>
            {cards}
        </MerchantShell>
    }
    .into_any())
}
