//! Who may do what on an account: its keys, and the applications it is connected to.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{RawQuery, State as Extract};
use axum::response::{Html, IntoResponse as _, Response};

use super::html::{escape, is_live, mode_word, not_found, page};
use super::site::Site;
use super::tables::{button, row, table};
use crate::form::Params;
use crate::keys::{Key, Rights};
use crate::permission::{Level, Permission};
use crate::stripe::Stripe;

/// The account's keys.
pub(super) fn keys(stripe: &Stripe) -> String {
    let keys: Vec<Key> =
        stripe.world().shared().keys.of(&stripe.account_id(), stripe.is_live()).cloned().collect();
    let rows: String = keys.iter().rev().map(key).collect();
    let table = table("API keys", &["Key", "May", "Do"], &rows, "No keys were made here.");
    format!(
        r#"{table}<p class="row"><a class="button" href="/apikeys/create?account={}">Create a restricted key</a></p>"#,
        escape(&stripe.account_id()),
    )
}

fn key(it: &Key) -> String {
    let may = match &it.rights {
        Rights::All => "everything".to_owned(),
        Rights::Granted { client_id, .. } => {
            format!("what was granted to <code>{}</code>", escape(client_id))
        }
        Rights::Chosen(chosen) => {
            let names: Vec<String> = chosen.iter().map(|(resource, level)| resource.name(*level)).collect();
            format!("<details><summary>{} permissions</summary>{}</details>", names.len(), names.join(", "))
        }
    };
    let end = if it.revoked { "ended".to_owned() } else { button("revoke-key", &it.value, "End key") };
    row(&[("Key", format!("<code>{}</code>", escape(&it.value))), ("May", may), ("Do", end)])
}

/// The applications that the account is connected to; nothing when there are none.
pub(super) fn applications(stripe: &Stripe) -> String {
    let connected = stripe.world().shared().connections.applications_of(&stripe.account_id());
    let rows: String = connected
        .iter()
        .filter(|it| it.livemode == stripe.is_live())
        .map(|it| {
            row(&[
                (
                    "Application",
                    format!("<b>{}</b><br><code>{}</code>", escape(&it.platform.name), it.client_id),
                ),
                ("Do", button("disconnect", &it.client_id, "Disconnect")),
            ])
        })
        .collect();
    if rows.is_empty() {
        return rows;
    }
    table("Connected applications", &["Application", "Do"], &rows, "")
}

/// The form for a restricted key. Links to it may name and tick, as with Stripe:
/// `?name=…&permissions[]=rak_event_read`.
pub(super) async fn new_key(Extract(site): Extract<Site>, RawQuery(query): RawQuery) -> Response {
    let query = Params::decode(&query.unwrap_or_default(), b"").unwrap_or_default();
    let ticked = query.texts("permissions");
    let ticked: BTreeMap<Permission, Level> = if ticked.is_empty() {
        Permission::of_a_reader().into_iter().collect()
    } else {
        ticked.iter().filter_map(|name| Permission::parse(name)).collect()
    };
    let level_of = |permission: Permission| ticked.get(&permission).copied();
    let rows: String = Permission::ALL
        .into_iter()
        .map(|permission| {
            let name = permission.name(Level::Read);
            let option = |value: &str, level: Option<Level>, label: &str| {
                let selected = if level_of(permission) == level { " selected" } else { "" };
                format!(r#"<option value="{value}"{selected}>{label}</option>"#)
            };
            format!(
                r#"<label for="{name}">{}</label><select id="{name}" name="permissions[]">{}{}{}</select>"#,
                permission.label(),
                option("", None, "None"),
                option(&name, Some(Level::Read), "Read"),
                option(&permission.name(Level::Write), Some(Level::Write), "Write"),
            )
        })
        .collect();
    let wanted = query.text("account").unwrap_or_default();
    let accounts: String = site
        .stripe
        .all_accounts()
        .into_iter()
        .map(|it| {
            let selected = if it.account_id() == wanted { " selected" } else { "" };
            let mode = mode_word(it.is_live());
            let id = escape(&it.account_id());
            format!(r#"<option value="{id} {mode}"{selected}>{}, {mode} mode</option>"#, escape(&it.name()))
        })
        .collect();
    let name = escape(query.text("name").unwrap_or("Restricted key"));
    let body = format!(
        r#"<form class="card narrow" method="post"><h1>Create a restricted key</h1><p class="muted">{name}</p><label for="account">Account</label><select id="account" name="account">{accounts}</select>{rows}<button class="button primary">Create key</button></form>"#
    );
    Html(page("Create a restricted key · Sandbox Stripe", &body)).into_response()
}

/// Makes the key and shows it.
pub(super) async fn create_key(Extract(site): Extract<Site>, body: Bytes) -> Response {
    let form = Params::decode("", &body).unwrap_or_default();
    let (id, mode) = form.text("account").and_then(|it| it.split_once(' ')).unwrap_or_default();
    let Some(account) = site.stripe.account(id, is_live(mode)) else { return not_found().await };
    let permissions: Vec<_> =
        form.texts("permissions").iter().filter_map(|it| Permission::parse(it)).collect();
    let key = account.create_restricted_key(&permissions);
    let body = format!(
        r#"<section class="card narrow"><h1>The key</h1><p>It may do what you chose on {}.</p><p><code id="key">{}</code></p><p><a href="/">To the sandbox's dashboard</a></p></section>"#,
        escape(&account.name()),
        escape(&key),
    );
    Html(page("The key · Sandbox Stripe", &body)).into_response()
}
