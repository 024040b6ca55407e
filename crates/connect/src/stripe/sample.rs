//! A payment that never was, for a program's test sale. In the shape of 2025-02-24.acacia,
//! which is what our own endpoints ask for.

use domain::clock::Timestamp;
use domain::money::Currency;
use serde_json::json;

/// `checkout.session.completed` of a paid one-time session that carries a click's token.
pub fn paid_checkout(token: &str, amount_minor: i64, currency: Currency, now: Timestamp) -> String {
    json!({
        "id": "evt_test_sale",
        "object": "event",
        "api_version": "2025-02-24.acacia",
        "created": now.seconds(),
        "livemode": false,
        "pending_webhooks": 1,
        "request": {"id": null, "idempotency_key": null},
        "type": "checkout.session.completed",
        "data": {"object": {
            "id": "cs_test_sale",
            "object": "checkout.session",
            "mode": "payment",
            "status": "complete",
            "payment_status": "paid",
            "created": now.seconds(),
            "livemode": false,
            "currency": currency.code(),
            "amount_subtotal": amount_minor,
            "amount_total": amount_minor,
            "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
            "client_reference_id": token,
            "customer": null,
            "customer_details": {"email": "buyer@example.com"},
            "invoice": null,
            "metadata": {},
            "payment_intent": "pi_test_sale",
            "subscription": null,
        }},
    })
    .to_string()
}
