//! The kinds of mails that are sent, and what became of one.

crate::word_enum! {
    /// What a mail is about.
    pub enum MailKind {
        /// A person's own account: signing in, passwords, security. In no program's log.
        Account = "account",
        /// Asks an applicant to confirm their address.
        ApplicationLink = "application_link",
        /// Tells someone who applies again what became of it.
        ApplicationReceived = "application_received",
        /// An application was approved.
        ApplicationApproved = "application_approved",
        /// An application was declined.
        ApplicationDeclined = "application_declined",
        /// Invites a person to a program.
        Invitation = "invitation",
        /// A payout was made.
        PayoutPaid = "payout_paid",
        /// A payout did not arrive.
        PayoutFailed = "payout_failed",
        /// A payout run waits for approval.
        RunDrafted = "run_drafted",
        /// Stripe needs the attention of a program's owners.
        StripeProblem = "stripe_problem",
    }
}

impl MailKind {
    /// Whether it holds a link that works once: such a mail is never stored, and sent again only
    /// with a new link.
    pub const fn has_secret_link(self) -> bool {
        matches!(self, Self::Account | Self::ApplicationLink | Self::Invitation)
    }
}

crate::word_enum! {
    /// What became of a mail.
    pub enum MailStatus {
        /// It is sent as soon as the mail server takes it.
        Waiting = "waiting",
        /// The mail server has taken it.
        Sent = "sent",
        /// The mail server rejected it for good.
        Refused = "refused",
        /// The mail server did not take it in half a day.
        Failed = "failed",
    }
}

/// Days that the log of mails is kept.
pub const LOG_DAYS: i64 = 90;

/// What a mail server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The code, such as 550.
    pub code: i64,
    /// The text, one line.
    pub text: String,
}

/// "550 5.1.1 no such user"
impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.code, self.text)
    }
}
