//! `expand[]`: ids become objects, and lists appear that are left out otherwise.

use serde_json::{Value, json};

use super::{by_id, invoice_payment, line_items, list};
use crate::state::State;
use crate::version::ApiVersion;

/// How deep `expand[]` may go; Stripe's limit.
const MAX_DEPTH: usize = 4;

/// Expands one path such as `latest_invoice.payments` in place. Unknown paths change
/// nothing.
pub(crate) fn expand(state: &State, object: &mut Value, path: &str, version: ApiVersion) {
    let parts: Vec<&str> = path.split('.').take(MAX_DEPTH).collect();
    walk(state, object, &parts, version);
}

fn walk(state: &State, at: &mut Value, parts: &[&str], version: ApiVersion) {
    if let Value::Array(items) = at {
        for item in items {
            walk(state, item, parts, version);
        }
        return;
    }
    if let Value::String(id) = at
        && let Some(found) = by_id(state, id, version)
    {
        *at = found;
    }
    let Some((first, rest)) = parts.split_first() else { return };
    add_list(state, at, first, version);
    if let Some(next) = at.get_mut(*first) {
        walk(state, next, rest, version);
    }
}

/// The two lists that exist only when asked for.
fn add_list(state: &State, object: &mut Value, field: &str, version: ApiVersion) {
    let Some(id) = object["id"].as_str() else { return };
    let items = match (object["object"].as_str(), field) {
        (Some("invoice"), "payments") if version.is_basil() => {
            let payments = state.invoice_payments.iter().filter(|it| it.invoice == id);
            list("/v1/invoice_payments", payments.map(invoice_payment).collect())
        }
        (Some("checkout.session"), "line_items") => match state.sessions.get(id) {
            Some(session) => line_items(session, version),
            None => return,
        },
        _ => return,
    };
    object[field] = json!(items);
}
