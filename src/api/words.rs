//! The words that a field can be, for the document: from the domain's own lists.

use domain::affiliates::AffiliateStatus;
use domain::commissions::{CommissionStatus, EntryKind};
use domain::explain::Proof;
use utoipa::openapi::Schema;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::problem::Code;

fn words(all: impl IntoIterator<Item = &'static str>) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(all)).into()
}

/// Codes of problem documents.
pub fn problem_code() -> Schema {
    words(Code::ALL.map(Code::word))
}

/// What a member of a company may do.
pub fn role() -> Schema {
    words(["owner", "manager", "viewer"])
}

/// Whether a program runs.
pub fn program_status() -> Schema {
    words(["active", "paused", "archived"])
}

/// How a commission is counted.
pub fn commission_kind() -> Schema {
    words(["percent", "fixed"])
}

/// Which payments earn.
pub fn recurrence_kind() -> Schema {
    words(["first_payment", "months", "lifetime"])
}

/// Which click counts.
pub fn click_model() -> Schema {
    words(["first", "last"])
}

/// Codes or clicks first.
pub fn proof_order() -> Schema {
    words(["coupon_first", "click_first"])
}

/// Where an affiliate stands.
pub fn affiliate_status() -> Schema {
    words(AffiliateStatus::ALL.map(AffiliateStatus::word))
}

/// How a commission stands.
pub fn commission_status() -> Schema {
    words(CommissionStatus::ALL.map(CommissionStatus::word))
}

/// What an entry of the ledger does.
pub fn entry_kind() -> Schema {
    words(EntryKind::ALL.map(EntryKind::word))
}

/// Kinds of proof.
pub fn proof() -> Schema {
    words(Proof::ALL.map(Proof::word))
}

/// What came of a proof.
pub fn verdict() -> Schema {
    words(["decided", "no_match", "refused", "not_needed"])
}

/// The states of a received event.
pub const EVENT_STATES: [&str; 4] = ["received", "processed", "nothing", "failed"];

/// How a received event stands.
pub fn event_state() -> Schema {
    words(EVENT_STATES)
}

/// How a payment stands.
pub fn payment_state() -> Schema {
    words(["paid", "waiting", "failed", "free", "merged"])
}
