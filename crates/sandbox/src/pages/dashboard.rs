//! The sandbox's dashboard.

use axum::extract::{RawQuery, State as Extract};
use axum::response::Html;

use super::html::{escape, page};
use super::router::Site;
use super::tables;
use crate::form::Params;
use crate::state::State;
use crate::version::ApiVersion;

/// Everything that happened lately, with a button for everything that may happen next.
pub(super) async fn show(Extract(site): Extract<Site>, RawQuery(query): RawQuery) -> Html<String> {
    let query = Params::decode(query.as_deref().unwrap_or_default(), b"").unwrap_or_default();
    let shop =
        if site.settings.shop.is_some() { r#"<a class="button" href="/shop">Open the shop</a>"# } else { "" };
    let body = site.stripe.with(|state| {
        format!(
            r#"<div class="head"><div><h1>Dashboard</h1><p class="muted">Account {}, test mode.</p></div>{shop}</div>{}{}{}{}{}{}{}"#,
            escape(&state.account),
            said(&query),
            tables::waiting(state),
            tables::payments(state),
            tables::subscriptions(state),
            tables::endpoints(state),
            settings(state),
            tables::events(state),
        )
    });
    Html(page("Sandbox Stripe", &body))
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
    let order = |it: crate::deliver::Order, value: &str, label: &str| {
        let selected = if state.outbox.order == it { "selected" } else { "" };
        format!(r#"<option value="{value}" {selected}>{label}</option>"#)
    };
    format!(
        r#"<section class="card"><h2>Settings</h2><form class="row" method="post" action="/do/version"><label for="version">API version of new events</label><select id="version" name="id">{}</select><button class="button">Change</button></form><form class="row" method="post" action="/do/deliveries"><label for="order">Deliveries</label><select id="order" name="order">{}{}{}</select><label class="choice"><input type="checkbox" name="duplicate" {}> twice</label><label class="choice"><input type="checkbox" name="hold" {}> held back</label><button class="button">Save</button></form></section>"#,
        versions(Some(state.version)),
        order(crate::deliver::Order::AsCreated, "created", "as created"),
        order(crate::deliver::Order::Reversed, "reversed", "newest first"),
        order(crate::deliver::Order::Shuffled, "shuffled", "shuffled"),
        check(state.outbox.duplicate),
        check(state.outbox.hold),
    )
}

/// The options of a version list, newest first.
pub(super) fn versions(chosen: Option<ApiVersion>) -> String {
    ApiVersion::all()
        .rev()
        .map(|version| {
            let selected = if chosen == Some(version) { " selected" } else { "" };
            format!("<option{selected}>{version}</option>")
        })
        .collect()
}
