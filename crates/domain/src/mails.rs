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
