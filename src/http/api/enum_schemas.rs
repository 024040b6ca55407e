//! The words that a field can be, for the document: from the domain's own lists.

use domain::affiliates::AffiliateStatus as Affiliate;
use domain::applications::ApplicationStatus as Application;
use domain::attribution::PaymentStatus as Payment;
use domain::checks::{CheckKind, Verdict as CheckVerdict};
use domain::commissions::{
    CauseKind as Cause, CommissionStatus as Commission, EntryKind as Entry, HoldReason as Hold,
};
use domain::connections::{
    ConnectionMethod as Method, ConnectionProblem as ConnectedProblem, ConnectionStatus as Connected,
    EndpointStatus as AtStripe, StripeMode as Mode,
};
use domain::coupons::CodeProblem as OfCode;
use domain::deliveries::{EventSource as Source, RejectionReason as Rejection};
use domain::events::EventStatus as Event;
use domain::invitations::{InvitationLinkStatus as JoinLink, InvitationStatus as Invited};
use domain::leads::{BrowserLeads as OfBrowsers, LeadDoubt as Doubt, LeadProof as Proof};
use domain::mails::{MailKind, MailStatus as Mail};
use domain::members::Role as Member;
use domain::payouts::{
    DueStatus as Due, MethodKind as PayoutMethodKind, PayoutStatus as Payout, Rail as By, RunStatus as Run,
};
use domain::programs::ProgramStatus as Program;
use domain::questions::QuestionKind as AskedAs;
use domain::reconciliations::DifferenceKind as Difference;
use domain::referral_requests::RequestStatus as Asked;
use domain::repairs::{
    LineStatus, RepairLineCode as LineCode, RepairOutcome as Repaired, StripeFailure as Failure,
};
use domain::resources::ResourceKind as Given;
use domain::terms::{
    AttributionPriority as Priority, CapKind as OfCap, ClickModel as Model, Join as RewardJoin, Mismatch,
    Order as RewardOrder,
};
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
    ProblemCode, "A stable code for the problem.", Code::ALL.map(Code::word);
    Role, "The role of a member of a company.", Member::ALL.map(Member::word);
    BrowserLeads, "How leads reported only by a browser are treated: plausible ones count, all are reviewed under Unattributed, or none are accepted.", OfBrowsers::ALL.map(OfBrowsers::word);
    LeadProof, "How a lead is proved: reported by your server, signed by your server, or only reported by a browser.", Proof::ALL.map(Proof::word);
    LeadDoubt, "Why a lead needs review.", Doubt::ALL.map(Doubt::word);
    CodeProblem, "Why buyers can’t use a promotion code.", OfCode::ALL.map(OfCode::word);
    ProgramStatus, "The status of a program.", Program::ALL.map(Program::word);
    CommissionKind, "How a commission is calculated.", ["percent", "fixed"];
    RecurrenceKind, "Which of a customer's payments earn a commission.", ["first_payment", "months", "lifetime"];
    CapKind, "What a cap is counted over.", OfCap::ALL.map(OfCap::word);
    RewardMatch, "How the conditions of a reward are joined.", RewardJoin::ALL.map(RewardJoin::word);
    RewardPayments, "Which of a customer's payments a reward is for.", RewardOrder::ALL.map(RewardOrder::word);
    RewardMismatch, "Why a condition of a reward does not match.", Mismatch::WORDS;
    ClickModel, "Which click counts if a buyer clicked several links.", Model::ALL.map(Model::word);
    AttributionPriority, "Which affiliate is credited if a promotion code and a click lead to different ones.", Priority::ALL.map(Priority::word);
    AffiliateStatus, "The status of an affiliate in a program.", Affiliate::ALL.map(Affiliate::word);
    ApplicationStatus, "What became of an application.", Application::ALL.map(Application::word);
    ApplicationOutcome, "What was decided about an application.", ["approved", "declined"];
    InvitationStatus, "What became of an invitation.", Invited::ALL.map(Invited::word);
    InvitationLinkStatus, "Whether an invitation link can be used, or why not.", JoinLink::ALL.map(JoinLink::word);
    ReferralOutcome, "What was decided about a request.", ["credited", "declined"];
    ReferralRequestStatus, "What became of an affiliate's request to look for a payment.", Asked::ALL.map(Asked::word);
    ResourceKind, "A file to download or a text to copy.", Given::ALL.map(Given::word);
    QuestionKind, "How a question is answered: in words, by choosing, with a web address, or by ticking a box.", AskedAs::ALL.map(AskedAs::word);
    EmailKind, "What an email is about.", MailKind::ALL.map(MailKind::word);
    EmailStatus, "What became of an email.", Mail::ALL.map(Mail::word);
    CommissionStatus, "The status of a commission.", Commission::ALL.map(Commission::word);
    HoldReason, "Why a commission is on hold beyond the hold period.", Hold::ALL.map(Hold::word);
    EntryKind, "The kind of a ledger entry.", Entry::ALL.map(Entry::word);
    CauseKind, "What caused a ledger entry.", Cause::ALL.map(Cause::word);
    Check, "A kind of check.", CheckKind::ALL.map(CheckKind::word);
    Verdict, "The result of a check.", CheckVerdict::ALL.map(CheckVerdict::word);
    EventStatus, "The status of a received event.", Event::ALL.map(Event::word);
    PaymentFilter, "Which payments to list.", Filter::ALL.map(Filter::word);
    PaymentStatus, "The status of a payment.", Payment::ALL.map(Payment::word);
    StripeMode, "Live payments or test data.", Mode::ALL.map(Mode::word);
    ConnectionStatus, "The status of a connection to Stripe.", Connected::ALL.map(Connected::word);
    ConnectionProblem, "What is wrong with a connection to Stripe.", ConnectedProblem::CODES;
    EndpointStatus, "The status of a webhook endpoint in Stripe.", AtStripe::ALL.map(AtStripe::word);
    EventSource, "How an event arrived.", Source::ALL.map(Source::word);
    DeliveryTarget, "Where a delivery was sent.", ["connection", "platform", "unknown"];
    RejectionReason, "Why a delivery was rejected.", Rejection::VARIANTS.iter().map(|reason| reason.word());
    RepairOutcome, "The result of a repair.", Repaired::ALL.map(Repaired::word);
    RepairLineCode, "The kind of a line in a repair report.", LineCode::ALL.map(LineCode::word);
    RepairLineStatus, "The status of a line in a repair report.", LineStatus::ALL.map(LineStatus::word);
    StripeFailure, "Why Stripe rejected a request.", Failure::ALL.map(Failure::word);
    DifferenceKind, "The kind of difference: a charge is missing in Honeyguide, counted twice, or refunded differently.", Difference::ALL.map(Difference::word);
    DueStatus, "Whether an affiliate can be paid what is due.", Due::ALL.map(Due::word);
    RunStatus, "The status of a payout run.", Run::ALL.map(Run::word);
    PayoutStatus, "The status of a payout.", Payout::ALL.map(Payout::word);
    Rail, "How payouts are sent.", By::ALL.map(By::word);
    MethodKind, "The kind of a payout method.", PayoutMethodKind::ALL.map(PayoutMethodKind::word);
    AdjustmentKind, "The kind of an adjustment.", ["bonus", "correction"];
    ConnectionMethod, "How a program is connected to Stripe.", Method::ALL.map(Method::word);
}
