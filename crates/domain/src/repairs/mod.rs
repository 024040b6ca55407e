//! Repairs of a connection's webhooks: who asked for one, how it ended, and the lines of
//! its report.
//!
//! A line is data. Pages, the API and mails each word it in one place.

mod code;
mod line;

pub use self::code::RepairLineCode;
pub use self::line::{
    DeletionReason, EndpointFix, EndpointVerdict, LineStatus, ManualStep, RejectionCause, RepairLine,
    RepairStep, StripeFailure,
};

crate::word_enum! {
    /// Who or what asked for a repair.
    pub enum RepairCause {
        /// The button on the Stripe page.
        Button = "button",
        /// The API.
        Api = "api",
        /// The daily check.
        Daily = "daily",
    }
}

crate::word_enum! {
    /// Whether a repair has ended.
    pub enum RepairStatus {
        /// It is under way.
        Running = "running",
        /// It has ended.
        Done = "done",
    }
}

crate::word_enum! {
    /// How a repair ended.
    pub enum RepairOutcome {
        /// Nothing was wrong.
        Healthy = "healthy",
        /// What was wrong has been fixed.
        Repaired = "repaired",
        /// Something is left for a person to do.
        NeedsAttention = "needs_attention",
        /// The server stopped in the middle of it.
        Interrupted = "interrupted",
    }
}
