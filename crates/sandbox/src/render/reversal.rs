//! The JSON of refunds and disputes, by API version.

use domain::clock::Timestamp;
use serde_json::{Map, Value, json};

use super::{add_customer_account, extend};
use crate::model::{Dispute, Refund};
use crate::version::ApiVersion;

/// Days that a merchant has to answer a dispute.
const DAYS_TO_ANSWER: i64 = 10;

/// What can be handed in as evidence: text, all of it empty.
const EVIDENCE: [&str; 27] = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
];

pub(crate) fn refund(it: &Refund, version: ApiVersion) -> Value {
    let reference_status = if it.reference.is_some() { "available" } else { "pending" };
    let mut card = json!({
        "reference_status": reference_status,
        "reference_type": "acquirer_reference_number",
        "type": "refund",
    });
    if let Some(reference) = &it.reference {
        extend(&mut card, json!({ "reference": reference }));
    }
    let mut object = json!({
        "id": it.id,
        "object": "refund",
        "amount": it.amount,
        "balance_transaction": it.balance_transaction,
        "charge": it.charge,
        "created": it.created.seconds(),
        "currency": it.currency,
        "destination_details": { "card": card, "type": "card" },
        "metadata": it.metadata,
        "payment_intent": it.payment_intent,
        "reason": it.reason,
        "receipt_number": null,
        "source_transfer_reversal": null,
        "status": it.status,
        "transfer_reversal": null,
    });
    if let Some(reason) = it.failure_reason {
        extend(&mut object, json!({ "failure_reason": reason }));
    }
    if version.since("2026-05-27") {
        extend(&mut object, json!({ "customer": it.customer, "payment_method": it.payment_method }));
        add_customer_account(&mut object, version);
    }
    object
}

pub(crate) fn dispute(it: &Dispute, version: ApiVersion) -> Value {
    let mut evidence: Map<String, Value> =
        EVIDENCE.iter().map(|field| ((*field).to_owned(), Value::Null)).collect();
    let mut evidence_details = json!({
        "due_by": it.created.plus_days(DAYS_TO_ANSWER).seconds(),
        "has_evidence": false,
        "past_due": false,
        "submission_count": 0,
    });
    let mut object = json!({
        "id": it.id,
        "object": "dispute",
        "amount": it.amount,
        "balance_transactions": it.bookings.iter().map(|booking| balance_transaction(it, booking, version)).collect::<Vec<_>>(),
        "charge": it.charge,
        "created": it.created.seconds(),
        "currency": it.currency,
        "is_charge_refundable": it.inquiry,
        "livemode": false,
        "metadata": it.metadata,
        "payment_intent": it.payment_intent,
        "payment_method_details": {
            "card": card(it, version),
            "type": "card",
        },
        "reason": "fraudulent",
        "status": it.status,
    });
    if version.since("2024-10-28") {
        evidence.insert("enhanced_evidence".to_owned(), json!({}));
        extend(&mut evidence_details, json!({ "enhanced_eligibility": {} }));
        extend(&mut object, json!({ "enhanced_eligibility_types": [] }));
    }
    if version.since("2026-09-30") {
        extend(&mut evidence_details, json!({ "submission_method": "not_submitted" }));
        extend(&mut object, json!({ "intended_submission_method": null }));
    }
    extend(&mut object, json!({ "evidence": evidence, "evidence_details": evidence_details }));
    object
}

fn card(it: &Dispute, version: ApiVersion) -> Value {
    let mut object = json!({ "brand": "visa", "network_reason_code": "10.4" });
    if version.since("2024-09-30") {
        let case_type = if it.inquiry { "inquiry" } else { "chargeback" };
        extend(&mut object, json!({ "case_type": case_type }));
    }
    if version.since("2026-05-27") {
        extend(&mut object, json!({ "network": "visa" }));
    }
    object
}

fn balance_transaction(
    dispute: &Dispute,
    (id, amount, at): &(String, i64, Timestamp),
    version: ApiVersion,
) -> Value {
    let back = *amount > 0;
    let mut object = json!({
        "id": id,
        "object": "balance_transaction",
        "amount": amount,
        "available_on": at.seconds(),
        "created": at.seconds(),
        "currency": dispute.currency,
        "description": format!("Chargeback {}for {}", if back { "reversal " } else { "withdrawal " }, dispute.charge),
        "exchange_rate": null,
        "fee": 0,
        "fee_details": [],
        "net": amount,
        "reporting_category": if back { "dispute_reversal" } else { "dispute" },
        "source": dispute.id,
        "status": "available",
        "type": "adjustment",
    });
    if version.is_basil() {
        extend(&mut object, json!({ "balance_type": "payments" }));
    }
    object
}
