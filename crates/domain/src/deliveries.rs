//! Webhook deliveries: where they go, why they are rejected, how events arrive.

use std::str::FromStr;

use crate::clock::Timestamp;
use crate::ids::ConnectionId;
use crate::words::Word;

crate::word_enum! {
    /// How an event arrived.
    pub enum EventSource {
        /// Stripe delivered it.
        Webhook = "webhook",
        /// It was fetched from Stripe's list of events.
        Backfill = "backfill",
    }
}

crate::word_enum! {
    /// Why the signature of a delivery is rejected.
    pub enum SignatureError {
        /// There is no `Stripe-Signature` header.
        Missing = "stripe_signature_missing",
        /// The header cannot be parsed.
        Malformed = "stripe_signature_malformed",
        /// The signature is too old, or its time too far in the future.
        Stale = "stripe_signature_stale",
        /// No active secret matches.
        NoMatch = "stripe_signature_no_match",
    }
}

impl SignatureError {
    /// Whether the delivery may have been Stripe's. Stripe always sends a header that can
    /// be parsed; anyone may call the address without one.
    pub const fn may_be_from_stripe(self) -> bool {
        match self {
            Self::Stale | Self::NoMatch => true,
            Self::Missing | Self::Malformed => false,
        }
    }
}

/// Why a delivery is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RejectionReason {
    /// Its signature.
    Signature(SignatureError),
    /// No connection has this address.
    UnknownEndpoint,
    /// The connection has ended; Stripe is answered with 200.
    ConnectionEnded,
    /// The account of the event is connected to no program.
    UnknownAccount,
    /// An event that names no account arrived at the platform's endpoint.
    NoAccount,
    /// The event is of the other mode, live or test.
    OtherMode,
    /// The body is larger than any event of Stripe's; it was not read.
    TooLarge,
}

impl RejectionReason {
    /// Whether such deliveries are expected, so that there is nothing to repair.
    pub const fn is_expected(self) -> bool {
        matches!(self, Self::ConnectionEnded)
    }
}

impl Word for RejectionReason {
    const NAME: &'static str = "RejectionReason";
    const VARIANTS: &'static [Self] = &[
        Self::Signature(SignatureError::Missing),
        Self::Signature(SignatureError::Malformed),
        Self::Signature(SignatureError::Stale),
        Self::Signature(SignatureError::NoMatch),
        Self::UnknownEndpoint,
        Self::ConnectionEnded,
        Self::UnknownAccount,
        Self::NoAccount,
        Self::OtherMode,
        Self::TooLarge,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Signature(error) => error.word(),
            Self::UnknownEndpoint => "stripe_endpoint_unknown",
            Self::ConnectionEnded => "connection_ended",
            Self::UnknownAccount => "unknown_account",
            Self::NoAccount => "no_account",
            Self::OtherMode => "other_mode",
            Self::TooLarge => "payload_too_large",
        }
    }
}

/// Where a delivery was sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeliveryTarget {
    /// The endpoint of a connection, or a connection that its account belongs to.
    Connection(ConnectionId),
    /// The platform's endpoint, of either mode: a wrong signature does not say which.
    Platform,
    /// An address that no connection has.
    Unknown,
}

impl DeliveryTarget {
    /// The text in the database: a connection's id, `platform` or `unknown`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Connection(id) => id.as_str(),
            Self::Platform => "platform",
            Self::Unknown => "unknown",
        }
    }
}

impl FromStr for DeliveryTarget {
    type Err = <ConnectionId as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "platform" => Self::Platform,
            "unknown" => Self::Unknown,
            id => Self::Connection(id.parse()?),
        })
    }
}

/// Deliveries with a rejected signature at one endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SignatureFailures {
    /// How many so far.
    pub count: i64,
    /// When the last one came, and why it was rejected.
    pub last: Option<(Timestamp, SignatureError)>,
    /// Until when they are settled: a repair or a new secret came after them.
    pub settled_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_has_its_own_word() {
        let words: BTreeSet<_> = RejectionReason::VARIANTS.iter().map(|reason| reason.word()).collect();
        assert_eq!(words.len(), RejectionReason::VARIANTS.len());
        for error in SignatureError::ALL {
            let reason = RejectionReason::from_word(error.word());
            assert_eq!(reason, Some(RejectionReason::Signature(error)));
        }
    }

    #[test]
    fn a_delivery_target_is_read_back() {
        for target in [DeliveryTarget::Platform, DeliveryTarget::Unknown] {
            assert_eq!(target.as_str().parse(), Ok(target));
        }
        assert!("nowhere".parse::<DeliveryTarget>().is_err());
    }
}
