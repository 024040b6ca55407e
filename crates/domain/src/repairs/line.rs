//! The lines of a repair's report, as data.

use serde::{Deserialize, Serialize};

crate::word_enum! {
    /// How a line of a report stands.
    pub enum LineStatus {
        /// In order, or done without a change at Stripe.
        Done = "done",
        /// Something was changed at Stripe, or missed events were fetched.
        Changed = "changed",
        /// It could not be done.
        Failed = "failed",
        /// It was left out because an earlier step failed.
        Skipped = "skipped",
        /// Something for a person to do or know.
        Notice = "notice",
    }
}

crate::word_enum! {
    /// Why Stripe rejected a request.
    pub enum StripeFailure {
        /// The account's access has ended; the connection is revoked.
        AccessLost = "access_lost",
        /// The key of this server's platform is not accepted.
        PlatformKeyRejected = "platform_key_rejected",
        /// The merchant's key is missing a permission.
        PermissionMissing = "permission_missing",
        /// The key of this server's platform is missing a permission.
        PlatformPermissionMissing = "platform_permission_missing",
        /// No usable answer came; the same call may work later.
        NoAnswer = "no_answer",
        /// Stripe refused for another reason.
        Rejected = "rejected",
    }
}

impl StripeFailure {
    /// Whether the same call may work later without anyone doing anything.
    pub fn is_temporary(self) -> bool {
        self == Self::NoAnswer
    }
}

/// What was found among the endpoints of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointVerdict {
    /// This endpoint is in order.
    Healthy {
        /// Stripe's id, `we_…`.
        endpoint: String,
    },
    /// This endpoint can be fixed in place.
    Defective {
        /// Stripe's id, `we_…`.
        endpoint: String,
    },
    /// The account has no endpoint of this server.
    Missing,
    /// Its signing secret is not stored here, and Stripe shows it only once.
    SecretLost,
    /// It sends events in another version than this one, which cannot be changed.
    OtherVersion {
        /// The version that is needed.
        needed: String,
    },
    /// Its signing secret was rolled in Stripe.
    SecretRolled,
}

/// A change of an endpoint in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointFix {
    /// It was disabled and is switched on.
    Enable,
    /// It sent elsewhere.
    CorrectUrl {
        /// The wrong address.
        from: String,
        /// The right one.
        to: String,
    },
    /// It did not send these types.
    AddEventTypes {
        /// Such as `invoice.paid`.
        missing: Vec<String>,
    },
}

/// Why an endpoint of this server was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeletionReason {
    /// Another one takes its place, or did before.
    NoLongerNeeded,
    /// The account was full.
    MakesRoom,
    /// It was created, but Stripe did not return its secret.
    WithoutSecret,
}

/// A step of a repair that can fail at Stripe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepairStep {
    /// Asking Stripe for the account.
    ReachAccount,
    /// Listing the account's endpoints.
    FindEndpoint,
    /// Creating an endpoint.
    CreateEndpoint {
        /// Whether it takes the place of another one.
        is_replacement: bool,
    },
    /// Changing the endpoint.
    FixEndpoint(EndpointFix),
    /// Deleting an endpoint.
    DeleteEndpoint,
    /// Fetching missed events.
    FetchEvents {
        /// Events that had come before it failed.
        recovered: i64,
    },
}

/// What the last rejected delivery points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectionCause {
    /// Its signature matched none of the stored secrets.
    SecretMismatch,
    /// Its signature was more than five minutes old or ahead.
    ClockDifference,
    /// Its signature was missing or could not be read.
    UnreadableSignature,
}

/// What to look at in Stripe's dashboard, for a manual connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ManualStep {
    /// What the last rejected delivery shows.
    LastRejection(RejectionCause),
    /// Open the endpoint.
    OpenDashboard {
        /// Live or test mode.
        livemode: bool,
        /// Where the endpoint sends.
        url: String,
    },
    /// Look whether it is switched on.
    CheckEnabled,
    /// Compare its address.
    CheckUrl {
        /// The right one.
        url: String,
    },
    /// Compare its event types.
    CheckEventTypes {
        /// All that are needed.
        types: Vec<String>,
    },
    /// Compare its signing secret.
    CheckSecret {
        /// The end of the one that is stored here, if there is one.
        last_four: Option<String>,
    },
    /// Look at its API version.
    CheckVersion {
        /// The best one.
        recommended: String,
    },
    /// Send missed events again.
    ResendEvents,
}

