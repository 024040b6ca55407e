//! Received events of Stripe: how they stand, and what processing them did.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::commissions::LedgerChange;
use crate::facts::{Fact, SubscriptionStatus};
use crate::no_commission::NoCommission;

crate::word_enum! {
    /// The status of a received event.
    pub enum EventStatus {
        /// It changed something.
        Processed = "processed",
        /// It changes nothing.
        Ignored = "ignored",
        /// It is stored and not processed yet.
        Received = "received",
        /// It could not be processed.
        Failed = "failed",
    }
}

crate::word_enum! {
    /// How the body of an event is kept.
    pub enum BodyEncoding {
        /// As the text that was received.
        Utf8 = "utf8",
        /// In base64 without padding: the body was not UTF-8.
        Base64 = "base64",
    }
}

crate::word_enum! {
    /// What made an attempt to process an event.
    pub enum AttemptKind {
        /// The worker, when the event came in.
        Worker = "worker",
        /// A person who replayed it.
        Replay = "replay",
    }
}

crate::word_enum! {
    /// What an event is about that is not about a payment.
    pub enum EventSubject {
        /// A customer's name, address or metadata.
        Customer = "customer",
        /// The trial of a subscription.
        Trial = "trial",
        /// A subscription that begins or changes.
        Subscription = "subscription",
        /// Which payment paid an invoice.
        PaymentOfInvoice = "payment_of_invoice",
        /// A checkout without a payment, such as one that saves a card.
        Checkout = "checkout",
        /// A promotion code or a coupon.
        PromotionCode = "promotion_code",
        /// A refund, dispute, credit note or alert whose payment is not known.
        UnknownPayment = "unknown_payment",
    }
}

impl EventSubject {
    /// What a fact is about.
    pub fn of(fact: &Fact) -> Self {
        match fact {
            Fact::Customer(_) => Self::Customer,
            Fact::Subscription(s) if s.status == SubscriptionStatus::Trialing => Self::Trial,
            Fact::Subscription(_) => Self::Subscription,
            Fact::InvoicePayment(_) | Fact::NoInvoice(_) => Self::PaymentOfInvoice,
            Fact::Session(_) => Self::Checkout,
            Fact::Invoice(_)
            | Fact::Charge(_)
            | Fact::Refund(_)
            | Fact::Dispute(_)
            | Fact::Alert(_)
            | Fact::CreditNote(_) => Self::UnknownPayment,
        }
    }
}

/// What processing an event did, or why it did nothing. Stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventOutcome {
    /// It changed the ledger.
    LedgerChanged {
        /// Entry by entry.
        changes: Vec<LedgerChange>,
    },
    /// It attributed its customer to an affiliate.
    CustomerAttributed {
        /// The affiliate's name.
        affiliate_name: String,
        /// Why its own payment earns nothing, where it is about one.
        no_commission: Option<NoCommission>,
    },
    /// The merchant took access back, so the connection is revoked.
    ConnectionRevoked,
    /// Its payment earns no commission, or not yet.
    NoCommission {
        /// Why not.
        reason: NoCommission,
    },
    /// Its payment is counted already.
    AlreadyCounted {
        /// The payment's best-known id at Stripe.
        stripe_id: String,
    },
    /// It ends a subscription. Later periods earn nothing.
    SubscriptionEnded {
        /// When.
        ended_at: Timestamp,
    },
    /// It is not about a payment.
    NoPayment {
        /// What it is about.
        subject: EventSubject,
    },
    /// What it says is known already.
    Duplicate,
    /// Honeyguide does not need events of its type.
    TypeNotHandled,
    /// A thin event, which names its object and carries none: the whole event is fetched
    /// from Stripe.
    ThinEventFetched,
    /// A thin event, and Stripe cannot be asked for the whole one.
    ThinEvent,
    /// It is of another account than the one whose events this connection counts.
    OtherAccount {
        /// Which one.
        account: String,
    },
    /// Its mode is not the one of the connection.
    WrongMode {
        /// Whether the event is live.
        livemode: bool,
    },
    /// It would end a connection that was made again since.
    ReconnectedSince,
    /// Its body was deleted after its time; what it said is kept.
    BodyDeleted,
    /// The delivery was signed and is not JSON.
    NotJson,
    /// A field is missing without which it cannot be read.
    FieldMissing {
        /// The path of the field.
        field: String,
    },
    /// An attempt failed. Another one follows.
    Retrying,
    /// All attempts failed. It can be replayed.
    GaveUp,
}

