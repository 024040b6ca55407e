//! What is wrong with a connection to Stripe, as a sentence.

use domain::connections::{ConnectionProblem, RevocationReason};

use crate::presenters::repair::repair_line;
use crate::text::plural;

/// What is wrong with a connection, and who can fix it.
pub fn sentence(problem: &ConnectionProblem) -> String {
    match problem {
        ConnectionProblem::AccessRevoked { reason } => match reason {
            RevocationReason::RemovedInDashboard => "Access was removed in the Stripe Dashboard.",
            RevocationReason::GrantRejected => "Stripe no longer accepts our access.",
            RevocationReason::KeyRejected => {
                "Stripe no longer accepts the restricted key: it was deleted, rolled or has expired."
            }
            RevocationReason::AppRemoved => {
                "The app was removed from the Stripe account, or its access expired."
            }
        }
        .to_owned(),
        ConnectionProblem::PlatformKeyRejected => {
            "Stripe rejects this server’s platform key. Its operator has to replace it.".to_owned()
        }
        ConnectionProblem::PlatformEndpointMissing { message } => {
            format!("The webhook endpoint could not be created: {message}")
        }
        ConnectionProblem::RepairFailed { line } => repair_line(line).detail,
        ConnectionProblem::EndpointMissing => {
            "Our webhook endpoint was deleted in Stripe, so no events arrive. Press Repair Webhooks.".to_owned()
        }
        ConnectionProblem::EndpointDisabled => {
            "Our webhook endpoint is disabled in Stripe, so no events arrive. Press Repair Webhooks.".to_owned()
        }
        ConnectionProblem::EndpointMoved { url } => {
            format!("Our webhook endpoint sends to {url}, so no events arrive here. Press Repair Webhooks.")
        }
        ConnectionProblem::EventTypesMissing { missing } => format!(
            "Our webhook endpoint does not send {}. Press Repair Webhooks.",
            plural(missing.len() as i64, "required event type", "required event types")
        ),
        ConnectionProblem::OtherVersion => {
            "Our webhook endpoint sends another API version. Press Repair Webhooks to replace it.".to_owned()
        }
        ConnectionProblem::SecretUnknown => {
            "Our webhook endpoint signs with a secret that is not stored here, so its events are rejected. Press \
             Repair Webhooks to replace it."
                .to_owned()
        }
    }
}
