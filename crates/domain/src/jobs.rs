//! The kinds of background jobs and the queues they wait in.

use serde::{Deserialize, Serialize};

use crate::ids::InboxEventId;

crate::word_enum! {
    /// What a background job does.
    pub enum JobKind {
        /// Processes a stored Stripe event: parses it, evaluates the customer and writes to the ledger.
        ProcessStripeEvent = "process_stripe_event",
        /// Queues the events that were kept of an account.
        ProcessKeptEvents = "process_kept_events",
        /// Evaluates a customer's payments again.
        Reevaluate = "reevaluate",
        /// Queues the evaluation of the customers with an address.
        ReevaluateAddress = "reevaluate_address",
        /// Asks Stripe whether a payment belongs to an invoice.
        AskStripe = "ask_stripe",
        /// Fetches the full event that a thin event announced.
        FetchEvent = "fetch_event",
        /// Starts the first check of a new connection, which fetches earlier events.
        FirstBackfill = "first_backfill",
        /// Checks a connection's endpoint at Stripe, without changing it.
        CheckEndpoint = "check_endpoint",
        /// Asks Stripe about promotion codes of which it has said nothing yet.
        CheckPromotionCodes = "check_promotion_codes",
        /// Repairs the webhooks of a connection.
        RunRepair = "run_repair",
        /// Starts the checks of connections that are due.
        DailyCheck = "daily_check",
        /// Compares Stripe's charges of a period with the stored payments.
        RunReconciliation = "run_reconciliation",
        /// Revokes our access to a Stripe account.
        Deauthorize = "deauthorize",
        /// Sends an email.
        SendMail = "send_mail",
        /// Sends a person a link to choose a password.
        SendPasswordLink = "send_password_link",
        /// Sends a person a link to sign in.
        SendSignInLink = "send_sign_in_link",
        /// Sends a link that confirms or undoes the change of an account's address.
        SendEmailChangeLink = "send_email_change_link",
        /// Sends an applicant a link to confirm their address.
        SendApplicationLink = "send_application_link",
        /// Sends an affiliate an invitation.
        SendInvitation = "send_invitation",
        /// Sends a person an invitation to a program.
        SendProgramInvitation = "send_program_invitation",
        /// Deletes clicks, payloads and other rows after their time.
        DeleteExpired = "delete_expired",
        /// Adds commissions whose hold period has ended to the balances.
        ReleaseCommissions = "release_commissions",
        /// Claims the ledger entries for the payouts of a run.
        PreparePayouts = "prepare_payouts",
        /// Drafts the payout runs of programs whose day of the month has come.
        DraftPayoutRuns = "draft_payout_runs",
    }
}

impl JobKind {
    /// The queue that jobs of this kind wait in.
    pub const fn queue(self) -> Queue {
        match self {
            Self::ProcessStripeEvent
            | Self::ProcessKeptEvents
            | Self::Reevaluate
            | Self::ReevaluateAddress
            | Self::FirstBackfill
            | Self::DeleteExpired
            | Self::ReleaseCommissions
            | Self::PreparePayouts
            | Self::DraftPayoutRuns => Queue::Local,
            Self::AskStripe
            | Self::FetchEvent
            | Self::CheckEndpoint
            | Self::CheckPromotionCodes
            | Self::RunRepair
            | Self::DailyCheck
            | Self::RunReconciliation
            | Self::Deauthorize
            | Self::SendMail
            | Self::SendPasswordLink
            | Self::SendSignInLink
            | Self::SendEmailChangeLink
            | Self::SendInvitation
            | Self::SendProgramInvitation
            | Self::SendApplicationLink => Queue::External,
        }
    }
}

crate::word_enum! {
    /// Where jobs wait. Each queue has its own worker, so that a slow service outside
    /// does not delay the processing of events.
    pub enum Queue {
        /// Jobs that need only the database.
        Local = "local",
        /// Jobs that call Stripe or a mail server, which may take minutes.
        External = "external",
    }
}

crate::word_enum! {
    /// Whether a job will run.
    pub enum JobStatus {
        /// It runs when it is due.
        Waiting = "waiting",
        /// It failed too often and is kept for inspection: a dead letter.
        Dead = "dead",
    }
}

/// The payload of [`JobKind::ProcessStripeEvent`]: the event to process.
///
/// It is defined here because the store adds this job in the commit that stores the event;
/// every other job is added by the engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessStripeEvent(pub InboxEventId);
