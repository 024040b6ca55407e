//! Settings > Stripe: how a program hears of payments. Each way to connect is a module of
//! its own; a program has one connection at a time.

mod by_hand;
mod by_key;
mod connected;
mod disconnect;
mod health;
mod outcomes;
mod reconciliation;
mod repair;
mod returned;
mod sign_in;
mod ways;

use engine::stripe::connections::{Connection, Status};
use engine::stripe::events::Filter;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use self::by_hand::ByHand;
pub use self::by_hand::{ConnectStripe, connect_stripe};
use self::by_key::ByKey;
pub use self::by_key::{UseKey, use_key};
use self::connected::connected_cards;
pub use self::disconnect::{DisconnectStripe, disconnect_stripe};
pub use self::reconciliation::{
    CompareWithStripe, StripeReconciliation, TakeInMissing, compare_with_stripe, take_in_missing,
};
pub use self::repair::{RepairStripe, repair_stripe};
pub use self::returned::StripeCallback;
use self::sign_in::BeforeLeaving;
pub use self::sign_in::{LeaveForStripe, leave_for_stripe};
use self::ways::{abilities, needed, way_path};
use crate::components::{MerchantShell, Notice, PageHead, State, Tone};
use crate::forms::submission::take_form;
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::request::access::Access;
use crate::request::queries::Parameters;
use crate::text::relative;

/// The parameter that names a way to connect, and the ways.
const WAY: &str = "way";
const SIGN_IN: &str = "sign-in";
const KEY: &str = "key";
const BY_HAND: &str = "by-hand";

/// The address of a way, from that of the settings.
fn way_of(settings: &str, way: &str) -> String {
    format!("{settings}?{WAY}={way}")
}

/// Settings > Stripe.
#[component]
pub fn SettingsStripe() -> impl IntoView {
    page(stripe())
}

async fn stripe() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let status = engine::stripe::connections::status(&page.engine, &page.actor, &page.program.id).await?;
    let parameters = Parameters::of_request();
    let ended = status.connection.as_ref().is_none_or(|connection| connection.state == "disconnected");
    if !ended && let Some(question) = disconnect::ask(&page, &status, &parameters).await? {
        return Ok(question);
    }
    if let Some(way) = parameters.get(WAY)
        && let Some(shown) = one_way(&page, &status, way).await
    {
        return Ok(shown);
    }
    if status.is_connected() { connected(&page, status).await } else { not_connected(&page, status).await }
}

