//! Reconciliations in words, for the page and the API.

use domain::reconciliations::{ReconciliationOutcome, ReconciliationStep};
use domain::repairs::StripeFailure;

use crate::text::count;

/// What a reconciliation left out, or why it failed; `None` when every charge was compared.
pub fn reconciliation_problem(outcome: &ReconciliationOutcome) -> Option<String> {
    match outcome {
        ReconciliationOutcome::Complete => None,
        ReconciliationOutcome::Partial { charges } => Some(format!(
            "Only the newest {} charges of the period were compared. Compare the rest in a shorter period.",
            count(*charges)
        )),
        ReconciliationOutcome::Unreachable { reason } => Some(reason.clone()),
        ReconciliationOutcome::Failed { step, failure, message } => {
            let step = match step {
                ReconciliationStep::Backfill => "Missing payments could not be imported.",
                ReconciliationStep::ListCharges => "Stripe’s charges could not be read.",
            };
            let advice = match failure {
                StripeFailure::AccessLost => {
                    return Some(format!("{step} Access has ended. Reconnect Stripe."));
                }
                StripeFailure::PermissionMissing => {
                    " Give the key the permission in Stripe, then compare again."
                }
                StripeFailure::PlatformPermissionMissing | StripeFailure::PlatformKeyRejected => {
                    " This server’s operator has to check its platform key."
                }
                StripeFailure::NoAnswer => " Try again in a few minutes.",
                StripeFailure::Rejected => "",
            };
            Some(format!("{step} Stripe says: {message}{advice}"))
        }
        ReconciliationOutcome::Interrupted => {
            Some("The server stopped during the comparison. Start it again.".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_to_do() {
        let text = |failure| {
            let (step, message) = (ReconciliationStep::ListCharges, "No.".to_owned());
            reconciliation_problem(&ReconciliationOutcome::Failed { step, failure, message }).unwrap()
        };
        assert!(text(StripeFailure::NoAnswer).contains("Stripe says: No. Try again"));
        assert!(text(StripeFailure::PermissionMissing).contains("permission"));
        assert!(text(StripeFailure::AccessLost).contains("Reconnect"));
        assert_eq!(reconciliation_problem(&ReconciliationOutcome::Complete), None);
    }
}
