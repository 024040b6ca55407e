//! A program's connection to Stripe: how it was made, its status, and what can be wrong
//! with it.

use serde::{Deserialize, Serialize};

use crate::ids::ProgramId;
use crate::repairs::RepairLine;

crate::word_enum! {
    /// The status of a connection.
    pub enum ConnectionStatus {
        /// Events are stored and payments credited.
        Connected = "connected",
        /// The merchant ended it here.
        Disconnected = "disconnected",
        /// Stripe ended our access.
        Revoked = "revoked",
    }
}

crate::word_enum! {
    /// How a program is connected.
    pub enum ConnectionMethod {
        /// By signing in with Stripe.
        OAuth = "oauth",
        /// With a restricted key.
        Key = "key",
        /// With an endpoint that the merchant added in Stripe's dashboard.
        Manual = "manual",
    }
}

impl ConnectionMethod {
    /// Whether Honeyguide can call Stripe's API by this method. A manual connection only
    /// receives events.
    pub const fn can_call_stripe(self) -> bool {
        match self {
            Self::OAuth | Self::Key => true,
            Self::Manual => false,
        }
    }
}

crate::word_enum! {
    /// Live payments or test data; the two never mix.
    pub enum StripeMode {
        /// Real payments.
        Live = "live",
        /// Stripe's test data.
        Test = "test",
    }
}

impl StripeMode {
    /// Stripe's field `livemode`.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Live)
    }
}

crate::word_enum! {
    /// What a platform asks merchants for (Stripe docs: connect/oauth-reference).
    pub enum OAuthScope {
        /// Reading. Stripe grants it to extensions only.
        ReadOnly = "read_only",
        /// Reading and writing.
        ReadWrite = "read_write",
    }
}

crate::word_enum! {
    /// The status of a webhook endpoint at Stripe.
    pub enum EndpointStatus {
        /// Stripe sends events to it.
        Enabled = "enabled",
        /// Stripe sends nothing.
        Disabled = "disabled",
    }
}

crate::word_enum! {
    /// Why Stripe ended our access.
    pub enum RevocationReason {
        /// The merchant removed access in Stripe's dashboard.
        RemovedInDashboard = "removed_in_dashboard",
        /// Stripe rejects the access that OAuth granted.
        GrantRejected = "grant_rejected",
        /// Stripe rejects the restricted key: it was deleted, rolled or has expired.
        KeyRejected = "key_rejected",
        /// The Stripe App was uninstalled, or its refresh token expired.
        AppRemoved = "app_removed",
    }
}

/// What was wrong with a connection when it was last used. Stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ConnectionProblem {
    /// Stripe ended our access.
    AccessRevoked {
        /// Why.
        reason: RevocationReason,
    },
    /// Stripe rejects the platform's own key: the operator has to replace it.
    PlatformKeyRejected,
    /// The platform's webhook endpoint could not be created.
    PlatformEndpointMissing {
        /// What Stripe said.
        message: String,
    },
    /// The last repair found something that it could not fix.
    RepairFailed {
        /// The line of its report that says what.
        line: RepairLine,
    },
    /// The account has no endpoint of this server: it was deleted at Stripe.
    EndpointMissing,
    /// Our endpoint was disabled at Stripe.
    EndpointDisabled,
    /// Our endpoint sends to another address.
    EndpointMoved {
        /// Where it sends.
        url: String,
    },
    /// Our endpoint does not send these types.
    EventTypesMissing {
        /// Such as `invoice.paid`.
        missing: Vec<String>,
    },
    /// Our endpoint sends events in another API version, which cannot be changed.
    OtherVersion,
    /// Our endpoint signs with a secret that is not stored here.
    SecretUnknown,
}

