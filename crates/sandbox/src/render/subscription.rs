//! The JSON of subscriptions, by API version.

use serde_json::{Value, json};

use super::catalog::plan;
use super::{DiscountPlace, add_customer_account, discount, extend, list, price, seconds};
use crate::model::Subscription;
use crate::version::ApiVersion;

pub(crate) fn subscription(it: &Subscription, version: ApiVersion) -> Value {
    let place = DiscountPlace { customer: Some(&it.customer), subscription: Some(&it.id), invoice: None };
    let discounts: Vec<&str> = it.discount.iter().map(|it| it.id.as_str()).collect();
    let mut object = json!({
        "id": it.id,
        "object": "subscription",
        "application": null,
        "application_fee_percent": null,
        "automatic_tax": subscription_tax(version),
        "billing_cycle_anchor": it.trial.map_or(it.created, |(_, end)| end).seconds(),
        "billing_cycle_anchor_config": null,
        "billing_thresholds": null,
        "cancel_at": seconds(it.cancel_at_period_end.then_some(it.period.1)),
        "cancel_at_period_end": it.cancel_at_period_end,
        "canceled_at": seconds(it.canceled_at),
        "cancellation_details": cancellation_details(it, version),
        "collection_method": "charge_automatically",
        "created": it.created.seconds(),
        "currency": it.price.currency,
        "customer": it.customer,
        "days_until_due": null,
        "default_payment_method": it.payment_method,
        "default_source": null,
        "default_tax_rates": [],
        "description": null,
        "discounts": discounts,
        "ended_at": seconds(it.ended_at),
        "items": list(
            &format!("/v1/subscription_items?subscription={}", it.id),
            vec![item(it, version)],
        ),
        "latest_invoice": it.latest_invoice,
        "livemode": false,
        "metadata": it.metadata,
        "next_pending_invoice_item_invoice": null,
        "on_behalf_of": null,
        "pause_collection": null,
        "payment_settings": {
            "payment_method_options": null,
            "payment_method_types": null,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": null,
        "pending_setup_intent": null,
        "pending_update": null,
        "schedule": null,
        "start_date": it.created.seconds(),
        "status": it.status,
        "test_clock": null,
        "transfer_data": null,
        "trial_end": seconds(it.trial.map(|(_, end)| end)),
        "trial_settings": trial_settings(version),
        "trial_start": seconds(it.trial.map(|(start, _)| start)),
    });
    if !version.is_basil() {
        extend(
            &mut object,
            json!({
                "current_period_end": it.period.1.seconds(),
                "current_period_start": it.period.0.seconds(),
                "discount": it.discount.as_ref().map(|it| discount(it, &place, version)),
            }),
        );
    }
    if version.since("2024-04-10") {
        extend(&mut object, json!({ "invoice_settings": invoice_settings(version) }));
    }
    if version.since("2025-06-30") {
        extend(&mut object, json!({ "billing_mode": billing_mode(version) }));
    }
    if version.since("2026-05-27") {
        extend(&mut object, json!({ "billing_schedules": [] }));
    }
    if version.since("2026-05-27") {
        extend(&mut object, json!({ "managed_payments": null }));
    }
    add_customer_account(&mut object, version);
    object
}

fn cancellation_details(it: &Subscription, version: ApiVersion) -> Value {
    let mut object = json!({
        "comment": null,
        "feedback": null,
        "reason": it.canceled_at.map(|_| "cancellation_requested"),
    });
    if version.since("2026-09-30") {
        extend(&mut object, json!({ "feedback_option": null }));
    }
    object
}

fn invoice_settings(version: ApiVersion) -> Value {
    let mut object = json!({ "account_tax_ids": null, "issuer": { "type": "self" } });
    if version.since("2026-05-27") {
        extend(&mut object, json!({ "custom_fields": null, "description": null, "footer": null }));
    }
    object
}

fn trial_settings(version: ApiVersion) -> Value {
    let mut behavior = json!({ "missing_payment_method": "create_invoice" });
    if version.since("2026-09-30") {
        extend(&mut behavior, json!({ "billing_cycle_anchor": null }));
    }
    json!({ "end_behavior": behavior })
}

fn subscription_tax(version: ApiVersion) -> Value {
    let mut object = json!({ "enabled": false, "liability": null });
    if version.since("2024-09-30") {
        extend(&mut object, json!({ "disabled_reason": null }));
    }
    object
}

fn billing_mode(version: ApiVersion) -> Value {
    let mut object = json!({ "type": "classic" });
    if version.is_clover() {
        extend(&mut object, json!({ "flexible": null }));
    }
    object
}

fn item(it: &Subscription, version: ApiVersion) -> Value {
    let mut object = json!({
        "id": it.item,
        "object": "subscription_item",
        "billing_thresholds": null,
        "created": it.created.seconds(),
        "discounts": [],
        "metadata": {},
        "plan": plan(&it.price, version),
        "price": price(&it.price, version),
        "quantity": it.quantity,
        "subscription": it.id,
        "tax_rates": [],
    });
    if version.is_basil() {
        extend(
            &mut object,
            json!({
                "current_period_end": it.period.1.seconds(),
                "current_period_start": it.period.0.seconds(),
            }),
        );
    }
    if version.since("2026-09-30") {
        extend(&mut object, json!({ "current_trial": null }));
    }
    object
}
