//! The actions behind the dashboard's buttons.

use axum::body::Bytes;
use axum::extract::{Path, State as Extract};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::failures;
use super::html::{is_live, not_found};
use super::money::minor_units;
use super::site::Site;
use crate::api_error::ApiError;
use crate::endpoints::Defect;
use crate::flows::{Cancel, NewEndpoint, NewPayment, Verdict};
use crate::form::Params;
use crate::outbox::Order;
use crate::stripe::Stripe;
use crate::version::ApiVersion;

/// Does what a button of the first account's dashboard says.
pub(super) async fn act(Extract(site): Extract<Site>, Path(action): Path<String>, body: Bytes) -> Response {
    respond(&site.stripe, &action, &body)
}

/// Does what a button of another account's dashboard says.
pub(super) async fn act_on_account(
    Extract(site): Extract<Site>,
    Path((account, mode, action)): Path<(String, String, String)>,
    body: Bytes,
) -> Response {
    match site.stripe.account(&account, is_live(&mode)) {
        Some(stripe) => respond(&stripe, &action, &body),
        None => not_found().await,
    }
}

/// Goes back to the dashboard with a word about what was done.
fn respond(stripe: &Stripe, action: &str, body: &[u8]) -> Response {
    let result = Params::decode("", body).and_then(|params| perform(stripe, action, &params));
    let (name, text) = match &result {
        Ok(done) => ("done", (*done).to_owned()),
        Err(error) => ("problem", error.message.clone()),
    };
    let query: String =
        url::form_urlencoded::Serializer::new(String::new()).append_pair(name, &text).finish();
    // From `…/do/action` back to `…/`.
    Redirect::to(&format!("../?{query}")).into_response()
}

fn perform(stripe: &Stripe, action: &str, params: &Params) -> Result<&'static str, ApiError> {
    let id = params.text("id").unwrap_or_default();
    match action {
        "refund" => stripe.refund(id, amount(stripe, id, params)?).map(|_| "Refunded."),
        "fail-refund" => stripe.fail_refund(id).map(|()| "The refund failed."),
        "dispute" => stripe.open_dispute(id, amount(stripe, id, params)?).map(|_| "Dispute opened."),
        "inquiry" => stripe.open_inquiry(id).map(|_| "Inquiry opened."),
        "win-dispute" => stripe.close_dispute(id, Verdict::Won).map(|()| "Dispute closed: won."),
        "lose-dispute" => stripe.close_dispute(id, Verdict::Lost).map(|()| "Dispute closed: lost."),
        "capture" => stripe.capture(id, amount(stripe, id, params)?).map(|()| "Captured."),
        "renew" => stripe.renew(id).map(|_| "The next period has begun."),
        "cancel" => stripe.cancel(id, Cancel::Now).map(|()| "Subscription canceled."),
        "cancel-later" => stripe.cancel(id, Cancel::AtPeriodEnd).map(|()| "It ends with the paid period."),
        "settle" => stripe.settle_async(id, true).map(|_| "The payment arrived."),
        "fail" => stripe.settle_async(id, false).map(|_| "The payment failed."),
        "resend" => stripe.resend(id).map(|()| "Sent again."),
        "version" => set_version(stripe, id),
        "add-endpoint" => add_endpoint(stripe, params),
        "roll-secret" => {
            stripe.roll_secret(id, true).map(|_| "New secret; the old one signs for 24 hours more.")
        }
        "enable-endpoint" => stripe.set_disabled(id, false).map(|()| "Endpoint enabled."),
        "disable-endpoint" => stripe.set_disabled(id, true).map(|()| "Endpoint disabled."),
        "break-endpoint" => break_endpoint(stripe, id, params),
        "revoke-key" => stripe.revoke_key(id).map(|()| "The key has ended."),
        "disconnect" => disconnect(stripe, id),
        "sell" => sell(stripe, params),
        "fail-calls" => failures::switch_on(stripe, params),
        "clear-faults" => {
            stripe.clear_faults();
            Ok("All faults are cleared.")
        }
        "delete-endpoint" => stripe.delete_endpoint(id).map(|()| "Endpoint deleted."),
        "deliveries" => {
            set_deliveries(stripe, params);
            Ok("Delivery settings saved.")
        }
        _ => Err(ApiError::missing("action", action)),
    }
}

/// The typed amount in the charge's currency; an empty field means all of it.
fn amount(stripe: &Stripe, charge: &str, params: &Params) -> Result<Option<i64>, ApiError> {
    let Some(text) = params.filled("amount") else { return Ok(None) };
    let currency = stripe.with(|state| state.charges.get(charge).map(|it| it.currency.clone()));
    let currency = currency.ok_or_else(|| ApiError::missing("charge", charge))?;
    minor_units(text.trim(), &currency).map(Some).ok_or_else(|| {
        ApiError::invalid("amount", format!("“{text}” is not an amount; write it like 12.50."))
    })
}

fn break_endpoint(stripe: &Stripe, id: &str, params: &Params) -> Result<&'static str, ApiError> {
    let name = params.text("defect").unwrap_or_default();
    let defect = Defect::NAMED.into_iter().find(|(it, ..)| *it == name);
    let (.., defect) = defect.ok_or_else(|| ApiError::invalid("defect", "There is no such defect."))?;
    stripe.break_endpoint(id, defect).map(|_| "The endpoint is broken.")
}

fn disconnect(stripe: &Stripe, client_id: &str) -> Result<&'static str, ApiError> {
    if stripe.disconnect(client_id) {
        Ok("Disconnected. The application was told.")
    } else {
        Err(ApiError::missing("connection", client_id))
    }
}

/// A payment without a shop, in dollars.
fn sell(stripe: &Stripe, params: &Params) -> Result<&'static str, ApiError> {
    let text = params.required("amount")?;
    let amount = minor_units(text.trim(), "usd").ok_or_else(|| {
        ApiError::invalid("amount", format!("“{text}” is not an amount; write it like 12.50."))
    })?;
    let click = params.filled("click").map(|click| ("honeyguide_click".to_owned(), click.trim().to_owned()));
    stripe
        .pay(NewPayment {
            amount,
            currency: "usd".to_owned(),
            email: params.filled("email"),
            metadata: click.into_iter().collect(),
            ..NewPayment::default()
        })
        .map(|_| "Paid.")
}

fn set_version(stripe: &Stripe, name: &str) -> Result<&'static str, ApiError> {
    let version = ApiVersion::parse(name).ok_or_else(|| ApiError::invalid("id", "No such API version."))?;
    stripe.set_api_version(version);
    Ok("API version changed.")
}

fn add_endpoint(stripe: &Stripe, params: &Params) -> Result<&'static str, ApiError> {
    let new = NewEndpoint {
        url: params.required("url")?.trim().to_owned(),
        enabled_events: vec!["*".to_owned()],
        api_version: params.text("api_version").and_then(ApiVersion::parse),
        ..NewEndpoint::default()
    };
    stripe.add_endpoint(new).map(|_| "Endpoint added. Its secret is shown below.")
}

fn set_deliveries(stripe: &Stripe, params: &Params) {
    stripe.order_deliveries(match params.text("order") {
        Some("reversed") => Order::Reversed,
        Some("shuffled") => Order::Shuffled,
        _ => Order::AsCreated,
    });
    stripe.duplicate_deliveries(params.text("duplicate").is_some());
    stripe.hold_deliveries(params.text("hold").is_some());
}
