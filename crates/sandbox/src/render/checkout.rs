//! The JSON of Checkout Sessions, by API version.

use domain::clock::HOUR_MS;
use serde_json::{Value, json};

use super::{add_customer_account, extend, list, no_address, price};
use crate::model::{Mode, Session, SessionStatus, Totals};
use crate::version::ApiVersion;

/// Hours after which an open session expires.
const HOURS_OPEN: i64 = 24;

pub(crate) fn session(it: &Session, version: ApiVersion) -> Value {
    let payment = it.mode == Mode::Payment;
    let mut object = json!({
        "id": it.id,
        "object": "checkout.session",
        "after_expiration": null,
        "allow_promotion_codes": it.allow_promotion_codes.then_some(true),
        "amount_subtotal": it.totals.subtotal,
        "amount_total": it.totals.total,
        "automatic_tax": automatic_tax(version),
        "billing_address_collection": null,
        "cancel_url": it.cancel_url,
        "client_reference_id": it.client_reference_id,
        "client_secret": null,
        "consent": null,
        "consent_collection": null,
        "created": it.created.seconds(),
        "currency": it.currency,
        "currency_conversion": null,
        "custom_fields": [],
        "custom_text": { "after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null },
        "customer": it.customer,
        "customer_creation": customer_creation(it),
        "customer_details": customer_details(it, version),
        "customer_email": it.customer_email,
        "expires_at": it.created.plus_ms(HOURS_OPEN * HOUR_MS).seconds(),
        "invoice": it.invoice,
        "invoice_creation": payment.then(|| invoice_creation(it)),
        "livemode": false,
        "locale": null,
        "metadata": it.metadata,
        "mode": it.mode.name(),
        "payment_intent": it.payment_intent,
        "payment_link": it.payment_link,
        "payment_method_collection": if payment { "if_required" } else { "always" },
        "payment_method_configuration_details": null,
        "payment_method_options": { "card": { "request_three_d_secure": "automatic" } },
        "payment_method_types": ["card"],
        "payment_status": it.payment_status.name(),
        "phone_number_collection": { "enabled": false },
        "recovered_from": null,
        "setup_intent": null,
        "shipping_address_collection": null,
        "shipping_cost": null,
        "shipping_options": [],
        "status": it.status.name(),
        "submit_type": null,
        "subscription": it.subscription,
        "success_url": it.success_url,
        "total_details": {
            "amount_discount": it.totals.discount,
            "amount_shipping": 0,
            "amount_tax": it.totals.tax,
        },
        "ui_mode": if version.since("2026-03-25") { "hosted_page" } else { "hosted" },
        // A completed session no longer has a page.
        "url": it.url.as_ref().filter(|_| it.status == SessionStatus::Open),
    });
    if version.since("2024-06-20") {
        extend(&mut object, json!({ "saved_payment_method_options": null }));
    }
    if version.is_basil() {
        extend(&mut object, json!({ "collected_information": collected_information(version) }));
    } else {
        extend(&mut object, json!({ "shipping_details": null }));
    }
    if version.since("2025-01-27") {
        extend(
            &mut object,
            json!({ "adaptive_pricing": { "enabled": false }, "discounts": discounts(it, version) }),
        );
    }
    if version.since("2025-03-31") {
        extend(&mut object, json!({ "permissions": null, "wallet_options": null }));
    }
    if version.since("2025-08-27") {
        extend(&mut object, json!({ "origin_context": null }));
    }
    if version.since("2026-03-25") {
        extend(&mut object, json!({ "integration_identifier": null }));
    }
    if version.since("2026-05-27") {
        extend(&mut object, json!({ "managed_payments": null }));
    }
    if version.since("2026-09-30") {
        extend(&mut object, json!({ "allowed_payment_method_types": null }));
    }
    add_customer_account(&mut object, version);
    object
}

fn collected_information(version: ApiVersion) -> Value {
    let mut object = json!({ "shipping_details": null });
    if version.is_clover() {
        extend(&mut object, json!({ "business_name": null, "individual_name": null }));
    }
    object
}

fn automatic_tax(version: ApiVersion) -> Value {
    let mut object = json!({ "enabled": false, "liability": null, "status": null });
    if version.is_basil() {
        extend(&mut object, json!({ "provider": null }));
    }
    object
}

fn customer_creation(it: &Session) -> Option<&'static str> {
    (it.mode == Mode::Payment).then_some(if it.always_create_customer { "always" } else { "if_required" })
}

fn customer_details(it: &Session, version: ApiVersion) -> Value {
    let Some((email, name)) = &it.buyer else {
        return it.customer_email.as_ref().map_or(Value::Null, |email| {
            json!({
                "address": null, "email": email, "name": null,
                "phone": null, "tax_exempt": "none", "tax_ids": null,
            })
        });
    };
    let mut address = no_address();
    extend(&mut address, json!({ "country": "US" }));
    let mut object = json!({
        "address": address,
        "email": email,
        "name": name,
        "phone": null,
        "tax_exempt": "none",
        "tax_ids": [],
    });
    if version.is_clover() {
        extend(&mut object, json!({ "business_name": null, "individual_name": null }));
    }
    object
}

fn invoice_creation(it: &Session) -> Value {
    json!({
        "enabled": it.invoice_creation,
        "invoice_data": {
            "account_tax_ids": null,
            "custom_fields": null,
            "description": null,
            "footer": null,
            "issuer": null,
            "metadata": {},
            "rendering_options": null,
        },
    })
}

fn discounts(it: &Session, version: ApiVersion) -> Value {
    let Some(discount) = &it.discount else {
        return if version.is_basil() { json!([]) } else { Value::Null };
    };
    json!([{
        "coupon": discount.promotion_code.is_none().then_some(&discount.coupon.id),
        "promotion_code": discount.promotion_code,
    }])
}

/// The lines of a session, which events leave out.
pub(crate) fn line_items(it: &Session, version: ApiVersion) -> Value {
    let data = it
        .lines
        .iter()
        .map(|line| {
            let totals = Totals::of_line(line, it.discount.as_ref(), it.tax_bps).unwrap_or_default();
            json!({
                "id": line.id,
                "object": "item",
                "amount_discount": totals.discount,
                "amount_subtotal": totals.subtotal,
                "amount_tax": totals.tax,
                "amount_total": totals.total,
                "currency": it.currency,
                "description": line.price.product_name,
                "price": price(&line.price, version),
                "quantity": line.quantity,
            })
        })
        .collect();
    list(&format!("/v1/checkout/sessions/{}/line_items", it.id), data)
}