impl EventOutcome {
    /// The stable word in the database and the API.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::LedgerChanged { .. } => "ledger_changed",
            Self::CustomerAttributed { .. } => "customer_attributed",
            Self::ConnectionRevoked => "connection_revoked",
            Self::NoCommission { reason } => reason.word(),
            Self::AlreadyCounted { .. } => "already_counted",
            Self::SubscriptionEnded { .. } => "subscription_canceled",
            Self::NoPayment { .. } => "no_payment",
            Self::Duplicate => "duplicate",
            Self::TypeNotHandled => "type_not_handled",
            Self::ThinEventFetched => "thin_event_fetched",
            Self::ThinEvent => "thin_event",
            Self::OtherAccount { .. } => "other_account",
            Self::WrongMode { .. } => "wrong_mode",
            Self::ReconnectedSince => "reconnected_since",
            Self::BodyDeleted => "body_deleted",
            Self::NotJson => "not_json",
            Self::FieldMissing { .. } => "field_missing",
            Self::Retrying => "retrying",
            Self::GaveUp => "gave_up",
        }
    }

    /// The status of the event after it.
    pub const fn status(&self) -> EventStatus {
        match self {
            Self::LedgerChanged { .. } | Self::CustomerAttributed { .. } | Self::ConnectionRevoked => {
                EventStatus::Processed
            }
            Self::NoCommission { .. }
            | Self::AlreadyCounted { .. }
            | Self::SubscriptionEnded { .. }
            | Self::NoPayment { .. }
            | Self::Duplicate
            | Self::TypeNotHandled
            | Self::ThinEventFetched
            | Self::ThinEvent
            | Self::OtherAccount { .. }
            | Self::WrongMode { .. }
            | Self::ReconnectedSince
            | Self::BodyDeleted => EventStatus::Ignored,
            Self::Retrying => EventStatus::Received,
            Self::NotJson | Self::FieldMissing { .. } | Self::GaveUp => EventStatus::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::no_commission::WaitReason;

    #[test]
    fn an_outcome_has_a_status_and_survives_json() {
        let waits = NoCommission::Waiting { reason: WaitReason::Money, until: None };
        for (outcome, status, word) in [
            (EventOutcome::LedgerChanged { changes: Vec::new() }, EventStatus::Processed, "ledger_changed"),
            (EventOutcome::ConnectionRevoked, EventStatus::Processed, "connection_revoked"),
            (EventOutcome::NoCommission { reason: waits }, EventStatus::Ignored, "waits_for_money"),
            (EventOutcome::WrongMode { livemode: true }, EventStatus::Ignored, "wrong_mode"),
            (EventOutcome::ThinEvent, EventStatus::Ignored, "thin_event"),
            (
                EventOutcome::OtherAccount { account: "acct_1".to_owned() },
                EventStatus::Ignored,
                "other_account",
            ),
            (EventOutcome::Retrying, EventStatus::Received, "retrying"),
            (EventOutcome::GaveUp, EventStatus::Failed, "gave_up"),
            (EventOutcome::FieldMissing { field: "id".to_owned() }, EventStatus::Failed, "field_missing"),
        ] {
            assert_eq!((outcome.status(), outcome.word()), (status, word));
            let json = serde_json::to_string(&outcome).unwrap();
            assert_eq!(serde_json::from_str::<EventOutcome>(&json).unwrap(), outcome);
        }
    }
}
