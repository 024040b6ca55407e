//! What the integration check and the test sale of a program found, as data.

use serde::{Deserialize, Serialize};

use crate::money::Money;

crate::word_enum! {
    /// A part of the way from a click to the ledger.
    pub enum CheckKind {
        /// The script on the merchant's pages.
        Script = "script",
        /// The domain that its cookie is kept for.
        Cookie = "cookie",
        /// The click's token in Stripe's checkout.
        Metadata = "metadata",
        /// The endpoint's signing secret.
        Secret = "secret",
        /// The types of events that arrive.
        EventTypes = "event_types",
        /// The API version that events are written in.
        ApiVersion = "api_version",
        /// Events that wait to be processed.
        Queue = "queue",
        /// The hold period, where Stripe sells as merchant of record.
        HoldPeriod = "hold_period",
    }
}

crate::word_enum! {
    /// How a part stands.
    pub enum CheckVerdict {
        /// In place.
        Good = "good",
        /// Nothing has arrived yet that could show it.
        Waiting = "waiting",
        /// Something has to be done.
        Bad = "bad",
    }
}

/// Why a part stands as it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckReason {
    /// One of the merchant's pages has loaded the script lately.
    ScriptLoaded,
    /// None has for this long.
    ScriptGone {
        /// Days without a load.
        days: i64,
    },
    /// None has yet.
    ScriptNeverLoaded,
    /// One cookie serves all landing pages.
    OneCookie {
        /// The host that it is kept for.
        host: String,
        /// Whether it serves subdomains too: an IP address has none.
        has_subdomains: bool,
    },
    /// Some landing pages cannot read the cookie of the first.
    CookiesApart {
        /// The domain of the first landing page.
        home: String,
        /// The hosts that are not allowed.
        others: Vec<String>,
    },
    /// No payment has arrived lately.
    NoPayments {
        /// The days that were looked at.
        days: i64,
    },
    /// So many of the last payments carried a click's token.
    Tokens {
        /// Payments with a token.
        with: usize,
        /// Payments that were looked at.
        all: usize,
    },
    /// The program is not connected to Stripe.
    NotConnected,
    /// The last delivery was rejected for its signature.
    SignatureRejected,
    /// The last delivery was signed with the stored secret.
    SignatureValid,
    /// Nothing was delivered yet.
    NoDelivery,
    /// No event has arrived yet.
    NoEvents,
    /// Events arrive, but none of these types, which report a payment.
    NoPaidEvents {
        /// Such as `invoice.paid`.
        needed: Vec<String>,
    },
    /// In this API version charges do not name their invoice, and the event type that links
    /// them has not arrived.
    LinkTypeMissing {
        /// The version.
        version: String,
    },
    /// So many of the core types have arrived lately.
    EventTypes {
        /// Types that arrived.
        seen: usize,
        /// All core types.
        all: usize,
    },
    /// The version is not known before the first event.
    VersionUnknown {
        /// The oldest version that is supported.
        oldest: String,
    },
    /// Events of this version can be read.
    VersionSupported {
        /// Such as `2025-02-24.acacia`.
        version: String,
    },
    /// Events of this version cannot be relied on.
    VersionTooOld {
        /// The version of the events.
        version: String,
        /// The oldest version that is supported.
        oldest: String,
        /// The version to choose for a new endpoint.
        recommended: String,
    },
    /// Payments are sold through Stripe Managed Payments, which may refund them for this long.
    ManagedPayments {
        /// Days for which Link may refund a payment.
        refund_days: i64,
        /// The hold period of the terms, days.
        hold_days: i64,
    },
    /// Events are processed within seconds.
    QueueMoving,
    /// Events wait for longer than they should.
    QueueStuck {
        /// How long they may wait, minutes.
        minutes: i64,
    },
}

/// A line of the integration check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Which part.
    pub kind: CheckKind,
    /// How it stands.
    pub verdict: CheckVerdict,
    /// Why.
    pub reason: CheckReason,
}

impl Check {
    /// A line.
    pub fn new(kind: CheckKind, verdict: CheckVerdict, reason: CheckReason) -> Self {
        Self { kind, verdict, reason }
    }
}

/// A step of a test sale, and its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestSaleStep {
    /// The link was followed and its click stored.
    Click {
        /// Where the link leads.
        website: String,
    },
    /// Following the link stored no click.
    NoClick,
    /// A signed event was accepted and stored.
    SignedEvent,
    /// The signed event was rejected.
    EventRejected {
        /// Why, in a sentence.
        reason: String,
    },
    /// The payment was credited to the click's affiliate.
    Conversion {
        /// What was paid.
        paid: Money,
        /// The commission that was recorded.
        earned: Money,
        /// The commission by the current terms; `None` when they give none.
        expected: Option<Money>,
    },
    /// The payment was not credited to the click's affiliate.
    NoConversion,
    /// The ledger was verified.
    Ledger {
        /// Its entries.
        entries: i64,
        /// The first thing that does not fit, in a sentence.
        problem: Option<String>,
    },
}

impl TestSaleStep {
    /// Whether it went as it must.
    pub fn has_passed(&self) -> bool {
        match self {
            Self::Click { .. } | Self::SignedEvent => true,
            Self::NoClick | Self::EventRejected { .. } | Self::NoConversion => false,
            Self::Conversion { earned, expected, .. } => expected.as_ref() == Some(earned),
            Self::Ledger { entries, problem } => *entries > 0 && problem.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_passes_only_when_all_values_match() {
        let money = |minor| Money::new(minor, "usd".parse().unwrap());
        let conversion = |earned, expected| TestSaleStep::Conversion {
            paid: money(10_000),
            earned: money(earned),
            expected,
        };
        assert!(conversion(2_000, Some(money(2_000))).has_passed());
        assert!(!conversion(2_000, Some(money(2_500))).has_passed());
        assert!(!conversion(2_000, None).has_passed());
        assert!(!TestSaleStep::Ledger { entries: 0, problem: None }.has_passed());
        let problem = Some("a hash does not fit".to_owned());
        assert!(!TestSaleStep::Ledger { entries: 3, problem }.has_passed());
    }
}