/// A line of a repair's report: what was checked or tried, and the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepairLine {
    /// Stripe answers for the account.
    AccountReached {
        /// Its name or id; `None` when the key may not read the account.
        account: Option<String>,
    },
    /// There is no usable key or token.
    AccountUnreachable {
        /// Why, in a sentence.
        reason: String,
    },
    /// The account is connected to another program too.
    AccountShared,
    /// The account's endpoints were looked through.
    EndpointsListed {
        /// Endpoints of this server.
        ours: usize,
        /// Other endpoints of the account.
        unrelated: usize,
        /// Whether they are those of this server's platform.
        is_platform: bool,
        /// What was found.
        verdict: EndpointVerdict,
    },
    /// An endpoint was created, and its secret is stored.
    EndpointCreated {
        /// Stripe's id, `we_…`.
        endpoint: String,
        /// Whether it takes the place of another one.
        is_replacement: bool,
    },
    /// Stripe created an endpoint without telling its secret.
    SecretNotReturned {
        /// Whether it was to take the place of another one.
        is_replacement: bool,
    },
    /// The account has as many endpoints as Stripe allows.
    EndpointLimitReached {
        /// Whether the new one was to take the place of another one.
        is_replacement: bool,
        /// What Stripe said.
        message: String,
    },
    /// The endpoint was changed.
    EndpointFixed(EndpointFix),
    /// A change was left out because an earlier one failed.
    FixSkipped(EndpointFix),
    /// An endpoint of this server was deleted.
    EndpointDeleted {
        /// Stripe's id, `we_…`.
        endpoint: String,
        /// Why.
        reason: DeletionReason,
    },
    /// Every event since the last complete check was fetched.
    EventsFetched {
        /// Events that Stripe listed.
        fetched: i64,
        /// Those of them that had not arrived.
        recovered: i64,
    },
    /// There are more events than one repair fetches.
    EventsPartlyFetched {
        /// Events that had not arrived.
        recovered: i64,
    },
    /// Stripe rejected a request.
    Failed {
        /// What was tried.
        step: RepairStep,
        /// Why it failed.
        failure: StripeFailure,
        /// The HTTP status of Stripe's answer, if there was one.
        status: Option<u16>,
        /// What Stripe said.
        message: String,
    },
    /// Something to do in Stripe's dashboard.
    Manual(ManualStep),
}

impl RepairLine {
    /// How it stands.
    pub fn status(&self) -> LineStatus {
        match self {
            Self::AccountReached { .. }
            | Self::EndpointsListed {
                verdict: EndpointVerdict::Healthy { .. } | EndpointVerdict::Defective { .. },
                ..
            }
            | Self::EventsFetched { recovered: 0, .. } => LineStatus::Done,
            Self::EndpointCreated { .. }
            | Self::EndpointFixed(_)
            | Self::EndpointDeleted { .. }
            | Self::EventsFetched { .. } => LineStatus::Changed,
            Self::AccountUnreachable { .. }
            | Self::AccountShared
            | Self::SecretNotReturned { .. }
            | Self::EndpointLimitReached { .. }
            | Self::Failed { .. } => LineStatus::Failed,
            Self::FixSkipped(_) => LineStatus::Skipped,
            Self::EndpointsListed { .. } | Self::EventsPartlyFetched { .. } | Self::Manual(_) => {
                LineStatus::Notice
            }
        }
    }

    /// Why Stripe rejected a request, on a line about one.
    pub fn failure(&self) -> Option<StripeFailure> {
        match self {
            Self::Failed { failure, .. } => Some(*failure),
            _ => None,
        }
    }

    /// Whether it stays as it is until a person does something.
    pub fn needs_a_person(&self) -> bool {
        self.status() == LineStatus::Failed && !self.failure().is_some_and(StripeFailure::is_temporary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(failure: StripeFailure) -> RepairLine {
        let step = RepairStep::FixEndpoint(EndpointFix::Enable);
        RepairLine::Failed { step, failure, status: Some(500), message: "No.".to_owned() }
    }

    #[test]
    fn temporary_problems_need_no_person() {
        assert!(!failed(StripeFailure::NoAnswer).needs_a_person());
        assert!(failed(StripeFailure::Rejected).needs_a_person());
        assert!(RepairLine::AccountShared.needs_a_person());
        assert!(!RepairLine::EventsPartlyFetched { recovered: 1 }.needs_a_person());
    }

    #[test]
    fn a_line_survives_its_json() {
        let fix = EndpointFix::CorrectUrl {
            from: "https://a.example".to_owned(),
            to: "https://b.example".to_owned(),
        };
        let lines = [
            failed(StripeFailure::PermissionMissing),
            RepairLine::EndpointFixed(fix),
            RepairLine::Manual(ManualStep::LastRejection(RejectionCause::ClockDifference)),
            RepairLine::AccountShared,
        ];
        for line in lines {
            let json = serde_json::to_string(&line).unwrap();
            assert_eq!(serde_json::from_str::<RepairLine>(&json).unwrap(), line, "{json}");
        }
    }
}