/// One way to connect; nothing when there is no such way here.
async fn one_way(page: &ProgramPage, status: &Status, way: &str) -> Option<AnyView> {
    let setup = engine::stripe::connections::setup(&page.engine);
    let present = status.connection.as_ref().filter(|connection| connection.is_connected());
    // Whoever signed in with Stripe has the widest way already.
    if present.is_some_and(|connection| connection.mode == "oauth") {
        return None;
    }
    let (program, url) = (page.program.id.to_string(), status.webhook_url.clone());
    let cancel = page.routes().settings().stripe();
    let account = status.connection.as_ref().and_then(|connection| connection.stripe_account.clone());
    let (title, lead, body) = match way {
        SIGN_IN if setup.live || setup.test => {
            let form = take_form(LeaveForStripe::PATH).await;
            let program_name = page.program.name.clone();
            page.title("Sign in with Stripe", form.has_errors());
            let body = view! { <BeforeLeaving form setup program program_name account cancel/> };
            (
                "Sign in with Stripe",
                "You allow access on Stripe’s own page and come back here.",
                body.into_any(),
            )
        }
        KEY => {
            let form = take_form(UseKey::PATH).await;
            page.title("Restricted key", form.has_errors());
            let body = view! { <ByKey form program url cancel/> };
            (
                "Restricted key",
                "You make a key with few permissions and can revoke it at any time.",
                body.into_any(),
            )
        }
        BY_HAND if present.is_none() => {
            let form = take_form(ConnectStripe::PATH).await;
            page.title("Set up by hand", form.has_errors());
            let body = view! { <ByHand form url program cancel/> };
            ("Set up by hand", "You make the endpoint; Honeyguide sees only what it sends.", body.into_any())
        }
        _ => return None,
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
    let is_revoked = connection.is_some_and(|connection| connection.state == "revoked");
    page.title(if is_revoked { "Stripe" } else { "Connect Stripe" }, false);
    let setup = engine::stripe::connections::setup(&page.engine);
    let terms = engine::programs::terms::current(&page.engine, &page.actor, &page.program.id).await?;
    let lines = crate::presenters::terms::lines(&terms.rules, page.program.currency);
    let commission = lines.into_iter().next().map(|(_, words)| words);
    let head = match connection {
        Some(_) if is_revoked => {
            let lead = "Stripe does not let Honeyguide in any more.";
            view! { <PageHead title="Stripe" state=State::REVOKED lead/> }.into_any()
        }
        Some(_) => {
            let lead = "Payments are not credited. Everything received so far is kept.";
            view! { <PageHead title="Connect Stripe" state=State::DISCONNECTED lead/> }.into_any()
        }
        None => {
            let lead = "Honeyguide reads what Stripe sends and credits affiliates. It never charges, refunds or moves money.";
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
    // Whoever was cut off is asked to reconnect first; the other ways stand below.
    let (ways, abilities) = (ways::ways(page, &setup, !is_revoked), abilities(&setup));
    let crumbs = page.crumbs(&[("Settings", page.routes().settings().general())], "Stripe");
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Stripe) crumbs narrow=true>
            {head}
            {revoked}
            {report}
            {needed}
            {ways}
            {abilities}
        </MerchantShell>
    }
    .into_any())
}

/// What happened and how to go on, when Stripe has ended the connection.
fn revoked_notice(page: &ProgramPage, connection: &Connection) -> AnyView {
    let why = connection.trouble_text.clone().unwrap_or_default();
    let account = connection.stripe_account.clone();
    let again = match connection.mode.as_str() {
        "oauth" => way_path(page, SIGN_IN),
        "key" => way_path(page, KEY),
        _ => way_path(page, BY_HAND),
    };
    let forget = Parameters::default().with(disconnect::ASK, "ask").on(&page.routes().settings().stripe());
    let which = account.map(|account| format!(", for the account {account}")).unwrap_or_default();
    let since = connection
        .disconnected_at
        .map(|at| format!(" That was {}{which}.", relative(at, page.now)))
        .unwrap_or_default();
    let still = if connection.mode == "key" {
        "Our endpoint still delivers, so payments are credited; repairing and fetching are not possible."
    } else {
        "New payments are not credited. What happens meanwhile is fetched when you reconnect within 30 days."
    };
    let actions = view! {
        <a class="button primary" href=again>"Reconnect"</a>
        <a class="button" href=forget>"Disconnect…"</a>
    };
    view! {
        <Notice tone=Tone::Danger title="The connection was revoked" actions=actions.into_any()>
            {format!("{why}{since} {still}")}
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
    let state = health::state(&status, page.now);
    let sentence = health::sentence(&status, page.now);
    let (cards, danger) = connected_cards(page, &status, newest.first(), form);
    let report = repair::last_report(page).await?;
    // A daily check that found nothing is no news.
    let (news, routine) = match report {
        Some((card, true)) => (Some(card), None),
        Some((card, false)) => (None, Some(card)),
        None => (None, None),
    };
    let compare = status.connection.as_ref().filter(|connection| connection.mode != "manual").map(|_| {
        let href = page.routes().settings().reconciliation();
        view! { <a class="button" href=href>"Reconciliation"</a> }
    });
    let repair = repair::button(page.program.id.to_string(), state == State::NEEDS_ATTENTION);
    let actions = view! { {compare}{repair} }.into_any();
    let crumbs = page.crumbs(&[("Settings", page.routes().settings().general())], "Stripe");
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Stripe) crumbs narrow=true>
            <PageHead title="Stripe" state lead=sentence actions/>
            {news}
            {cards}
            {routine}
            {danger}
        </MerchantShell>
    }
    .into_any())
}
