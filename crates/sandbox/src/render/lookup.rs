//! Finds any object by its id and renders it.

use serde_json::Value;

use super::{
    charge, coupon, customer, dispute, endpoint, event, invoice, invoice_item, invoice_payment, mark_live,
    payment_intent, payment_link, payment_method, price, product, promotion_code, refund, session,
    subscription,
};
use crate::state::State;
use crate::version::ApiVersion;

/// The object of that id, whichever kind it is; its prefix tells.
pub(crate) fn by_id(state: &State, id: &str, version: ApiVersion) -> Option<Value> {
    let mut object = find(state, id, version)?;
    if state.livemode {
        mark_live(&mut object);
    }
    Some(object)
}

fn find(state: &State, id: &str, version: ApiVersion) -> Option<Value> {
    // `cs_test_…` is cut at its first underscore like all others.
    let (prefix, _) = id.split_once('_').unwrap_or((id, ""));
    match prefix {
        "prod" => state.products.get(id).map(product),
        "price" => state.prices.get(id).map(|it| price(it, version)),
        "promo" => state.promotion_codes.get(id).map(|it| promotion_code(it, version)),
        "plink" => state.payment_links.get(id).map(|it| payment_link(it, &state.base_url)),
        "cus" => state.customers.get(id).map(|it| customer(it, version)),
        "cs" => state.sessions.get(id).map(|it| session(it, version)),
        "pi" => state.intents.get(id).map(|it| payment_intent(it, version)),
        "ch" => state.charges.get(id).map(|it| charge(it, version)),
        "in" => state.invoices.get(id).map(|it| invoice(it, version)),
        "ii" => state.invoice_items.get(id).map(invoice_item),
        "pm" => state.payment_methods.get(id).map(payment_method),
        "inpay" => state.invoice_payments.get(id).map(invoice_payment),
        "sub" => state.subscriptions.get(id).map(|it| subscription(it, version)),
        "re" => state.refunds.get(id).map(|it| refund(it, version)),
        "dp" => state.disputes.get(id).map(|it| dispute(it, version)),
        "we" => state.endpoints.get(id).map(endpoint),
        // Events keep the version of their birth, whatever is asked for.
        "evt" => state.event(id).map(|it| event(it, it.born_in)),
        _ => state.coupons.get(id).map(coupon),
    }
}
