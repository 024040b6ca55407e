//! Badges: a status as a colored cell, a word, and a sentence with a date and the next step.

use leptos::prelude::*;

use super::{Cell, CellIcon};

/// What a color repeats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Ink.
    #[default]
    Neutral,
    /// Ripe: payable.
    Honey,
    /// Done.
    Success,
    /// Look at it some time.
    Warning,
    /// Look at it now.
    Danger,
    /// In passing.
    Info,
}

impl Tone {
    /// The value of `data-tone`.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Neutral => None,
            Self::Honey => Some("honey"),
            Self::Success => Some("success"),
            Self::Warning => Some("warning"),
            Self::Danger => Some("danger"),
            Self::Info => Some("info"),
        }
    }
}

/// A state as it is shown. The constants below are all there are, so that the same state
/// has the same cell, color and word everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Its shape.
    pub cell: Cell,
    /// Its color.
    pub tone: Tone,
    /// Its word.
    pub word: &'static str,
}

impl State {
    const fn new(cell: Cell, tone: Tone, word: &'static str) -> Self {
        Self { cell, tone, word }
    }

    /// A conversion, commission or application that is not decided yet.
    pub const PENDING: Self = Self::new(Cell::Pending, Tone::Neutral, "Pending");
    /// A commission whose hold has ended.
    pub const PAYABLE: Self = Self::new(Cell::Payable, Tone::Honey, "Payable");
    /// A payout that waits for someone.
    pub const NO_METHOD: Self = Self::new(Cell::Dashed, Tone::Warning, "No payout method");
    /// A payout whose method was changed a short time ago.
    pub const METHOD_CHANGED: Self = Self::new(Cell::Pending, Tone::Warning, "Method changed");
    /// A balance of someone who is not active.
    pub const NOT_ACTIVE: Self = Self::new(Cell::Alert, Tone::Warning, "Not active");
    /// A balance that carries over.
    pub const BELOW_MINIMUM: Self = Self::new(Cell::Empty, Tone::Neutral, "Below minimum");
    /// A balance of which more was reversed than earned.
    pub const NEGATIVE: Self = Self::new(Cell::Minus, Tone::Neutral, "Negative");
    /// A payout run that is being put together.
    pub const PREPARING: Self = Self::new(Cell::Pending, Tone::Neutral, "Preparing");
    /// A payout run that waits for approval.
    pub const DRAFT: Self = Self::new(Cell::Pending, Tone::Honey, "Waiting for approval");
    /// A payout run whose files are ready.
    pub const APPROVED: Self = Self::new(Cell::Payable, Tone::Honey, "Ready to send");
    /// A payout that is on its way.
    pub const SENT: Self = Self::new(Cell::Half, Tone::Neutral, "Sent");
    /// A payout run in which nothing is left to do.
    pub const COMPLETED: Self = Self::new(Cell::Paid, Tone::Success, "Completed");
    /// A payout run that was given up.
    pub const DISCARDED: Self = Self::new(Cell::X, Tone::Neutral, "Discarded");
    /// What a receipt says whose signature is not genuine.
    pub const NOT_VERIFIED: Self = Self::new(Cell::Dashed, Tone::Neutral, "Not verified");
    /// A commission that a payout has claimed.
    pub const IN_PAYOUT: Self = Self::new(Cell::Payable, Tone::Honey, "In a payout");
    /// A commission or payout that was paid.
    pub const PAID: Self = Self::new(Cell::Paid, Tone::Success, "Paid");
    /// A part of the payment went back.
    pub const PARTLY_REFUNDED: Self = Self::new(Cell::Half, Tone::Neutral, "Partly refunded");
    /// The whole payment went back.
    pub const REFUNDED: Self = Self::new(Cell::Minus, Tone::Neutral, "Refunded");
    /// Held back until something is decided.
    pub const ON_HOLD: Self = Self::new(Cell::Alert, Tone::Warning, "On hold");
    /// The buyer's bank demands the money back.
    pub const DISPUTED: Self = Self::new(Cell::Alert, Tone::Danger, "Disputed");
    /// It will not happen.
    pub const CANCELED: Self = Self::new(Cell::X, Tone::Neutral, "Canceled");
    /// An affiliate or a program that is active.
    pub const ACTIVE: Self = Self::new(Cell::Paid, Tone::Success, "Active");
    /// A program that takes no new clicks for now.
    pub const PAUSED: Self = Self::new(Cell::Half, Tone::Warning, "Paused");
    /// A program or link that was put away.
    pub const ARCHIVED: Self = Self::new(Cell::Minus, Tone::Neutral, "Archived");
    /// A payment that was credited to who asked for it.
    pub const CREDITED: Self = Self::new(Cell::Paid, Tone::Success, "Credited");
    /// A person who was invited and did not answer yet.
    pub const INVITED: Self = Self::new(Cell::Pending, Tone::Neutral, "Invited");
    /// A person who accepted an invitation.
    pub const JOINED: Self = Self::new(Cell::Paid, Tone::Success, "Joined");
    /// An invitation or a link that was taken back.
    pub const TAKEN_BACK: Self = Self::new(Cell::X, Tone::Neutral, "Revoked");
    /// A line of a list that can be used.
    pub const READY: Self = Self::new(Cell::Paid, Tone::Success, "Ready");
    /// An affiliate who was turned down.
    pub const DECLINED: Self = Self::new(Cell::X, Tone::Neutral, "Declined");
    /// An affiliate who was stopped.
    pub const SUSPENDED: Self = Self::new(Cell::Alert, Tone::Danger, "Suspended");
    /// A connection that works.
    pub const CONNECTED: Self = Self::new(Cell::Paid, Tone::Success, "Connected");
    /// A connection that needs to be checked.
    pub const NEEDS_ATTENTION: Self = Self::new(Cell::Alert, Tone::Danger, "Needs attention");
    /// A connection that Stripe no longer accepts.
    pub const REVOKED: Self = Self::new(Cell::X, Tone::Danger, "Revoked");
    /// No connection.
    pub const DISCONNECTED: Self = Self::new(Cell::Dashed, Tone::Neutral, "Disconnected");
    /// A promotion code whose coupon has ended.
    pub const COUPON_ENDED: Self = Self::new(Cell::X, Tone::Warning, "Coupon ended");
    /// A promotion code that was used as often as it may be.
    pub const USED_UP: Self = Self::new(Cell::X, Tone::Warning, "Used up");
    /// A promotion code whose time is over.
    pub const EXPIRED: Self = Self::new(Cell::X, Tone::Warning, "Expired");
    /// A promotion code that was turned off.
    pub const INACTIVE: Self = Self::new(Cell::X, Tone::Warning, "Inactive");
    /// A promotion code that Stripe does not know.
    pub const NOT_AT_STRIPE: Self = Self::new(Cell::X, Tone::Warning, "Not in Stripe");
    /// An event that is stored and not yet processed.
    pub const RECEIVED: Self = Self::new(Cell::Pending, Tone::Info, "Received");
    /// An event that changed something.
    pub const PROCESSED: Self = Self::new(Cell::Paid, Tone::Success, "Processed");
    /// An event that changed nothing, for a reason.
    pub const IGNORED: Self = Self::new(Cell::Empty, Tone::Neutral, "Ignored");
    /// A mail that waits for the mail server.
    pub const MAIL_WAITING: Self = Self::new(Cell::Pending, Tone::Neutral, "Waiting");
    /// A mail that the mail server took.
    pub const MAIL_SENT: Self = Self::new(Cell::Paid, Tone::Success, "Sent");
    /// A mail that the mail server rejected.
    pub const MAIL_REFUSED: Self = Self::new(Cell::X, Tone::Danger, "Rejected");
    /// What did not work out.
    pub const FAILED: Self = Self::new(Cell::Alert, Tone::Danger, "Failed");
}

/// A state's cell and word.
#[component]
pub fn Badge(
    /// What is shown.
    state: State,
    /// As a pill, once in a page head.
    #[prop(optional)]
    boxed: bool,
) -> impl IntoView {
    let class = if boxed { "badge boxed" } else { "badge" };
    view! { <span class=class data-tone=state.tone.name()><CellIcon cell=state.cell/>{state.word}</span> }
}

/// A state with its sentence: "Pending", "Payable on 3 Dec if not refunded".
#[component]
pub fn Status(
    /// What is shown.
    state: State,
    /// A date and the next step, or the reason.
    #[prop(optional, into)]
    note: String,
) -> impl IntoView {
    let note = (!note.is_empty()).then(|| view! { <span class="note">{note}</span> });
    view! { <div class="status"><Badge state/>{note}</div> }
}

/// A mark for sandbox rows.
#[component]
pub fn TestBadge() -> impl IntoView {
    view! { <span class="test-badge">"Test"</span> }
}
