//! Objects and events as JSON, in the shape of a given API version.

mod catalog;
mod checkout;
mod endpoint;
mod envelope;
mod expand;
mod invoice;
mod invoice_line;
mod lookup;
mod payment;
mod payment_method;
mod reversal;
mod subscription;

pub(crate) use catalog::{coupon, payment_link, price, product, promotion_code};
pub(crate) use checkout::{line_items, session};
pub(crate) use endpoint::endpoint;
pub(crate) use envelope::event;
pub use envelope::{render, render_for_connect};
pub(crate) use expand::expand;
pub(crate) use invoice::{invoice, invoice_payment};
pub(crate) use lookup::by_id;
pub(crate) use payment::{charge, customer, payment_intent};
pub(crate) use payment_method::{invoice_item, payment_method};
pub(crate) use reversal::{dispute, refund};
pub(crate) use subscription::subscription;

use domain::clock::Timestamp;
use serde_json::{Map, Value, json};

use crate::model::Discount;
use crate::version::ApiVersion;

/// Seconds, or null.
fn seconds(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| json!(at.seconds()))
}

/// Makes a rendered object one of live mode: shapes differ in nothing else.
fn mark_live(object: &mut Value) {
    match object {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::Bool(live) if name == "livemode" => *live = true,
                    value => mark_live(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mark_live),
        _ => {}
    }
}

/// Adds fields that some versions have.
fn extend(object: &mut Value, fields: Value) {
    if let (Value::Object(object), Value::Object(fields)) = (object, fields) {
        object.extend(fields);
    }
}

/// A list with everything on one page.
fn list(url: &str, data: Vec<Value>) -> Value {
    json!({ "object": "list", "data": data, "has_more": false, "url": url })
}

/// An empty address.
fn no_address() -> Value {
    json!({
        "city": null, "country": null, "line1": null,
        "line2": null, "postal_code": null, "state": null,
    })
}

/// The field that came with the objects of `2026-02-25.clover`.
fn add_customer_account(object: &mut Value, version: ApiVersion) {
    if version.since("2026-02-25") {
        extend(object, json!({ "customer_account": null }));
    }
}

/// Where a discount is at work.
#[derive(Default)]
struct DiscountPlace<'a> {
    customer: Option<&'a str>,
    subscription: Option<&'a str>,
    invoice: Option<&'a str>,
}

fn discount(it: &Discount, place: &DiscountPlace<'_>, version: ApiVersion) -> Value {
    let mut object = json!({
        "id": it.id,
        "object": "discount",
        "checkout_session": null,
        "customer": place.customer,
        "end": null,
        "invoice": place.invoice,
        "invoice_item": null,
        "promotion_code": it.promotion_code,
        "start": it.start.seconds(),
        "subscription": place.subscription,
        "subscription_item": null,
    });
    if version.is_clover() {
        extend(&mut object, json!({ "source": { "type": "coupon", "coupon": it.coupon.id } }));
    } else {
        extend(&mut object, json!({ "coupon": coupon(&it.coupon) }));
    }
    add_customer_account(&mut object, version);
    object
}

/// What changed between two pictures, as it was before.
fn difference(before: &Value, after: &Value) -> Map<String, Value> {
    let (Value::Object(before), Value::Object(after)) = (before, after) else { return Map::new() };
    before
        .iter()
        .filter(|(key, old)| after.get(*key) != Some(*old))
        .map(|(key, old)| (key.clone(), old.clone()))
        .collect()
}
