//! Settings > Stripe: how payments reach a program. Each method of connecting has a module of
//! its own; a program has one connection at a time.

mod callback;
mod callback_text;
mod connected;
mod disconnect;
mod health;
mod manual;
mod methods;
mod oauth;
mod other_account;
mod reconciliation;
mod repair;
mod restricted_key;

use domain::connections::{ConnectionMethod, ConnectionStatus};
use engine::stripe::connections::{Connection, Status};
use engine::stripe::events::Filter;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub use self::callback::StripeCallback;
use self::connected::connected_cards;
pub use self::disconnect::{DisconnectStripe, disconnect_stripe};
use self::health::Finding;
use self::manual::Manual;
pub use self::manual::{ConnectStripe, connect_stripe};
use self::methods::{abilities, needed};
use self::oauth::BeforeLeaving;
pub use self::oauth::{LeaveForStripe, leave_for_stripe};
pub use self::other_account::{ChooseStripeAccount, choose_stripe_account};
pub use self::reconciliation::{
    CompareWithStripe, ImportMissing, StripeReconciliation, compare_with_stripe, import_missing,
};
use self::repair::reload_soon;
pub use self::repair::{RepairStripe, repair_stripe};
use self::restricted_key::RestrictedKey;
pub use self::restricted_key::{UseKey, use_key};
use crate::components::{MerchantShell, Notice, PageHead, State, Tone};
use crate::forms::submission::take_form;
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::connection_problem;
use crate::request::access::Access;
use crate::request::queries::Parameters;
use crate::routes;
use crate::text::relative;
use crate::trouble::Trouble;

/// Settings > Stripe.
#[component]
pub fn SettingsStripe() -> impl IntoView {
    page(stripe())
}

async fn stripe() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    if let Err(error) = engine::stripe::repair::look_again(&page.engine, &page.actor, &page.program.id).await
    {
        tracing::warn!(%error, "the endpoint is not checked again");
    }
    let status = engine::stripe::connections::status(&page.engine, &page.actor, &page.program.id).await?;
    let parameters = Parameters::of_request();
    let can_end = status.connection.as_ref().is_some_and(|it| it.status != ConnectionStatus::Disconnected);
    if can_end && let Some(question) = disconnect::ask(&page, &status, &parameters).await? {
        return Ok(question);
    }
    if let Some(method) = parameters.get(routes::STRIPE_METHOD).and_then(ConnectionMethod::from_word)
        && let Some(shown) = one_method(&page, &status, method).await
    {
        return Ok(shown);
    }
    if status.is_connected() { connected(&page, status).await } else { not_connected(&page, status).await }
}

/// One method of connecting; nothing when it is not available here.
async fn one_method(page: &ProgramPage, status: &Status, method: ConnectionMethod) -> Option<AnyView> {
    let setup = engine::stripe::connections::setup(&page.engine);
    let current = status.connection.as_ref().filter(|connection| connection.is_connected());
    // A connection by OAuth can do everything already.
    if current.is_some_and(Connection::is_oauth) {
        return None;
    }
    let (program, url) = (page.program.id.to_string(), status.webhook_url.clone());
    let cancel = page.routes().settings().stripe();
    let account = status.connection.as_ref().and_then(|connection| connection.stripe_account.clone());
    let (title, lead, body) = match method {
        ConnectionMethod::OAuth if setup.live || setup.test => {
            let form = take_form(LeaveForStripe::PATH).await;
            let program_name = page.program.name.clone();
            page.title("Sign in with Stripe", form.has_errors());
            let body = view! { <BeforeLeaving form setup program program_name account cancel/> };
            (
                "Sign in with Stripe",
                "You grant access on Stripe’s own page and come back here.",
                body.into_any(),
            )
        }
        ConnectionMethod::Key => {
            let form = take_form(UseKey::PATH).await;
            page.title("Restricted key", form.has_errors());
            let body = view! { <RestrictedKey form program url cancel/> };
            (
                "Restricted key",
                "You create a key with few permissions and can revoke it at any time.",
                body.into_any(),
            )
        }
        ConnectionMethod::Manual if current.is_none() => {
            let form = take_form(ConnectStripe::PATH).await;
            page.title("Manual setup", form.has_errors());
            let body = view! { <Manual form url program cancel/> };
            ("Manual setup", "You add the endpoint; Honeyguide sees only what it sends.", body.into_any())
        }
        ConnectionMethod::OAuth | ConnectionMethod::Manual => return None,
    };
    let crumbs = page.crumbs(
        &[("Settings", page.routes().settings().general()), ("Stripe", page.routes().settings().stripe())],
        title,
    );
    Some(
        view! {
            <MerchantShell frame=page.frame(Section::Stripe) crumbs narrow=true>
                <PageHead title lead/>
                {body}
            </MerchantShell>
        }
        .into_any(),
    )
}

