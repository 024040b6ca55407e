//! The JSON of events: the envelope around an object.

use serde_json::{Value, json};

use super::{
    charge, coupon, customer, difference, dispute, extend, invoice, invoice_payment, mark_live,
    payment_intent, promotion_code, refund, session, subscription,
};
use crate::model::{Event, Object};
use crate::version::ApiVersion;

/// The exact bytes of an event's JSON in a version.
pub fn render(it: &Event, version: ApiVersion) -> Vec<u8> {
    event(it, version).to_string().into_bytes()
}

/// The same for a platform's endpoint, with the account.
pub fn render_for_connect(it: &Event, version: ApiVersion, account: &str) -> Vec<u8> {
    let mut envelope = event(it, version);
    extend(&mut envelope, json!({ "account": account }));
    envelope.to_string().into_bytes()
}

pub(crate) fn event(it: &Event, version: ApiVersion) -> Value {
    let after = object(&it.object, version);
    let previous = it.before.as_ref().map(|before| difference(&object(before, version), &after));
    let mut data = json!({ "object": after });
    if let Some(previous) = previous {
        extend(&mut data, json!({ "previous_attributes": previous }));
    }
    let mut envelope = json!({
        "id": it.id,
        "object": "event",
        "api_version": version.name(),
        "created": it.created.seconds(),
        "data": data,
        "livemode": false,
        "pending_webhooks": it.pending_webhooks,
        "request": { "id": it.request, "idempotency_key": null },
        "type": it.kind,
    });
    if it.livemode {
        mark_live(&mut envelope);
    }
    envelope
}

fn object(it: &Object, version: ApiVersion) -> Value {
    match it {
        Object::Customer(it) => customer(it, version),
        Object::Session(it) => session(it, version),
        Object::PaymentIntent(it) => payment_intent(it, version),
        Object::Charge(it) => charge(it, version),
        Object::Invoice(it) => invoice(it, version),
        Object::InvoicePayment(it) => invoice_payment(it),
        Object::Subscription(it) => subscription(it, version),
        Object::Refund(it) => refund(it, version),
        Object::Dispute(it) => dispute(it, version),
        Object::PromotionCode(it) => promotion_code(it, version),
        Object::Coupon(it) => coupon(it),
        Object::Application { id, name } => json!({ "id": id, "object": "application", "name": name }),
    }
}
