//! The table of API calls: method and path to the function that handles it.

use serde_json::{Value, json};

use super::call::Call;
use super::listing::{Listing, page};
use super::{
    billing, catalog, checkout, customers, endpoints, events, invoices, parameters, payment_links,
    payment_methods, payments,
};
use crate::api_error::ApiError;
use crate::render::{by_id, expand, line_items};
use crate::state::State;
use crate::table::{Identified, Table};

/// Answers a call with an object or a list.
pub(super) fn answer(state: &mut State, call: &Call<'_>) -> Result<Value, ApiError> {
    parameters::check(call.method, call.path, &call.params)?;
    match (call.method, call.path) {
        ("GET", path) => read(state, call, path),
        ("POST", path) => {
            let id = write(state, call, path)?;
            show(state, call, &id)
        }
        ("DELETE", ["webhook_endpoints", id]) => endpoints::delete(state, call, id),
        ("DELETE", ["coupons", id]) => {
            state.delete_coupon(id)?;
            Ok(json!({ "id": id, "object": "coupon", "deleted": true }))
        }
        ("DELETE", ["subscriptions", id]) => {
            billing::cancel_now(state, id)?;
            show(state, call, id)
        }
        _ => Err(unrecognized(call)),
    }
}

fn read(state: &State, call: &Call<'_>, path: &[&str]) -> Result<Value, ApiError> {
    match path {
        ["account"] => Ok(account(state)),
        ["accounts", id] if *id == state.account => Ok(account(state)),
        ["events"] => events::list(state, call),
        ["webhook_endpoints"] => endpoints::list(state, call),
        ["webhook_endpoints", id] => endpoints::read(state, call, id),
        ["invoice_payments"] if call.version.is_basil() => billing::list_payments(state, call),
        ["subscriptions"] => billing::list_subscriptions(state, call),
        ["products"] => rows(state, call, "/v1/products", &state.products, &["active"]),
        ["prices"] => {
            rows(state, call, "/v1/prices", &state.prices, &["product", "active", "currency", "type"])
        }
        ["coupons"] => rows(state, call, "/v1/coupons", &state.coupons, &[]),
        ["promotion_codes"] => catalog::list_promotion_codes(state, call),
        ["payment_links"] => rows(state, call, "/v1/payment_links", &state.payment_links, &["active"]),
        ["customers"] => rows(state, call, "/v1/customers", &state.customers, &["email"]),
        ["checkout", "sessions"] => rows(
            state,
            call,
            "/v1/checkout/sessions",
            &state.sessions,
            &["customer", "payment_intent", "subscription", "payment_link", "status"],
        ),
        ["checkout", "sessions", id, "line_items"] => state
            .sessions
            .get(id)
            .map(|session| line_items(session, call.version))
            .ok_or_else(|| ApiError::missing("checkout.session", id)),
        ["payment_intents"] => rows(state, call, "/v1/payment_intents", &state.intents, &["customer"]),
        ["charges"] => rows(state, call, "/v1/charges", &state.charges, &["customer", "payment_intent"]),
        ["invoices"] => {
            rows(state, call, "/v1/invoices", &state.invoices, &["customer", "subscription", "status"])
        }
        ["refunds"] => rows(state, call, "/v1/refunds", &state.refunds, &["charge", "payment_intent"]),
        ["disputes"] => rows(state, call, "/v1/disputes", &state.disputes, &["charge", "payment_intent"]),
        ["checkout", "sessions", id] => one(state, call, "checkout.session", "cs", id),
        ["payment_pages", id] => one(state, call, "checkout.session", "cs", id),
        ["invoice_payments", id] if call.version.is_basil() => {
            one(state, call, "invoice_payment", "inpay", id)
        }
        ["coupons", id] if state.coupons.get(id).is_some_and(|coupon| coupon.valid) => show(state, call, id),
        ["coupons", id] => Err(ApiError::missing("coupon", id)),
        [resource, id] => match resource_of(resource) {
            Some((name, prefix)) => one(state, call, name, prefix, id),
            None => Err(unrecognized(call)),
        },
        _ => Err(unrecognized(call)),
    }
}

