//! The sandbox's dashboard.

use axum::extract::{Path, RawQuery, State as Extract};
use axum::response::{Html, IntoResponse as _, Response};

use super::html::{escape, is_live, mode_word, not_found, page, version_options};
use super::site::Site;
use super::{access, failures, tables};
use crate::form::Params;
use crate::state::State;
use crate::stripe::Stripe;

/// The first account's dashboard.
pub(super) async fn show(Extract(site): Extract<Site>, RawQuery(query): RawQuery) -> Html<String> {
    Html(dashboard(&site, &site.stripe, query))
}

/// Another account's dashboard.
pub(super) async fn show_account(
    Extract(site): Extract<Site>,
    Path((account, mode)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    match site.stripe.account(&account, is_live(&mode)) {
        Some(stripe) => Html(dashboard(&site, &stripe, query)).into_response(),
        None => not_found().await,
    }
}

/// Everything that happened lately, with a button for everything that may happen next.
fn dashboard(site: &Site, stripe: &Stripe, query: Option<String>) -> String {
    let query = Params::decode(query.as_deref().unwrap_or_default(), b"").unwrap_or_default();
    let shop =
        if site.settings.shop.is_some() { r#"<a class="button" href="/shop">Open the shop</a>"# } else { "" };
    let deliveries = tables::deliveries(stripe);
    let (head, middle) = stripe.with(|state| {
        let mode = mode_word(state.livemode);
        let head = format!(
            r#"<div class="head"><div><h1>Dashboard</h1><p class="muted">{}, account <code>{}</code>, {mode} mode.</p></div>{shop}</div>"#,
            escape(&state.name),
            escape(&state.account),
        );
        let tables = [
            tables::waiting(state),
            tables::payments(state),
            tables::subscriptions(state),
            tables::endpoints(state),
            tables::events(state, &deliveries),
        ];
        (head, (tables, settings(state)))
    });
    let ([waiting, payments, subscriptions, endpoints, events], settings) = middle;
    let body = [
        head,
        accounts(stripe),
        said(&query),
        waiting,
        payments,
        sell(),
        subscriptions,
        endpoints,
        access::applications(stripe),
        access::keys(stripe),
        failures::card(stripe),
        settings,
        events,
    ];
    page("Sandbox Stripe", &body.concat())
}

/// The way to the other accounts; nothing when this is the only one.
fn accounts(stripe: &Stripe) -> String {
    let all = stripe.all_accounts();
    if all.len() < 2 {
        return String::new();
    }
    let links: String = all
        .iter()
        .map(|it| {
            let mode = mode_word(it.is_live());
            let is_this = it.account_id() == stripe.account_id() && it.is_live() == stripe.is_live();
            let current = if is_this { r#" aria-current="page""# } else { "" };
            let name = escape(&it.name());
            format!(
                r#"<a class="button small" href="/accounts/{}/{mode}/"{current}>{name}, {mode}</a>"#,
                escape(&it.account_id())
            )
        })
        .collect();
    format!(r#"<nav class="row" aria-label="Accounts">{links}</nav>"#)
}

/// A payment without a shop.
fn sell() -> String {
    r#"<form class="card row" method="post" action="do/sell"><label for="sale">New payment</label><input id="sale" class="amount" name="amount" inputmode="decimal" required placeholder="20.00" aria-label="Amount in USD"><input name="email" type="email" placeholder="ann@example.com" aria-label="Buyer's email"><input name="click" placeholder="hgc_…" aria-label="Click token"><button class="button">Pay</button></form>"#.to_owned()
}

/// What the last button did.
fn said(query: &Params) -> String {
    if let Some(text) = query.text("problem") {
        return format!(r#"<p class="summary" role="alert">{}</p>"#, escape(text));
    }
    query
        .text("done")
        .map_or_else(String::new, |text| format!(r#"<p class="said" role="status">{}</p>"#, escape(text)))
}

fn settings(state: &State) -> String {
    let check = |on: bool| if on { "checked" } else { "" };
    let order = |it: crate::outbox::Order, value: &str, label: &str| {
        let selected = if state.outbox.order == it { "selected" } else { "" };
        format!(r#"<option value="{value}" {selected}>{label}</option>"#)
    };
    format!(
        r#"<section class="card"><h2>Settings</h2><form class="row" method="post" action="do/version"><label for="version">API version of new events</label><select id="version" name="id">{}</select><button class="button">Change</button></form><form class="row" method="post" action="do/deliveries"><label for="order">Deliveries</label><select id="order" name="order">{}{}{}</select><label class="choice"><input type="checkbox" name="duplicate" {}> twice</label><label class="choice"><input type="checkbox" name="hold" {}> held back</label><button class="button">Save</button></form></section>"#,
        version_options(Some(state.version)),
        order(crate::outbox::Order::AsCreated, "created", "as created"),
        order(crate::outbox::Order::Reversed, "reversed", "newest first"),
        order(crate::outbox::Order::Shuffled, "shuffled", "shuffled"),
        check(state.outbox.duplicate),
        check(state.outbox.hold),
    )
}
