//! The JSON of products, prices, coupons, promotion codes and Payment Links.

use serde_json::{Value, json};

use super::{add_customer_account, extend};
use crate::model::{Coupon, PaymentLink, Price, Product, PromotionCode};
use crate::version::ApiVersion;

pub(crate) fn product(it: &Product) -> Value {
    json!({
        "id": it.id,
        "object": "product",
        "active": true,
        "created": it.created.seconds(),
        "default_price": null,
        "description": it.description,
        "images": [],
        "livemode": false,
        "marketing_features": [],
        "metadata": it.metadata,
        "name": it.name,
        "package_dimensions": null,
        "shippable": null,
        "statement_descriptor": null,
        "tax_code": null,
        "type": "service",
        "unit_label": null,
        "updated": it.created.seconds(),
        "url": null,
    })
}

pub(crate) fn price(it: &Price, version: ApiVersion) -> Value {
    let recurring = it.interval.map(|interval| {
        let mut object = json!({
            "interval": interval.name(),
            "interval_count": 1,
            "meter": null,
            "trial_period_days": null,
            "usage_type": "licensed",
        });
        add_aggregate_usage(&mut object, version);
        object
    });
    json!({
        "id": it.id,
        "object": "price",
        "active": true,
        "billing_scheme": "per_unit",
        "created": it.created.seconds(),
        "currency": it.currency,
        "custom_unit_amount": null,
        "livemode": false,
        "lookup_key": null,
        "metadata": it.metadata,
        "nickname": null,
        "product": it.product,
        "recurring": recurring,
        "tax_behavior": "exclusive",
        "tiers_mode": null,
        "transform_quantity": null,
        "type": if it.interval.is_some() { "recurring" } else { "one_time" },
        "unit_amount": it.unit_amount,
        "unit_amount_decimal": it.unit_amount.to_string(),
    })
}

/// The plan that older shapes carry beside a recurring price.
pub(super) fn plan(it: &Price, version: ApiVersion) -> Value {
    it.interval.map_or(Value::Null, |interval| {
        let mut object = json!({
            "id": it.id,
            "object": "plan",
            "active": true,
            "amount": it.unit_amount,
            "amount_decimal": it.unit_amount.to_string(),
            "billing_scheme": "per_unit",
            "created": it.created.seconds(),
            "currency": it.currency,
            "interval": interval.name(),
            "interval_count": 1,
            "livemode": false,
            "metadata": it.metadata,
            "meter": null,
            "nickname": null,
            "product": it.product,
            "tiers_mode": null,
            "transform_usage": null,
            "trial_period_days": null,
            "usage_type": "licensed",
        });
        add_aggregate_usage(&mut object, version);
        object
    })
}

/// Metered billing of the old kind, which ended with acacia.
fn add_aggregate_usage(object: &mut Value, version: ApiVersion) {
    if !version.is_basil() {
        extend(object, json!({ "aggregate_usage": null }));
    }
}

pub(crate) fn coupon(it: &Coupon) -> Value {
    json!({
        "id": it.id,
        "object": "coupon",
        "amount_off": null,
        "created": it.created.seconds(),
        "currency": null,
        "duration": it.duration.name(),
        "duration_in_months": null,
        "livemode": false,
        "max_redemptions": null,
        "metadata": {},
        "name": it.name,
        "percent_off": percent(it.percent_off_bps),
        "redeem_by": null,
        "times_redeemed": it.times_redeemed,
        "valid": it.valid,
    })
}

/// Hundredths of a percent as the decimal number that Stripe shows.
fn percent(bps: i64) -> Value {
    if bps % 100 == 0 {
        return json!(bps / 100);
    }
    let text = format!("{}.{:02}", bps / 100, bps % 100);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

pub(crate) fn promotion_code(it: &PromotionCode, version: ApiVersion) -> Value {
    let mut object = json!({
        "id": it.id,
        "object": "promotion_code",
        "active": it.active,
        "code": it.code,
        "created": it.created.seconds(),
        "customer": null,
        "expires_at": null,
        "livemode": false,
        "max_redemptions": null,
        "metadata": it.metadata,
        "restrictions": {
            "first_time_transaction": false,
            "minimum_amount": null,
            "minimum_amount_currency": null,
        },
        "times_redeemed": it.times_redeemed,
    });
    if version.is_clover() {
        extend(&mut object, json!({ "promotion": { "type": "coupon", "coupon": it.coupon.id } }));
    } else {
        extend(&mut object, json!({ "coupon": coupon(&it.coupon) }));
    }
    add_customer_account(&mut object, version);
    object
}

pub(crate) fn payment_link(it: &PaymentLink, base_url: &str) -> Value {
    let recurring = it.lines.iter().any(|line| line.price.interval.is_some());
    let subscription_data = recurring.then(|| {
        json!({
            "description": null,
            "invoice_settings": { "issuer": { "type": "self" } },
            "metadata": it.subscription_metadata,
            "trial_period_days": (it.trial_days > 0).then_some(it.trial_days),
            "trial_settings": null,
        })
    });
    let payment_intent_data = (!recurring).then(|| {
        json!({
            "capture_method": null,
            "description": null,
            "metadata": it.payment_metadata,
            "setup_future_usage": null,
            "statement_descriptor": null,
            "statement_descriptor_suffix": null,
            "transfer_group": null,
        })
    });
    let after_completion = match &it.success_url {
        Some(url) => json!({ "type": "redirect", "redirect": { "url": url } }),
        None => json!({
            "type": "hosted_confirmation",
            "hosted_confirmation": { "custom_message": null },
        }),
    };
    json!({
        "id": it.id,
        "object": "payment_link",
        "active": it.active,
        "after_completion": after_completion,
        "allow_promotion_codes": it.allow_promotion_codes,
        "application": null,
        "application_fee_amount": null,
        "application_fee_percent": null,
        "automatic_tax": { "enabled": false, "liability": null },
        "billing_address_collection": "auto",
        "consent_collection": null,
        "currency": it.lines.first().map(|line| &line.price.currency),
        "custom_fields": [],
        "custom_text": { "after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null },
        "customer_creation": "if_required",
        "inactive_message": null,
        "invoice_creation": { "enabled": it.invoice_creation, "invoice_data": null },
        "livemode": false,
        "metadata": it.metadata,
        "on_behalf_of": null,
        "payment_intent_data": payment_intent_data,
        "payment_method_collection": "if_required",
        "payment_method_types": null,
        "phone_number_collection": { "enabled": false },
        "restrictions": null,
        "shipping_address_collection": null,
        "shipping_options": [],
        "submit_type": "auto",
        "subscription_data": subscription_data,
        "tax_id_collection": { "enabled": false, "required": "never" },
        "transfer_data": null,
        "url": format!("{base_url}/b/{}", it.slug),
    })
}