impl ConnectionProblem {
    /// The stable code of the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AccessRevoked { .. } => "access_revoked",
            Self::PlatformKeyRejected => "platform_key_rejected",
            Self::PlatformEndpointMissing { .. } => "platform_endpoint_missing",
            Self::RepairFailed { .. } => "repair_failed",
            Self::EndpointMissing => "endpoint_missing",
            Self::EndpointDisabled => "endpoint_disabled",
            Self::EndpointMoved { .. } => "endpoint_moved",
            Self::EventTypesMissing { .. } => "event_types_missing",
            Self::OtherVersion => "other_version",
            Self::SecretUnknown => "secret_unknown",
        }
    }

    /// Whether it was found by looking at our endpoint: the next look that finds nothing
    /// ends it.
    pub const fn is_of_endpoint(&self) -> bool {
        match self {
            Self::AccessRevoked { .. }
            | Self::PlatformKeyRejected
            | Self::PlatformEndpointMissing { .. }
            | Self::RepairFailed { .. } => false,
            Self::EndpointMissing
            | Self::EndpointDisabled
            | Self::EndpointMoved { .. }
            | Self::EventTypesMissing { .. }
            | Self::OtherVersion
            | Self::SecretUnknown => true,
        }
    }

    /// All codes, for the document of the API.
    pub const CODES: [&'static str; 10] = [
        "access_revoked",
        "platform_key_rejected",
        "platform_endpoint_missing",
        "repair_failed",
        "endpoint_missing",
        "endpoint_disabled",
        "endpoint_moved",
        "event_types_missing",
        "other_version",
        "secret_unknown",
    ];
}

crate::word_enum! {
    /// Why Stripe refused to connect an account by OAuth.
    pub enum OAuthRefusal {
        /// The merchant declined.
        Denied = "denied",
        /// The authorization code was used before or has expired.
        CodeUsed = "code_used",
        /// Access was granted in the other mode, live or test.
        WrongMode = "wrong_mode",
        /// Stripe does not grant the scope that this server requests.
        Scope = "scope",
        /// Stripe does not know this server's platform.
        UnknownPlatform = "unknown_platform",
        /// Stripe did not answer.
        StripeUnavailable = "stripe_unavailable",
        /// Something else.
        Other = "other",
    }
}

/// The outcome of an attempt to connect by OAuth. Stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum OAuthOutcome {
    /// The program is connected.
    Connected,
    /// The merchant came back too late.
    Expired,
    /// Stripe refused, or the merchant did.
    Refused {
        /// Why.
        reason: OAuthRefusal,
        /// What Stripe said, where it said something; safe to show.
        message: Option<String>,
    },
    /// The account is connected to another program.
    OtherProgram {
        /// The Stripe account.
        account: String,
        /// The program that has it, not necessarily of the same company.
        program_id: ProgramId,
    },
    /// The program is connected to another account.
    OtherAccount {
        /// That account, where it is known.
        account: Option<String>,
    },
    /// An error of this server; its log has the details.
    Failed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_read_back_by_its_code() {
        let all = [
            ConnectionProblem::AccessRevoked { reason: RevocationReason::AppRemoved },
            ConnectionProblem::PlatformKeyRejected,
            ConnectionProblem::PlatformEndpointMissing { message: "no".to_owned() },
            ConnectionProblem::RepairFailed { line: RepairLine::AccountShared },
            ConnectionProblem::EndpointMissing,
            ConnectionProblem::EndpointDisabled,
            ConnectionProblem::EndpointMoved { url: "https://old.example".to_owned() },
            ConnectionProblem::EventTypesMissing { missing: vec!["invoice.paid".to_owned()] },
            ConnectionProblem::OtherVersion,
            ConnectionProblem::SecretUnknown,
        ];
        assert_eq!(all.each_ref().map(ConnectionProblem::code), ConnectionProblem::CODES);
        for problem in all {
            let json = serde_json::to_value(&problem).unwrap();
            assert_eq!(json["code"], problem.code());
            assert_eq!(serde_json::from_value::<ConnectionProblem>(json).unwrap(), problem);
        }
    }

    #[test]
    fn an_outcome_is_read_back() {
        let refused = OAuthOutcome::Refused { reason: OAuthRefusal::Scope, message: None };
        for outcome in [OAuthOutcome::Connected, refused, OAuthOutcome::OtherAccount { account: None }] {
            let json = serde_json::to_string(&outcome).unwrap();
            assert_eq!(serde_json::from_str::<OAuthOutcome>(&json).unwrap(), outcome);
        }
    }
}
