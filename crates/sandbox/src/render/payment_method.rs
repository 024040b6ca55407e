//! The JSON of payment methods and invoice items, which no event has.

use serde_json::{Value, json};

use crate::model::{InvoiceItem, PaymentMethod};

pub(crate) fn payment_method(it: &PaymentMethod) -> Value {
    json!({
        "id": it.id,
        "object": "payment_method",
        "billing_details": { "address": null, "email": it.email, "name": it.name, "phone": null },
        "created": it.created.seconds(),
        "customer": it.customer,
        "livemode": false,
        "metadata": {},
        "type": it.kind,
    })
}

pub(crate) fn invoice_item(it: &InvoiceItem) -> Value {
    json!({
        "id": it.id,
        "object": "invoiceitem",
        "amount": it.price.unit_amount,
        "currency": it.price.currency,
        "customer": it.customer,
        "date": it.created.seconds(),
        "description": it.description,
        "discountable": true,
        "invoice": it.invoice,
        "livemode": false,
        "metadata": {},
        "period": { "end": it.created.seconds(), "start": it.created.seconds() },
        "proration": false,
        "quantity": 1,
    })
}
