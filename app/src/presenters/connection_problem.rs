//! What is wrong with a connection to Stripe, as a sentence.

use domain::connections::{ConnectionProblem, RevocationReason};

/// What is wrong with a connection, and who can fix it.
pub fn sentence(problem: &ConnectionProblem) -> String {
    match problem {
        ConnectionProblem::AccessRevoked { reason } => match reason {
            RevocationReason::RemovedInDashboard => "Access was removed in Stripe’s dashboard.",
            RevocationReason::GrantRejected => "Stripe no longer accepts the access that was granted.",
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
        ConnectionProblem::RepairFailed { message } => message.clone(),
    }
}
