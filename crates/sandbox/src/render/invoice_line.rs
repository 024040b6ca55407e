//! The JSON of the lines and taxes of invoices, by API version.

use serde_json::{Value, json};

use super::catalog::plan;
use super::{extend, list, price};
use crate::model::{Invoice, InvoiceLine};
use crate::version::ApiVersion;

pub(super) fn tax_amounts(rate: Option<&str>, tax: i64, total: i64) -> Vec<Value> {
    rate.map(|rate| {
        json!({
            "amount": tax,
            "inclusive": false,
            "tax_rate": rate,
            "taxability_reason": null,
            "taxable_amount": total - tax,
        })
    })
    .into_iter()
    .collect()
}

pub(super) fn taxes(rate: Option<&str>, tax: i64, total: i64) -> Vec<Value> {
    rate.map(|rate| {
        json!({
            "amount": tax,
            "tax_behavior": "exclusive",
            "tax_rate_details": { "tax_rate": rate },
            "taxability_reason": "not_available",
            "taxable_amount": total - tax,
            "type": "tax_rate_details",
        })
    })
    .into_iter()
    .collect()
}

pub(super) fn lines(it: &Invoice, version: ApiVersion) -> Value {
    let data = it.lines.iter().map(|line| invoice_line(it, line, version)).collect();
    let mut lines = list(&format!("/v1/invoices/{}/lines", it.id), data);
    extend(&mut lines, json!({ "total_count": it.lines.len() }));
    lines
}

fn invoice_line(invoice: &Invoice, it: &InvoiceLine, version: ApiVersion) -> Value {
    let discounts: Vec<&str> = invoice.discount.iter().map(|it| it.id.as_str()).collect();
    let discount_amounts: Vec<Value> = invoice
        .discount
        .iter()
        .map(|discount| json!({ "amount": it.totals.discount, "discount": discount.id }))
        .collect();
    let mut object = json!({
        "id": it.id,
        "object": "line_item",
        "amount": it.totals.subtotal,
        "currency": invoice.currency,
        "description": it.description,
        "discount_amounts": discount_amounts,
        "discountable": true,
        "discounts": discounts,
        "invoice": invoice.id,
        "livemode": false,
        "metadata": it.metadata,
        "period": { "end": it.period.1.seconds(), "start": it.period.0.seconds() },
        "quantity": it.quantity,
    });
    let shape = if version.is_basil() {
        line_since_basil(invoice, it, version)
    } else {
        line_until_acacia(invoice, it, version)
    };
    extend(&mut object, shape);
    if version.since("2024-09-30") {
        extend(&mut object, json!({ "pretax_credit_amounts": [] }));
    }
    object
}

fn line_until_acacia(invoice: &Invoice, it: &InvoiceLine, version: ApiVersion) -> Value {
    let mut object = json!({
        "amount_excluding_tax": it.totals.subtotal,
        "plan": plan(&it.price, version),
        "price": price(&it.price, version),
        "proration": it.proration,
        "proration_details": { "credited_items": null },
        "subscription": invoice.subscription,
        "tax_amounts": tax_amounts(invoice.tax_rate.as_deref(), it.totals.tax, it.totals.total),
        "tax_rates": [],
        "type": if it.subscription_item.is_some() { "subscription" } else { "invoiceitem" },
        "unit_amount_excluding_tax": it.price.unit_amount.to_string(),
    });
    if let Some(item) = &it.subscription_item {
        extend(&mut object, json!({ "subscription_item": item }));
    }
    if let Some(item) = &it.invoice_item {
        extend(&mut object, json!({ "invoice_item": item }));
    }
    object
}

fn line_since_basil(invoice: &Invoice, it: &InvoiceLine, version: ApiVersion) -> Value {
    let subscription_item = it.subscription_item.as_ref().map(|item| {
        json!({
            "invoice_item": null,
            "proration": it.proration,
            "proration_details": { "credited_items": null },
            "subscription": invoice.subscription,
            "subscription_item": item,
        })
    });
    let invoice_item = it.invoice_item.as_ref().map(|item| {
        json!({
            "invoice_item": item,
            "proration": it.proration,
            "proration_details": { "credited_items": null },
            "subscription": invoice.subscription,
        })
    });
    let kind = if subscription_item.is_some() { "subscription_item_details" } else { "invoice_item_details" };
    let mut object = json!({
        "parent": {
            "invoice_item_details": invoice_item,
            "subscription_item_details": subscription_item,
            "type": kind,
        },
        "pricing": {
            "price_details": { "price": it.price.id, "product": it.price.product },
            "type": "price_details",
            "unit_amount_decimal": it.price.unit_amount.to_string(),
        },
        "subscription": invoice.subscription,
        "taxes": taxes(invoice.tax_rate.as_deref(), it.totals.tax, it.totals.total),
    });
    if version.since("2026-01-28") {
        extend(&mut object, json!({ "subtotal": it.totals.subtotal }));
    }
    if version.since("2026-03-25") {
        extend(&mut object, json!({ "quantity_decimal": it.quantity.to_string() }));
    }
    object
}
