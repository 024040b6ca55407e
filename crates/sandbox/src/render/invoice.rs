//! The JSON of invoices and invoice payments, by API version.

use serde_json::{Value, json};

use super::invoice_line::{lines, tax_amounts, taxes};
use super::{DiscountPlace, add_customer_account, discount, extend, seconds};
use crate::model::{Invoice, InvoicePayment, InvoiceStatus};
use crate::version::ApiVersion;

pub(crate) fn invoice(it: &Invoice, version: ApiVersion) -> Value {
    let paid = it.status == InvoiceStatus::Paid;
    let discounts: Vec<&str> = it.discount.iter().map(|it| it.id.as_str()).collect();
    let discount_amounts: Vec<Value> = it
        .discount
        .iter()
        .map(|discount| json!({ "amount": it.totals.discount, "discount": discount.id }))
        .collect();
    let without_tax = it.totals.total - it.totals.tax;
    let balance = it.totals.total.min(0);
    let mut object = json!({
        "id": it.id,
        "object": "invoice",
        "account_country": "US",
        "account_name": "Lumen Notes",
        "account_tax_ids": null,
        "amount_due": it.amount_due(),
        "amount_paid": it.amount_paid(),
        "amount_remaining": it.amount_due() - it.amount_paid(),
        "amount_shipping": 0,
        "application": null,
        "attempt_count": i32::from(it.amount_due() > 0),
        "attempted": paid,
        "auto_advance": false,
        "automatic_tax": automatic_tax(version),
        "billing_reason": it.billing_reason,
        "collection_method": "charge_automatically",
        "created": it.created.seconds(),
        "currency": it.currency,
        "custom_fields": null,
        "customer": it.customer,
        "customer_address": null,
        "customer_email": it.customer_email,
        "customer_name": it.customer_name,
        "customer_phone": null,
        "customer_shipping": null,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_payment_method": null,
        "default_source": null,
        "default_tax_rates": [],
        "description": null,
        "discounts": discounts,
        "due_date": null,
        "effective_at": it.created.seconds(),
        "ending_balance": balance,
        "footer": null,
        "from_invoice": null,
        "hosted_invoice_url": format!("https://invoice.stripe.com/i/{}", it.id),
        "invoice_pdf": format!("https://pay.stripe.com/invoice/{}/pdf", it.id),
        "issuer": { "type": "self" },
        "last_finalization_error": null,
        "latest_revision": null,
        "lines": lines(it, version),
        "livemode": false,
        "metadata": it.metadata,
        "next_payment_attempt": null,
        "number": it.number,
        "on_behalf_of": null,
        "payment_settings": {
            "default_mandate": null,
            "payment_method_options": null,
            "payment_method_types": null,
        },
        "period_end": it.period.1.seconds(),
        "period_start": it.period.0.seconds(),
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": null,
        "rendering": null,
        "shipping_cost": null,
        "shipping_details": null,
        "starting_balance": 0,
        "statement_descriptor": null,
        "status": it.status.name(),
        "status_transitions": {
            "finalized_at": it.created.seconds(),
            "marked_uncollectible_at": null,
            "paid_at": seconds(it.paid_at),
            "voided_at": null,
        },
        "subtotal": it.totals.subtotal,
        "subtotal_excluding_tax": it.totals.subtotal,
        "test_clock": null,
        "total": it.totals.total,
        "total_discount_amounts": discount_amounts,
        "total_excluding_tax": without_tax,
        "webhooks_delivered_at": seconds(it.paid_at),
    });
    extend(&mut object, if version.is_basil() { since_basil(it) } else { until_acacia(it, version) });
    if version.since("2024-09-30") {
        extend(&mut object, json!({ "automatically_finalizes_at": null, "total_pretax_credit_amounts": [] }));
    }
    if !version.since("2024-04-10") {
        extend(&mut object, json!({ "rendering_options": null }));
    }
    add_customer_account(&mut object, version);
    object
}

fn automatic_tax(version: ApiVersion) -> Value {
    let mut object = json!({ "enabled": false, "liability": null, "status": null });
    if version.since("2024-09-30") {
        extend(&mut object, json!({ "disabled_reason": null }));
    }
    if version.is_basil() {
        extend(&mut object, json!({ "provider": null }));
    }
    object
}

fn until_acacia(it: &Invoice, version: ApiVersion) -> Value {
    let place = DiscountPlace {
        customer: Some(&it.customer),
        subscription: it.subscription.as_deref(),
        invoice: None,
    };
    json!({
        "application_fee_amount": null,
        "charge": it.charge,
        "discount": it.discount.as_ref().map(|it| discount(it, &place, version)),
        "paid": it.status == InvoiceStatus::Paid,
        "paid_out_of_band": false,
        "payment_intent": it.payment_intent,
        "quote": null,
        "subscription": it.subscription,
        "subscription_details": {
            "metadata": it.subscription.as_ref().map(|_| &it.subscription_metadata),
        },
        "tax": it.tax_rate.as_ref().map(|_| it.totals.tax),
        "total_tax_amounts": tax_amounts(it.tax_rate.as_deref(), it.totals.tax, it.totals.total),
        "transfer_data": null,
    })
}

fn since_basil(it: &Invoice) -> Value {
    let parent = it.subscription.as_ref().map(|subscription| {
        json!({
            "quote_details": null,
            "subscription_details": {
                "metadata": it.subscription_metadata,
                "subscription": subscription,
            },
            "type": "subscription_details",
        })
    });
    json!({
        "amount_overpaid": 0,
        "parent": parent,
        "total_taxes": taxes(it.tax_rate.as_deref(), it.totals.tax, it.totals.total),
    })
}

pub(crate) fn invoice_payment(it: &InvoicePayment) -> Value {
    json!({
        "id": it.id,
        "object": "invoice_payment",
        "amount_paid": it.amount,
        "amount_requested": it.amount,
        "created": it.created.seconds(),
        "currency": it.currency,
        "invoice": it.invoice,
        "is_default": true,
        "livemode": false,
        "payment": { "payment_intent": it.payment_intent, "type": "payment_intent" },
        "status": "paid",
        "status_transitions": { "canceled_at": null, "paid_at": seconds(it.paid_at) },
    })
}
