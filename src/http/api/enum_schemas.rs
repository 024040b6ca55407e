//! The words that a field can be, for the document: from the domain's own lists.

use domain::affiliates::AffiliateStatus as Affiliate;
use domain::attribution::PaymentStatus as Payment;
use domain::checks::{CheckKind, Verdict as CheckVerdict};
use domain::commissions::{
    CauseKind as Cause, CommissionStatus as Commission, EntryKind as Entry, HoldReason as Hold,
};
use domain::connections::{
    ConnectionMethod as Method, ConnectionProblem as ConnectedProblem, ConnectionStatus as Connected,
    EndpointStatus as AtStripe, StripeMode as Mode,
};
use domain::deliveries::{EventSource as Source, RejectionReason as Rejection};
use domain::events::EventStatus as Event;
use domain::leads::{BrowserLeads as OfBrowsers, LeadDoubt as Doubt, LeadProof as Proof};
use domain::members::Role as Member;
use domain::programs::ProgramStatus as Program;
use domain::reconciliations::DifferenceKind as Difference;
use domain::repairs::{
    LineStatus, RepairLineCode as LineCode, RepairOutcome as Repaired, StripeFailure as Failure,
};
use domain::terms::{AttributionPriority as Priority, ClickModel as Model};
use domain::words::Word;
use engine::ledger::payments::PaymentFilter as Filter;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::problem_code::Code;

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
    Role, "What a member of a company may do.", Member::ALL.map(Member::word);
    BrowserLeads, "What becomes of leads that only a page vouches for: plausible ones count, they are reviewed under Unattributed, or they are not taken.", OfBrowsers::ALL.map(OfBrowsers::word);
    LeadProof, "Who vouches for a lead: your server, your server’s signature, or only the page that sent it.", Proof::ALL.map(Proof::word);
    LeadDoubt, "Why a lead does not count by itself.", Doubt::ALL.map(Doubt::word);
    ProgramStatus, "Whether a program runs.", Program::ALL.map(Program::word);
    CommissionKind, "How a commission is calculated.", ["percent", "fixed"];
    RecurrenceKind, "Which of a customer's payments earn a commission.", ["first_payment", "months", "lifetime"];
    ClickModel, "Which click counts when a buyer clicked several links.", Model::ALL.map(Model::word);
    AttributionPriority, "Which affiliate is credited when a promotion code and a click lead to different ones.", Priority::ALL.map(Priority::word);
    AffiliateStatus, "Whether an affiliate takes part in a program.", Affiliate::ALL.map(Affiliate::word);
    CommissionStatus, "How a commission stands.", Commission::ALL.map(Commission::word);
    HoldReason, "Why a commission is held back beyond the hold period.", Hold::ALL.map(Hold::word);
    EntryKind, "What an entry of the ledger does.", Entry::ALL.map(Entry::word);
    CauseKind, "What led to an entry of the ledger.", Cause::ALL.map(Cause::word);
    Check, "A kind of check.", CheckKind::ALL.map(CheckKind::word);
    Verdict, "What came of a check.", CheckVerdict::ALL.map(CheckVerdict::word);
    EventStatus, "The status of a received event.", Event::ALL.map(Event::word);
    PaymentFilter, "Which payments a list holds.", Filter::ALL.map(Filter::word);
    PaymentStatus, "The status of a payment.", Payment::ALL.map(Payment::word);
    StripeMode, "Live payments or test data.", Mode::ALL.map(Mode::word);
    ConnectionStatus, "The status of a connection to Stripe.", Connected::ALL.map(Connected::word);
    ConnectionProblem, "What is wrong with a connection to Stripe.", ConnectedProblem::CODES;
    EndpointStatus, "The status of a webhook endpoint at Stripe.", AtStripe::ALL.map(AtStripe::word);
    EventSource, "How an event arrived.", Source::ALL.map(Source::word);
    DeliveryTarget, "Where a delivery was sent.", ["connection", "platform", "unknown"];
    RejectionReason, "Why a delivery was rejected.", Rejection::VARIANTS.iter().map(|reason| reason.word());
    RepairOutcome, "How a repair ended.", Repaired::ALL.map(Repaired::word);
    RepairLineCode, "What a line of a repair's report says.", LineCode::ALL.map(LineCode::word);
    RepairLineStatus, "How a line of a repair's report stands.", LineStatus::ALL.map(LineStatus::word);
    StripeFailure, "Why Stripe did not do what was asked.", Failure::ALL.map(Failure::word);
    DifferenceKind, "What differs: a charge is missing here, is counted twice, or was refunded differently.", Difference::ALL.map(Difference::word);
    ConnectionMethod, "How a program is connected to Stripe.", Method::ALL.map(Method::word);
}
