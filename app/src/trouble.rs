//! What can be wrong with a program's tracking or its connection to Stripe, as the entries
//! of the troubleshooting list.

use domain::connections::ConnectionProblem;
use domain::deliveries::SignatureError;

/// An entry of the troubleshooting list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "their titles say it, see pages::settings::tracking::troubleshooting")]
pub enum Trouble {
    Connecting,
    AccessEnded,
    PlatformKey,
    PlatformEndpoint,
    NoWebhook,
    EndpointDeleted,
    EndpointDisabled,
    EndpointMoved,
    EventTypes,
    OtherVersion,
    SigningSecret,
    Clock,
    SignatureHeader,
    RepairFailed,
    EventsWaiting,
    EventsFailed,
    SeveralAccounts,
    MissingConversion,
    WrongAffiliate,
}

impl Trouble {
    /// All entries, in their order.
    pub const ALL: [Self; 19] = [
        Self::Connecting,
        Self::AccessEnded,
        Self::PlatformKey,
        Self::PlatformEndpoint,
        Self::NoWebhook,
        Self::EndpointDeleted,
        Self::EndpointDisabled,
        Self::EndpointMoved,
        Self::EventTypes,
        Self::OtherVersion,
        Self::SigningSecret,
        Self::Clock,
        Self::SignatureHeader,
        Self::RepairFailed,
        Self::EventsWaiting,
        Self::EventsFailed,
        Self::SeveralAccounts,
        Self::MissingConversion,
        Self::WrongAffiliate,
    ];

    /// The id of the entry on its page.
    pub const fn anchor(self) -> &'static str {
        match self {
            Self::Connecting => "trouble-connecting",
            Self::AccessEnded => "trouble-access-ended",
            Self::PlatformKey => "trouble-platform-key",
            Self::PlatformEndpoint => "trouble-platform-endpoint",
            Self::NoWebhook => "trouble-no-webhook",
            Self::EndpointDeleted => "trouble-endpoint-deleted",
            Self::EndpointDisabled => "trouble-endpoint-disabled",
            Self::EndpointMoved => "trouble-endpoint-moved",
            Self::EventTypes => "trouble-event-types",
            Self::OtherVersion => "trouble-api-version",
            Self::SigningSecret => "trouble-signing-secret",
            Self::Clock => "trouble-clock",
            Self::SignatureHeader => "trouble-signature-header",
            Self::RepairFailed => "trouble-repair",
            Self::EventsWaiting => "trouble-events-waiting",
            Self::EventsFailed => "trouble-events-failed",
            Self::SeveralAccounts => "trouble-several-accounts",
            Self::MissingConversion => "trouble-missing-conversion",
            Self::WrongAffiliate => "trouble-wrong-affiliate",
        }
    }

    /// The entry about a problem of a connection.
    pub const fn of_problem(problem: &ConnectionProblem) -> Self {
        match problem {
            ConnectionProblem::AccessRevoked { .. } => Self::AccessEnded,
            ConnectionProblem::PlatformKeyRejected => Self::PlatformKey,
            ConnectionProblem::PlatformEndpointMissing { .. } => Self::PlatformEndpoint,
            ConnectionProblem::RepairFailed { .. } => Self::RepairFailed,
            ConnectionProblem::EndpointMissing => Self::EndpointDeleted,
            ConnectionProblem::EndpointDisabled => Self::EndpointDisabled,
            ConnectionProblem::EndpointMoved { .. } => Self::EndpointMoved,
            ConnectionProblem::EventTypesMissing { .. } => Self::EventTypes,
            ConnectionProblem::OtherVersion => Self::OtherVersion,
            ConnectionProblem::SecretUnknown => Self::SigningSecret,
        }
    }

    /// The entry about a rejected signature.
    pub const fn of_signature(error: SignatureError) -> Self {
        match error {
            SignatureError::Missing | SignatureError::Malformed => Self::SignatureHeader,
            SignatureError::Stale => Self::Clock,
            SignatureError::NoMatch => Self::SigningSecret,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_entry_has_its_own_anchor() {
        let anchors: BTreeSet<_> = Trouble::ALL.map(Trouble::anchor).into();
        assert_eq!(anchors.len(), Trouble::ALL.len());
    }
}
