//! The JSON of customers, payment intents and charges, by API version.

use serde_json::{Value, json};

use super::{add_customer_account, extend, no_address};
use crate::model::{Charge, Customer, PaymentIntent};
use crate::version::ApiVersion;

pub(crate) fn customer(it: &Customer, version: ApiVersion) -> Value {
    let mut object = json!({
        "id": it.id,
        "object": "customer",
        "address": null,
        "balance": 0,
        "created": it.created.seconds(),
        "currency": null,
        "default_source": null,
        "delinquent": false,
        "description": null,
        "discount": null,
        "email": it.email,
        "invoice_prefix": it.id[it.id.len() - 8..].to_ascii_uppercase(),
        "invoice_settings": {
            "custom_fields": null,
            "default_payment_method": null,
            "footer": null,
            "rendering_options": null,
        },
        "livemode": false,
        "metadata": it.metadata,
        "name": it.name,
        "next_invoice_sequence": 1,
        "phone": null,
        "preferred_locales": [],
        "shipping": null,
        "tax_exempt": "none",
        "test_clock": null,
    });
    add_customer_account(&mut object, version);
    object
}

pub(crate) fn payment_intent(it: &PaymentIntent, version: ApiVersion) -> Value {
    let mut object = json!({
        "id": it.id,
        "object": "payment_intent",
        "amount": it.amount,
        "amount_capturable": it.amount_capturable,
        "amount_details": { "tip": {} },
        "amount_received": it.amount_received,
        "application": null,
        "application_fee_amount": null,
        "automatic_payment_methods": null,
        "canceled_at": null,
        "cancellation_reason": null,
        "capture_method": if it.manual_capture { "manual" } else { "automatic" },
        "client_secret": it.secret,
        "confirmation_method": "automatic",
        "created": it.created.seconds(),
        "currency": it.currency,
        "customer": it.customer,
        "description": it.description,
        "last_payment_error": null,
        "latest_charge": it.latest_charge,
        "livemode": false,
        "metadata": it.metadata,
        "next_action": null,
        "on_behalf_of": null,
        "payment_method": it.payment_method,
        "payment_method_configuration_details": null,
        "payment_method_options": {
            "card": {
                "installments": null,
                "mandate_options": null,
                "network": null,
                "request_three_d_secure": "automatic",
            },
        },
        "payment_method_types": ["card"],
        "processing": null,
        "receipt_email": it.receipt_email,
        "review": null,
        "setup_future_usage": null,
        "shipping": null,
        "source": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "status": it.status,
        "transfer_data": null,
        "transfer_group": null,
    });
    if !version.is_basil() {
        extend(&mut object, json!({ "invoice": it.invoice }));
    }
    if version.since("2025-08-27") {
        extend(&mut object, json!({ "excluded_payment_method_types": null }));
    }
    if version.since("2026-05-27") {
        extend(&mut object, json!({ "managed_payments": null }));
    }
    if version.since("2026-09-30") {
        extend(&mut object, json!({ "allowed_payment_method_types": null, "payment_record": null }));
    }
    add_customer_account(&mut object, version);
    object
}

pub(crate) fn charge(it: &Charge, version: ApiVersion) -> Value {
    let mut object = json!({
        "id": it.id,
        "object": "charge",
        "amount": it.amount,
        "amount_captured": it.amount_captured,
        "amount_refunded": it.amount_refunded,
        "application": null,
        "application_fee": null,
        "application_fee_amount": null,
        "balance_transaction": it.balance_transaction,
        "billing_details": billing_details(it, version),
        "calculated_statement_descriptor": "LUMEN NOTES",
        "captured": it.captured,
        "created": it.created.seconds(),
        "currency": it.currency,
        "customer": it.customer,
        "description": it.description,
        "disputed": it.disputed,
        "failure_balance_transaction": null,
        "failure_code": null,
        "failure_message": null,
        "fraud_details": {},
        "livemode": false,
        "metadata": it.metadata,
        "on_behalf_of": null,
        "outcome": outcome(version),
        "paid": true,
        "payment_intent": it.payment_intent,
        "payment_method": it.payment_method,
        "payment_method_details": { "type": "card", "card": card(it, version) },
        "radar_options": {},
        "receipt_email": it.email,
        "receipt_number": null,
        "receipt_url": format!("https://pay.stripe.com/receipts/payment/{}", it.id),
        "refunded": it.fully_refunded(),
        "review": null,
        "shipping": null,
        "source": null,
        "source_transfer": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "status": "succeeded",
        "transfer_data": null,
        "transfer_group": null,
    });
    if !version.is_basil() {
        extend(&mut object, json!({ "invoice": it.invoice }));
    }
    object
}

fn billing_details(it: &Charge, version: ApiVersion) -> Value {
    let mut object = json!({
        "address": no_address(),
        "email": it.email,
        "name": it.name,
        "phone": null,
    });
    if version.is_basil() {
        extend(&mut object, json!({ "tax_id": null }));
    }
    object
}

fn outcome(version: ApiVersion) -> Value {
    let mut object = json!({
        "network_status": "approved_by_network",
        "reason": null,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "Payment complete.",
        "type": "authorized",
    });
    if version.since("2024-12-18") {
        extend(
            &mut object,
            json!({
                "advice_code": null,
                "network_advice_code": null,
                "network_decline_code": null,
            }),
        );
    }
    object
}

fn card(it: &Charge, version: ApiVersion) -> Value {
    let mut object = json!({
        "amount_authorized": it.amount,
        "brand": "visa",
        "checks": {
            "address_line1_check": null,
            "address_postal_code_check": null,
            "cvc_check": "pass",
        },
        "country": "US",
        "exp_month": 12,
        "exp_year": 2034,
        "extended_authorization": { "status": "disabled" },
        "fingerprint": "KgNHk0whmOtTdUpO",
        "funding": "credit",
        "incremental_authorization": { "status": "unavailable" },
        "installments": null,
        "last4": "4242",
        "mandate": null,
        "multicapture": { "status": "unavailable" },
        "network": "visa",
        "network_token": { "used": false },
        "overcapture": { "maximum_amount_capturable": it.amount, "status": "unavailable" },
        "three_d_secure": null,
        "wallet": null,
    });
    if version.since("2024-09-30") {
        extend(
            &mut object,
            json!({
                "authorization_code": null,
                "network_transaction_id": "104102105109113",
                "regulated_status": "unregulated",
            }),
        );
    }
    if version.since("2026-05-27") {
        extend(&mut object, json!({ "transaction_link_id": null }));
    }
    if version.since("2026-09-30") {
        extend(&mut object, json!({ "electronic_commerce_indicator": null }));
    }
    object
}
