//! The mail to owners about what the daily check found and cannot fix.

use domain::connections::ConnectionProblem;
use domain::mails::MailKind;
use domain::repairs::{RepairCause, RepairLine, RepairStep, StripeFailure};
use store::connections::Connection;
use store::db::Tx;

use crate::engine::Engine;
use crate::error::Result;
use crate::mail::{self, Letter};

/// A line that failed, in a sentence.
fn problem(line: &RepairLine) -> String {
    match line {
        RepairLine::AccountUnreachable { reason } => reason.clone(),
        RepairLine::AccountShared => {
            "The Stripe account is connected to another program too, so its payments may be credited in both."
                .to_owned()
        }
        RepairLine::SecretNotReturned { .. } => {
            "Stripe’s answer had no signing secret. Start the repair again.".to_owned()
        }
        RepairLine::EndpointLimitReached { .. } => {
            "The account has as many webhook endpoints as Stripe allows. Delete one in Stripe that you no longer need, then repair again."
                .to_owned()
        }
        RepairLine::Failed { step, failure, message, .. } => {
            let step = match step {
                RepairStep::ReachAccount => "The account could not be reached",
                RepairStep::FindEndpoint => "The webhook endpoints could not be listed",
                RepairStep::CreateEndpoint { .. } => "The webhook endpoint could not be created",
                RepairStep::FixEndpoint(_) => "The webhook endpoint could not be changed",
                RepairStep::DeleteEndpoint => "A webhook endpoint could not be deleted",
                RepairStep::FetchEvents { .. } => "Missed events could not all be fetched",
            };
            format!("{step}: {}", reason(*failure, message))
        }
        // Every other line is good news or advice.
        _ => "The Stripe connection needs attention.".to_owned(),
    }
}

fn reason(failure: StripeFailure, message: &str) -> String {
    match failure {
        StripeFailure::AccessLost => "access has ended. Reconnect Stripe.".to_owned(),
        StripeFailure::PlatformKeyRejected => {
            "Stripe rejects this server’s platform key. Its operator has to replace it.".to_owned()
        }
        StripeFailure::PermissionMissing => "the restricted key is missing a permission.".to_owned(),
        StripeFailure::PlatformPermissionMissing => {
            "this server’s platform key is missing a permission. Its operator has to add it.".to_owned()
        }
        StripeFailure::NoAnswer => "Stripe did not answer properly. Try again in a few minutes.".to_owned(),
        StripeFailure::Rejected => format!("Stripe says: {message}"),
    }
}

/// Nobody watches a daily check, so what it cannot fix is sent by mail, once for
/// the same problem.
pub(super) async fn mail_owners(
    engine: &Engine,
    tx: &mut Tx,
    connection: &Connection,
    cause: RepairCause,
    line: &RepairLine,
) -> Result<()> {
    let problem = problem(line);
    let is_known = matches!(
        &connection.problem,
        Some(ConnectionProblem::RepairFailed { line }) if self::problem(line) == problem
    );
    if cause != RepairCause::Daily || is_known {
        return Ok(());
    }
    let Some(program) = store::programs::get_unscoped(tx, &connection.program_id).await? else {
        return Ok(());
    };
    let subject = format!("Stripe needs your attention: {}", program.name);
    let page = engine.stripe_settings_url(&program.id);
    let letter = Letter::new(MailKind::StripeProblem, subject)
        .of(&program.id)
        .text("The daily check found a problem with Stripe that it can’t fix:")
        .quote(problem)
        .text("See the report and press Repair Webhooks.")
        .link("Open Stripe settings", page);
    mail::put_to_owners(engine, tx, &program.merchant_id, &letter).await
}