/// Does the work and gives the id of what it made or changed.
fn write(state: &mut State, call: &Call<'_>, path: &[&str]) -> Result<String, ApiError> {
    match path {
        ["products"] => catalog::create_product(state, call),
        ["prices"] => catalog::create_price(state, call),
        ["coupons"] => catalog::create_coupon(state, call),
        ["promotion_codes"] => catalog::create_promotion_code(state, call),
        ["promotion_codes", id] => catalog::update_promotion_code(state, call, id),
        ["payment_links"] => payment_links::create(state, call),
        ["customers"] => customers::create(state, call),
        ["customers", id] => customers::update(state, call, id),
        ["checkout", "sessions"] => checkout::create(state, call),
        ["checkout", "sessions", id, "expire"] => state.expire_session(id).map(|()| (*id).to_owned()),
        ["payment_intents"] => payments::create_intent(state, call),
        ["payment_intents", id, "confirm"] => payments::confirm_intent(state, call, id),
        ["payment_intents", id, "capture"] => payments::capture_intent(state, call, id),
        ["charges"] => payments::create_charge(state, call),
        ["charges", id, "capture"] => payments::capture_charge(state, call, id),
        ["refunds"] => payments::create_refund(state, call),
        ["refunds", id] => {
            state.set_refund_metadata(id, call.params.metadata("metadata")?).map(|()| (*id).to_owned())
        }
        ["disputes", id] => {
            state.set_dispute_metadata(id, call.params.metadata("metadata")?).map(|()| (*id).to_owned())
        }
        ["disputes", id, "close"] => payments::close_dispute(state, id),
        ["payment_methods"] => payment_methods::create(state, call),
        ["payment_methods", id, "attach"] => payment_methods::attach(state, call, id),
        ["payment_pages", id, "confirm"] => checkout::confirm_page(state, call, id),
        ["invoiceitems"] => invoices::create_item(state, call),
        ["invoices"] => invoices::create(state, call),
        ["invoices", id, action @ ("finalize" | "send" | "pay" | "void" | "mark_uncollectible")] => {
            invoices::act(state, call, id, action)
        }
        ["subscriptions"] => billing::create_subscription(state, call),
        ["subscriptions", id] => billing::update_subscription(state, call, id),
        ["webhook_endpoints"] => endpoints::create(state, call),
        ["webhook_endpoints", id] => endpoints::update(state, call, id),
        _ => Err(unrecognized(call)),
    }
}

/// The object with what only this call shows: a new endpoint's secret.
fn show(state: &State, call: &Call<'_>, id: &str) -> Result<Value, ApiError> {
    let mut object = by_id(state, id, call.version).ok_or_else(|| ApiError::missing("object", id))?;
    if call.path == ["webhook_endpoints"] {
        endpoints::add_secret(state, id, &mut object);
    }
    for path in call.params.texts("expand") {
        expand(state, &mut object, &path, call.version);
    }
    Ok(object)
}

fn one(state: &State, call: &Call<'_>, name: &str, prefix: &str, id: &str) -> Result<Value, ApiError> {
    // The prefix keeps `/v1/charges/in_…` from showing an invoice.
    let fits = id.split('_').next() == Some(prefix) && by_id(state, id, call.version).is_some();
    if fits { show(state, call, id) } else { Err(ApiError::missing(name, id)) }
}

fn rows<T: Identified>(
    state: &State,
    call: &Call<'_>,
    url: &'static str,
    table: &Table<T>,
    filters: &'static [&'static str],
) -> Result<Value, ApiError> {
    let ids = table.iter().rev().map(Identified::id).collect();
    page(state, call, &Listing { url, ids, filters })
}

/// The name that errors use, and the prefix of its ids.
fn resource_of(path: &str) -> Option<(&'static str, &'static str)> {
    Some(match path {
        "products" => ("product", "prod"),
        "prices" => ("price", "price"),
        "promotion_codes" => ("promotion_code", "promo"),
        "payment_links" => ("payment_link", "plink"),
        "customers" => ("customer", "cus"),
        "payment_intents" => ("payment_intent", "pi"),
        "charges" => ("charge", "ch"),
        "invoices" => ("invoice", "in"),
        "invoiceitems" => ("invoiceitem", "ii"),
        "payment_methods" => ("payment_method", "pm"),
        "subscriptions" => ("subscription", "sub"),
        "refunds" => ("refund", "re"),
        "disputes" => ("dispute", "dp"),
        "events" => ("event", "evt"),
        _ => return None,
    })
}

fn account(state: &State) -> Value {
    json!({
        "id": state.account,
        "object": "account",
        "business_profile": { "name": state.name, "url": null, "support_email": null },
        "business_type": "company",
        "capabilities": { "card_payments": "active", "transfers": "active" },
        "charges_enabled": true,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": true,
        "email": "owner@lumen-notes.example",
        "metadata": {},
        "payouts_enabled": true,
        "settings": { "dashboard": { "display_name": state.name, "timezone": "Etc/UTC" } },
        "type": "standard",
    })
}

fn unrecognized(call: &Call<'_>) -> ApiError {
    ApiError::invalid(
        "",
        format!(
            "Unrecognized request URL ({}: /v1/{}). The sandbox implements only a part of Stripe's API.",
            call.method,
            call.path.join("/")
        ),
    )
    .status(404)
}
