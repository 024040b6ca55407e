//! The words that a field can be, for the document: from the domain's own lists.

use domain::affiliates::AffiliateStatus as Affiliate;
use domain::attribution::PaymentStatus as Payment;
use domain::checks::{CheckKind, Verdict as CheckVerdict};
use domain::commissions::{CauseKind as Cause, CommissionStatus as Commission, EntryKind as Entry};
use domain::events::{EventSource as Source, EventStatus as Event};
use engine::ledger::payments::PaymentFilter as Filter;
use engine::stripe::reconciliation::Kind;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::problem::Code;

macro_rules! words {
    ($($name:ident, $what:literal, $all:expr;)*) => {$(
        #[doc = $what]
        pub enum $name {}
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some($what))
                    .enum_values(Some($all))
                    .into()
            }
        }
        impl ToSchema for $name {}
    )*};
}

words! {
    ProblemCode, "Which problem it is.", Code::ALL.map(Code::word);
    Role, "What a member of a company may do.", ["owner", "manager", "viewer"];
    ProgramStatus, "Whether a program runs.", ["active", "paused", "archived"];
    CommissionKind, "How a commission is counted.", ["percent", "fixed"];
    RecurrenceKind, "Which of a customer's payments earn something.", ["first_payment", "months", "lifetime"];
    ClickModel, "Which click counts when a buyer came by several.", ["first", "last"];
    ProofOrder, "Whether promotion codes or clicks are looked at first.", ["coupon_first", "click_first"];
    AffiliateStatus, "Where an affiliate stands.", Affiliate::ALL.map(Affiliate::word);
    CommissionStatus, "How a commission stands.", Commission::ALL.map(Commission::word);
    EntryKind, "What an entry of the ledger does.", Entry::ALL.map(Entry::word);
    CauseKind, "What led to an entry of the ledger.", Cause::ALL.map(Cause::word);
    Check, "A kind of check.", CheckKind::ALL.map(CheckKind::word);
    Verdict, "What came of a check.", CheckVerdict::ALL.map(CheckVerdict::word);
    EventStatus, "The status of a received event.", Event::ALL.map(Event::word);
    EventSource, "How an event came in.", Source::ALL.map(Source::word);
    PaymentFilter, "Which payments a list holds.", Filter::ALL.map(Filter::word);
    PaymentStatus, "The status of a payment.", Payment::ALL.map(Payment::word);
    ConnectMethod, "A way to connect a program to Stripe.", ["oauth_url", "restricted_key", "manual"];
    StripeMode, "Live payments or test data.", ["live", "test"];
    ConnectionState, "How a connection to Stripe stands.", ["connected", "disconnected", "revoked"];
    RepairOutcome, "How a repair ended.", ["well", "mended", "trouble", "stopped"];
    DifferenceKind, "What differs: a charge that is not known here, is counted twice, or was refunded otherwise.", Kind::ALL.map(Kind::as_str);
    RepairLineState, "What came of a step of a repair.", ["done", "changed", "refused", "not_tried", "notice"];
    ConnectionMethod, "How a program is connected to Stripe.", ["oauth", "key", "manual"];
}