async fn not_connected(page: &ProgramPage, status: Status) -> Access<AnyView> {
    let connection = status.connection.as_ref();
    let is_revoked = connection.is_some_and(|connection| connection.status == ConnectionStatus::Revoked);
    page.title(if is_revoked { "Stripe" } else { "Connect Stripe" }, false);
    let setup = engine::stripe::connections::setup(&page.engine);
    let terms = engine::programs::terms::current(&page.engine, &page.actor, &page.program.id).await?;
    let lines = crate::presenters::terms::lines(&terms.terms, page.program.currency);
    let commission = lines.into_iter().next().map(|(_, words)| words);
    let head = match connection {
        Some(_) if is_revoked => {
            let lead = "Honeyguide no longer has access to this Stripe account.";
            view! { <PageHead title="Stripe" state=State::REVOKED lead/> }.into_any()
        }
        Some(_) => {
            let lead = "New payments are not credited. Everything received so far is kept.";
            view! { <PageHead title="Connect Stripe" state=State::DISCONNECTED lead/> }.into_any()
        }
        None => {
            let lead = "Honeyguide reads your Stripe payments and credits affiliates. It never charges, refunds or moves money.";
            view! { <PageHead title="Connect Stripe" lead/> }.into_any()
        }
    };
    let revoked = connection.filter(|_| is_revoked).map(|connection| revoked_notice(page, connection));
    let ended = connection.filter(|_| is_revoked).and_then(|connection| connection.disconnected_at);
    let report = match ended {
        Some(at) => repair::report_about(page, at).await?,
        None => None,
    };
    let needed = needed(page, &status, &commission.unwrap_or_default());
    // After a revocation reconnecting comes first; the other methods follow below.
    let (methods, abilities) = (methods::methods(page, &setup, !is_revoked), abilities(page, &setup));
    let crumbs = page.crumbs(&[("Settings", page.routes().settings().general())], "Stripe");
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Stripe) crumbs narrow=true>
            {head}
            {revoked}
            {report}
            {needed}
            {methods}
            {abilities}
        </MerchantShell>
    }
    .into_any())
}

/// What happened and how to continue, when Stripe has ended the connection.
fn revoked_notice(page: &ProgramPage, connection: &Connection) -> AnyView {
    let why = connection.problem.as_ref().map(connection_problem::sentence).unwrap_or_default();
    let account = connection.stripe_account.clone();
    let again = page.routes().settings().stripe_method(connection.method());
    let forget = Parameters::default().with(disconnect::ASK, "ask").on(&page.routes().settings().stripe());
    let which = account.map(|account| format!(", for the account {account}")).unwrap_or_default();
    let since = connection
        .disconnected_at
        .map(|at| format!(" This happened {}{which}.", relative(at, page.now)))
        .unwrap_or_default();
    let still = if connection.accepts_deliveries() {
        "Our endpoint still delivers, so payments are credited. Repairing and fetching missed events don’t work until you reconnect."
    } else {
        "New payments are not credited. If you reconnect within 30 days, events from in between are fetched."
    };
    let trouble = page.routes().settings().trouble(Trouble::AccessEnded);
    let actions = view! {
        <a class="button primary" href=again>"Reconnect"</a>
        <a class="button" href=forget>"Disconnect…"</a>
    };
    view! {
        <Notice tone=Tone::Danger title="Connection revoked" actions=actions.into_any()>
            {format!("{why}{since} {still} ")}<a href=trouble>"How to fix it"</a>
        </Notice>
    }
    .into_any()
}

async fn connected(page: &ProgramPage, status: Status) -> Access<AnyView> {
    const NEWEST: i64 = 1;
    let form = take_form(ConnectStripe::PATH).await;
    page.title("Stripe", form.has_errors());
    let newest = engine::stripe::events::list(
        &page.engine,
        &page.actor,
        &page.program.id,
        &Filter::default(),
        None,
        NEWEST,
    )
    .await?;
    let (state, lead_view) = match &status.connection {
        Some(connection) => {
            let finding = Finding::of(&status, connection, page.now);
            (finding.state(), health::lead(page, &finding))
        }
        None => (State::DISCONNECTED, ().into_any()),
    };
    // What is found now is shown as soon as it is, but nothing that is being typed is lost.
    if status.is_being_checked(page.now) && !form.has_errors() {
        reload_soon();
    }
    let (cards, danger) = connected_cards(page, &status, newest.first(), form);
    let report = repair::last_report(page).await?;
    // A daily check that found nothing is not news.
    let (news, routine) = match report {
        Some((card, true)) => (Some(card), None),
        Some((card, false)) => (None, Some(card)),
        None => (None, None),
    };
    let compare = status.connection.as_ref().filter(|connection| connection.can_call_stripe()).map(|_| {
        let href = page.routes().settings().reconciliation();
        view! { <a class="button" href=href>"Reconciliation"</a> }
    });
    let repair = repair::button(page.program.id.to_string(), state == State::NEEDS_ATTENTION);
    let actions = view! { {compare}{repair} }.into_any();
    let crumbs = page.crumbs(&[("Settings", page.routes().settings().general())], "Stripe");
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Stripe) crumbs narrow=true>
            <PageHead title="Stripe" state lead_view actions/>
            {news}
            {cards}
            {routine}
            {danger}
        </MerchantShell>
    }
    .into_any())
}
