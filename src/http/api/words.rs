//! The words that a field can be, for the document: from the domain's own lists.

use domain::affiliates::AffiliateStatus as Affiliate;
use domain::commissions::{CommissionStatus as Commission, EntryKind as Entry};
use domain::explain::Proof as Tried;
use domain::reconciliations::DifferenceKind as Difference;
use domain::repairs::{
    LineStatus, RepairLineCode as LineCode, RepairOutcome as Repaired, StripeFailure as Failure,
};
use engine::ledger::payments::Which;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::problem::Code;

/// The states of a received event.
pub const EVENT_STATES: [&str; 4] = ["received", "processed", "nothing", "failed"];

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
    Proof, "A kind of proof.", Tried::ALL.map(Tried::word);
    Verdict, "What came of a proof.", ["decided", "no_match", "refused", "not_needed"];
    EventState, "How a received event stands.", EVENT_STATES;
    PaymentFilter, "Which payments a list holds.", Which::ALL.map(Which::word);
    PaymentState, "How a payment stands.", ["paid", "waiting", "failed", "free", "merged"];
    ConnectMethod, "A way to connect a program to Stripe.", ["oauth_url", "restricted_key", "manual"];
    StripeMode, "Live payments or test data.", ["live", "test"];
    ConnectionState, "How a connection to Stripe stands.", ["connected", "disconnected", "revoked"];
    RepairOutcome, "How a repair ended.", Repaired::ALL.map(Repaired::word);
    RepairLineCode, "What a line of a repair's report says.", LineCode::ALL.map(LineCode::word);
    RepairLineStatus, "How a line of a repair's report stands.", LineStatus::ALL.map(LineStatus::word);
    StripeFailure, "Why Stripe did not do what was asked.", Failure::ALL.map(Failure::word);
    DifferenceKind, "What differs: a charge is missing here, is counted twice, or was refunded differently.", Difference::ALL.map(Difference::word);
    ConnectionMethod, "How a program is connected to Stripe.", ["oauth", "key", "manual"];
}
