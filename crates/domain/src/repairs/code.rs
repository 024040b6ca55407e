//! The stable codes of report lines, for the API.

use super::line::{EndpointFix, EndpointVerdict, ManualStep, RepairLine, RepairStep};

crate::word_enum! {
    /// What a line says, as a stable word for programs.
    pub enum RepairLineCode {
        /// Stripe answers for the account.
        AccountReached = "account_reached",
        /// There is no usable key or token.
        AccountUnreachable = "account_unreachable",
        /// The account feeds another program too.
        AccountShared = "account_shared",
        /// The endpoint is in order.
        EndpointHealthy = "endpoint_healthy",
        /// The endpoint can be fixed in place.
        EndpointDefective = "endpoint_defective",
        /// The account has no endpoint of this server.
        EndpointMissing = "endpoint_missing",
        /// The endpoint's signing secret is not stored here.
        SecretLost = "secret_lost",
        /// The endpoint sends events in another API version.
        OtherVersion = "other_version",
        /// The endpoint's signing secret was rolled in Stripe.
        SecretRolled = "secret_rolled",
        /// An endpoint was created.
        EndpointCreated = "endpoint_created",
        /// Stripe created an endpoint without telling its secret.
        SecretNotReturned = "secret_not_returned",
        /// The account has as many endpoints as Stripe allows.
        EndpointLimitReached = "endpoint_limit_reached",
        /// The endpoint was switched on.
        EndpointEnabled = "endpoint_enabled",
        /// The endpoint's address was corrected.
        UrlCorrected = "url_corrected",
        /// Event types were added to the endpoint.
        EventTypesAdded = "event_types_added",
        /// A fix was left out because an earlier one failed.
        FixSkipped = "fix_skipped",
        /// An endpoint was deleted.
        EndpointDeleted = "endpoint_deleted",
        /// Every missed event was fetched.
        EventsFetched = "events_fetched",
        /// As many missed events were fetched as one repair may.
        EventsPartlyFetched = "events_partly_fetched",
        /// The account could not be reached.
        ReachAccountFailed = "reach_account_failed",
        /// The account's endpoints could not be listed.
        FindEndpointFailed = "find_endpoint_failed",
        /// The endpoint could not be created.
        CreateEndpointFailed = "create_endpoint_failed",
        /// The endpoint could not be fixed.
        FixEndpointFailed = "fix_endpoint_failed",
        /// An endpoint could not be deleted.
        DeleteEndpointFailed = "delete_endpoint_failed",
        /// Missed events could not all be fetched.
        FetchEventsFailed = "fetch_events_failed",
        /// Manual: what the last rejected delivery shows.
        LastRejection = "last_rejection",
        /// By hand: open the endpoint in Stripe.
        OpenDashboard = "open_dashboard",
        /// By hand: switch the endpoint on.
        CheckEnabled = "check_enabled",
        /// By hand: compare the address.
        CheckUrl = "check_url",
        /// By hand: compare the event types.
        CheckEventTypes = "check_event_types",
        /// By hand: compare the signing secret.
        CheckSecret = "check_secret",
        /// By hand: look at the API version.
        CheckVersion = "check_version",
        /// By hand: send missed events again.
        ResendEvents = "resend_events",
    }
}

impl RepairLine {
    /// The stable word for programs.
    pub fn code(&self) -> RepairLineCode {
        use RepairLineCode as Code;
        match self {
            Self::AccountReached { .. } => Code::AccountReached,
            Self::AccountUnreachable { .. } => Code::AccountUnreachable,
            Self::AccountShared => Code::AccountShared,
            Self::EndpointsListed { verdict, .. } => match verdict {
                EndpointVerdict::Healthy { .. } => Code::EndpointHealthy,
                EndpointVerdict::Defective { .. } => Code::EndpointDefective,
                EndpointVerdict::Missing => Code::EndpointMissing,
                EndpointVerdict::SecretLost => Code::SecretLost,
                EndpointVerdict::OtherVersion { .. } => Code::OtherVersion,
                EndpointVerdict::SecretRolled => Code::SecretRolled,
            },
            Self::EndpointCreated { .. } => Code::EndpointCreated,
            Self::SecretNotReturned { .. } => Code::SecretNotReturned,
            Self::EndpointLimitReached { .. } => Code::EndpointLimitReached,
            Self::EndpointFixed(EndpointFix::Enable) => Code::EndpointEnabled,
            Self::EndpointFixed(EndpointFix::CorrectUrl { .. }) => Code::UrlCorrected,
            Self::EndpointFixed(EndpointFix::AddEventTypes { .. }) => Code::EventTypesAdded,
            Self::FixSkipped(_) => Code::FixSkipped,
            Self::EndpointDeleted { .. } => Code::EndpointDeleted,
            Self::EventsFetched { .. } => Code::EventsFetched,
            Self::EventsPartlyFetched { .. } => Code::EventsPartlyFetched,
            Self::Failed { step, .. } => match step {
                RepairStep::ReachAccount => Code::ReachAccountFailed,
                RepairStep::FindEndpoint => Code::FindEndpointFailed,
                RepairStep::CreateEndpoint { .. } => Code::CreateEndpointFailed,
                RepairStep::FixEndpoint(_) => Code::FixEndpointFailed,
                RepairStep::DeleteEndpoint => Code::DeleteEndpointFailed,
                RepairStep::FetchEvents { .. } => Code::FetchEventsFailed,
            },
            Self::Manual(step) => match step {
                ManualStep::LastRejection(_) => Code::LastRejection,
                ManualStep::OpenDashboard { .. } => Code::OpenDashboard,
                ManualStep::CheckEnabled => Code::CheckEnabled,
                ManualStep::CheckUrl { .. } => Code::CheckUrl,
                ManualStep::CheckEventTypes { .. } => Code::CheckEventTypes,
                ManualStep::CheckSecret { .. } => Code::CheckSecret,
                ManualStep::CheckVersion { .. } => Code::CheckVersion,
                ManualStep::ResendEvents => Code::ResendEvents,
            },
        }
    }
}
