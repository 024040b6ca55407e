//! The actions that the audit trail records.

use serde::{Deserialize, Serialize};

use crate::affiliates::AffiliateStatus;
use crate::checks::NamedAffiliate;
use crate::connections::RevocationReason;
use crate::emails::Email;
use crate::ids::RepairId;
use crate::money::Money;
use crate::programs::ProgramStatus;
use crate::referral_requests::RequestStatus;

/// What was done, with its values; never a secret. Stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum AuditAction {
    /// The first owner set up a company.
    AccountCreated {
        /// The owner's name.
        name: String,
        /// The company's.
        company: String,
    },
    /// A company's name was changed.
    CompanyRenamed {
        /// The name before.
        from: String,
        /// The name since.
        to: String,
    },
    /// Whether everyone in a company must use two-step sign-in was changed.
    TwoStepRequirementChanged {
        /// Whether they must since.
        required: bool,
    },
    /// A person turned two-step sign-in on.
    TwoStepTurnedOn,
    /// A person turned two-step sign-in off.
    TwoStepTurnedOff,
    /// The operator turned a person's two-step sign-in off.
    TwoStepReset,
    /// A person made new recovery codes; the ones before have ended.
    RecoveryCodesReplaced,
    /// A recovery code was used instead of one of the authenticator app.
    RecoveryCodeUsed {
        /// Codes that are left.
        left: i64,
    },
    /// The address that a person signs in with was changed.
    EmailChanged,
    /// A change of the address was canceled or undone from the old mailbox.
    EmailChangeUndone,
    /// A mail was sent again.
    MailResent,
    /// A key of the API was created.
    ApiKeyCreated {
        /// The end of the key.
        last_four: String,
    },
    /// A key of the API was revoked.
    ApiKeyRevoked,
    /// A program was created.
    ProgramCreated {
        /// Its name.
        name: String,
    },
    /// A program was paused, archived or started again.
    ProgramStatusChanged {
        /// Its status before.
        from: ProgramStatus,
        /// Its status since.
        to: ProgramStatus,
    },
    /// The settings of a program were changed.
    ProgramSettingsChanged,
    /// The settings of a program's public page were changed.
    JoinPageChanged {
        /// Whether the page is there since.
        is_on: bool,
    },
    /// The questions that a program asks applicants were changed.
    ApplicationQuestionsChanged,
    /// The logo of a program was uploaded.
    LogoChanged,
    /// The logo of a program was removed.
    LogoRemoved,
    /// A file or a text for affiliates was added.
    ResourceAdded {
        /// What it is called.
        title: String,
    },
    /// A file or a text for affiliates was replaced.
    ResourceChanged {
        /// What it is called.
        title: String,
    },
    /// A file or a text for affiliates was deleted.
    ResourceDeleted {
        /// What it was called.
        title: String,
    },
    /// A request of an affiliate to look for a payment was answered.
    ReferralRequestAnswered {
        /// What was decided.
        status: RequestStatus,
    },
    /// The secret that signs a program's leads was replaced.
    LeadSecretReplaced,
    /// A version of the terms was added.
    TermsChanged {
        /// The number of the version.
        version: i64,
    },
    /// An affiliate was added by the merchant.
    AffiliateAdded {
        /// Their name.
        name: String,
    },
    /// An application was approved.
    ApplicationApproved {
        /// The applicant's name.
        name: String,
    },
    /// An application was declined.
    ApplicationDeclined {
        /// The applicant's name.
        name: String,
    },
    /// An affiliate was accepted, declined, suspended or reinstated.
    AffiliateStatusChanged {
        /// Their status before.
        from: AffiliateStatus,
        /// Their status since.
        to: AffiliateStatus,
    },
    /// An invitation link for an affiliate was created.
    AffiliateInvited,
    /// People were invited to a program by mail.
    PeopleInvited {
        /// How many.
        number: i64,
    },
    /// An invitation to a program was mailed again.
    InvitationResent {
        /// The address.
        email: Email,
    },
    /// An invitation to a program was taken back.
    InvitationRevoked {
        /// The address.
        email: Email,
    },
    /// A person accepted an invitation to a program.
    InvitationAccepted {
        /// Their name.
        name: String,
    },
    /// A link was created by which people can join.
    InvitationLinkCreated {
        /// What it is called.
        label: String,
    },
    /// A link by which people can join was taken back.
    InvitationLinkRevoked {
        /// What it is called.
        label: String,
    },
    /// A link was created for an affiliate.
    LinkCreated {
        /// The link's code.
        code: String,
    },
    /// A promotion code was given to an affiliate.
    PromotionCodeAssigned {
        /// The code as buyers enter it.
        code: String,
        /// The affiliate.
        affiliate: NamedAffiliate,
    },
    /// A promotion code was taken away from an affiliate.
    PromotionCodeRemoved {
        /// The code as buyers enter it.
        code: String,
        /// The affiliate.
        affiliate: NamedAffiliate,
    },
    /// A program was connected by signing in with Stripe.
    ConnectedByOAuth {
        /// The account, `acct_…`.
        account: String,
    },
    /// A program was connected with a restricted key.
    ConnectedByKey {
        /// The end of the key.
        last_four: String,
        /// Our endpoint on the account, `we_…`.
        endpoint: String,
    },
    /// A signing secret of an endpoint was added manually.
    SigningSecretAdded {
        /// The end of the secret.
        last_four: String,
    },
    /// The account was chosen whose events a manual connection counts.
    AccountChosen {
        /// Stripe's id, `acct_…`.
        account: String,
    },
    /// A program was disconnected from Stripe, and its secrets were deleted.
    Disconnected,
    /// Stripe ended our access.
    AccessRevoked {
        /// Why.
        reason: RevocationReason,
    },
    /// A repair changed something at Stripe.
    WebhooksRepaired {
        /// The repair, which has the report.
        repair: RepairId,
    },
    /// A payment was assigned to an affiliate.
    PaymentAssigned {
        /// The affiliate.
        affiliate: NamedAffiliate,
        /// Whether that covers the customer's later payments too.
        later_payments: bool,
    },
    /// A payment was marked as not an affiliate sale.
    NotAffiliateSale {
        /// Whether that covers the customer's later payments too.
        later_payments: bool,
    },
    /// What was decided about a payment was undone.
    AssignmentUndone,
    /// Clicks and bodies of events were deleted after their time.
    ExpiredDataDeleted {
        /// Clicks.
        clicks: u64,
        /// Bodies of events.
        bodies: u64,
    },
    /// A payout run was drafted.
    PayoutRunDrafted {
        /// Its number in the program.
        number: i64,
    },
    /// A payout was taken out of a draft.
    PayoutRemoved {
        /// The affiliate.
        affiliate: NamedAffiliate,
    },
    /// A payout run was approved.
    PayoutRunApproved,
    /// A payout run was marked as sent.
    PayoutRunSent,
    /// The draft of a payout run was discarded.
    PayoutRunDiscarded,
    /// A payout was marked as paid.
    PayoutPaid {
        /// The affiliate.
        affiliate: NamedAffiliate,
    },
    /// A payout was marked as failed.
    PayoutFailed {
        /// The affiliate.
        affiliate: NamedAffiliate,
        /// Why.
        reason: String,
    },
    /// How a program pays was changed.
    PayoutSettingsChanged,
    /// A person changed how they are paid.
    PayoutMethodChanged,
    /// A bonus or a correction was added to an affiliate's balance.
    BalanceAdjusted {
        /// The change.
        amount: Money,
        /// Why.
        reason: String,
    },
    /// An event was replayed.
    EventReplayed {
        /// Stripe's id, `evt_…`.
        event: String,
    },
}
