//! Repairs in words, for the page and the API.

use domain::money::Money;
use domain::repairs::{
    DeletionReason, EndpointFix, EndpointVerdict, ManualStep, RejectionCause, RepairLine, RepairOutcome,
    RepairStep, StripeFailure,
};

use crate::text::{count, plural};

/// A line of a report in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairText {
    /// What was looked at or tried: "Find our endpoint".
    pub title: String,
    /// The result in a word or two, such as "1 found".
    pub summary: String,
    /// The same in a sentence.
    pub detail: String,
    /// What Stripe said, or what has to be compared or pasted.
    pub quote: Option<String>,
}

impl RepairText {
    fn new(title: impl Into<String>, summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { title: title.into(), summary: summary.into(), detail: detail.into(), quote: None }
    }

    fn quoting(self, quote: impl Into<String>) -> Self {
        Self { quote: Some(quote.into()), ..self }
    }
}

/// How a repair ended, in a sentence; `None` is one that is under way.
pub fn repair_sentence(outcome: Option<RepairOutcome>) -> &'static str {
    match outcome {
        None => "Repair in progress.",
        Some(RepairOutcome::Healthy) => "No problems found.",
        Some(RepairOutcome::Repaired) => "All problems fixed.",
        Some(RepairOutcome::NeedsAttention) => "There is something left for you to do.",
        Some(RepairOutcome::Interrupted) => "The server stopped during the repair. Start it again.",
    }
}

/// By how much fetched events have changed commissions, in a sentence.
pub fn recovered_sentence(commissions: &[Money]) -> String {
    let sums: Vec<String> = commissions.iter().filter(|sum| sum.minor != 0).map(Money::to_string).collect();
    if sums.is_empty() {
        "Missed events changed no commission.".to_owned()
    } else {
        format!("Missed events changed commissions by {}.", sums.join(" and "))
    }
}

/// A line in words.
pub fn repair_line(line: &RepairLine) -> RepairText {
    match line {
        RepairLine::AccountReached { account: Some(account) } => {
            RepairText::new(REACH, "done", format!("Stripe answers for the account {account}."))
        }
        RepairLine::AccountReached { account: None } => {
            RepairText::new(REACH, "done", "The key works. It cannot read the account’s name, which is not needed.")
        }
        RepairLine::AccountUnreachable { reason } => RepairText::new(REACH, "failed", reason.clone()),
        RepairLine::AccountShared => RepairText::new(
            "Check other programs",
            "shared",
            "This Stripe account is connected to another program too. Its events cannot be told apart, so payments \
             may be credited in both. Disconnect one of them.",
        ),
        RepairLine::EndpointsListed { ours, unrelated, is_platform, verdict } => {
            listed(*ours, *unrelated, *is_platform, verdict)
        }
        RepairLine::EndpointCreated { endpoint, is_replacement } => RepairText::new(
            create_title(*is_replacement),
            "created",
            format!("{endpoint} now sends to this server. Its signing secret is stored encrypted."),
        ),
        RepairLine::SecretNotReturned { is_replacement } => RepairText::new(
            create_title(*is_replacement),
            "not created",
            "Stripe’s answer had no signing secret. Start the repair again.",
        ),
        RepairLine::EndpointLimitReached { is_replacement, message } => RepairText::new(
            create_title(*is_replacement),
            "refused",
            "The account has as many webhook endpoints as Stripe allows. Delete one in Stripe that you no longer need, then repair again.",
        )
        .quoting(message),
        RepairLine::EndpointFixed(fix) => RepairText::new(fix_title(fix), "done", fixed(fix)),
        RepairLine::FixSkipped(fix) => {
            RepairText::new(fix_title(fix), "skipped", "Skipped because an earlier step failed.")
        }
        RepairLine::EndpointDeleted { endpoint, reason } => {
            let why = match reason {
                DeletionReason::NoLongerNeeded => "It was created by this server and is no longer needed.",
                DeletionReason::MakesRoom => "This makes room: an account can have 16 endpoints.",
                DeletionReason::WithoutSecret => "It cannot be used without its secret.",
            };
            RepairText::new(DELETE, "deleted", format!("{endpoint}. {why}"))
        }
        RepairLine::EventsFetched { fetched: 0, .. } => {
            RepairText::new(FETCH, "none missing", "Nothing has happened since the last check.")
        }
        RepairLine::EventsFetched { recovered: 0, .. } => {
            RepairText::new(FETCH, "none missing", "Every event had already arrived.")
        }
        RepairLine::EventsFetched { fetched, recovered } => RepairText::new(
            FETCH,
            fetched_summary(*recovered),
            format!(
                "{} checked; {} had not arrived and will be processed now.",
                plural(*fetched, "event was", "events were"),
                count(*recovered)
            ),
        ),
        RepairLine::EventsPartlyFetched { recovered } => RepairText::new(
            FETCH,
            fetched_summary(*recovered),
            "There are more events than one repair fetches. The older ones are left out.",
        ),
        RepairLine::Failed { step, failure, status, message } => {
            failed(step, *failure, *status).quoting(message)
        }
        RepairLine::Manual(step) => manual(step),
    }
}

const REACH: &str = "Reach the account";
const FIND: &str = "Find our endpoint";
const DELETE: &str = "Delete an old endpoint";
const FETCH: &str = "Fetch missed events";

fn create_title(is_replacement: bool) -> &'static str {
    if is_replacement { "Replace the endpoint" } else { "Create the endpoint" }
}

fn fetched_summary(recovered: i64) -> String {
    if recovered == 0 { "none missing".to_owned() } else { format!("{} fetched", count(recovered)) }
}

fn listed(ours: usize, unrelated: usize, is_platform: bool, verdict: &EndpointVerdict) -> RepairText {
    let found = format!("{ours} found");
    let (summary, text) = match verdict {
        EndpointVerdict::Healthy { endpoint } => (found, format!("{endpoint} is set up correctly.")),
        EndpointVerdict::Defective { endpoint } => (found, format!("{endpoint} needs repair.")),
        EndpointVerdict::Missing => {
            let account = if is_platform { "This server’s platform" } else { "The account" };
            ("none found".to_owned(), format!("{account} has no endpoint for this server."))
        }
        EndpointVerdict::SecretLost => {
            (found, "Its signing secret is not stored here, and Stripe shows it only once.".to_owned())
        }
        EndpointVerdict::OtherVersion { needed } => (
            found,
            format!("It does not send events in API version {needed}, and Stripe cannot change that."),
        ),
        EndpointVerdict::SecretRolled => {
            (found, "It signs with a secret that is not stored here: it was rolled in Stripe.".to_owned())
        }
    };
    let others = match unrelated {
        0 => String::new(),
        1 => " The other endpoint of the account is left unchanged.".to_owned(),
        others => format!(" The other {others} endpoints of the account are left unchanged."),
    };
    RepairText::new(FIND, summary, text + &others)
}

fn fix_title(fix: &EndpointFix) -> String {
    match fix {
        EndpointFix::Enable => "Enable the endpoint".to_owned(),
        EndpointFix::CorrectUrl { .. } => "Correct the address".to_owned(),
        EndpointFix::AddEventTypes { missing } => {
            format!("Add {}", plural(missing.len() as i64, "missing event type", "missing event types"))
        }
    }
}

fn fixed(fix: &EndpointFix) -> String {
    match fix {
        EndpointFix::Enable => {
            "It was disabled. Stripe does that when a server does not answer for days.".to_owned()
        }
        EndpointFix::CorrectUrl { from, to } => format!("It sent to {from}. It now sends to {to}."),
        EndpointFix::AddEventTypes { missing } => format!("It did not send {}.", missing.join(", ")),
    }
}

fn failed(step: &RepairStep, failure: StripeFailure, status: Option<u16>) -> RepairText {
    let title = match step {
        RepairStep::ReachAccount => REACH.to_owned(),
        RepairStep::FindEndpoint => FIND.to_owned(),
        RepairStep::CreateEndpoint { is_replacement } => create_title(*is_replacement).to_owned(),
        RepairStep::FixEndpoint(fix) => fix_title(fix),
        RepairStep::DeleteEndpoint => DELETE.to_owned(),
        RepairStep::FetchEvents { .. } => FETCH.to_owned(),
    };
    let summary = match step {
        RepairStep::FetchEvents { recovered: 0 } => "not finished".to_owned(),
        RepairStep::FetchEvents { recovered } => fetched_summary(*recovered),
        _ if failure.is_temporary() => "no answer".to_owned(),
        _ => "refused".to_owned(),
    };
    let permission = match step {
        RepairStep::FetchEvents { .. } => "Events: Read",
        RepairStep::ReachAccount => "Accounts: Read",
        _ => "Webhook Endpoints: Write",
    };
    let advice = match failure {
        StripeFailure::AccessLost => {
            "Access has ended: the key was deleted or rolled, or it has expired. Reconnect Stripe.".to_owned()
        }
        StripeFailure::PlatformKeyRejected => {
            "Stripe rejects this server’s platform key. Its operator has to replace it.".to_owned()
        }
        StripeFailure::PlatformPermissionMissing => {
            format!(
                "This server’s platform key is missing a permission. Its operator has to add {permission}."
            )
        }
        StripeFailure::PermissionMissing => {
            format!("The key is missing a permission. Give it {permission} in Stripe, then repair again.")
        }
        StripeFailure::NoAnswer => match step {
            RepairStep::FetchEvents { .. } => {
                "Stripe did not return all events. The next repair fetches the rest.".to_owned()
            }
            _ => "This step changed nothing. Try again in a few minutes.".to_owned(),
        },
        StripeFailure::Rejected => match step {
            RepairStep::FetchEvents { .. } => "Stripe did not return the events.".to_owned(),
            _ => "This step changed nothing.".to_owned(),
        },
    };
    let answer = status.map_or_else(String::new, |status| format!("Stripe answered {status}. "));
    RepairText::new(title, summary, answer + &advice)
}

fn manual(step: &ManualStep) -> RepairText {
    let text = |title: &str, detail: String| RepairText::new(title, "check", detail);
    match step {
        ManualStep::LastRejection(cause) => {
            let cause = match cause {
                RejectionCause::SecretMismatch => {
                    "Its signature matched none of the secrets stored here. Start with the signing secret."
                }
                RejectionCause::ClockDifference => {
                    "Its signature was more than five minutes old. Set this server’s clock first."
                }
                RejectionCause::UnreadableSignature => {
                    "It had no readable signature. A proxy may drop or change the header."
                }
            };
            text("Last rejected delivery", cause.to_owned())
        }
        ManualStep::OpenDashboard { livemode, url } => {
            let dashboard = if *livemode {
                "https://dashboard.stripe.com/webhooks"
            } else {
                "https://dashboard.stripe.com/test/webhooks"
            };
            text(
                "Open the endpoint in Stripe",
                format!("Go to {dashboard} and open the endpoint that sends to {url}. If there is none, add it."),
            )
        }
        ManualStep::CheckEnabled => text(
            "Enable it",
            "Its status must be Enabled. If it says Disabled, open the menu at the top right and choose Enable."
                .to_owned(),
        ),
        ManualStep::CheckUrl { url } => {
            text("Compare the address", "It must be exactly this.".to_owned()).quoting(url)
        }
        ManualStep::CheckEventTypes { types } => {
            text("Compare the event types", "Press Edit. These must be selected.".to_owned()).quoting(types.join(", "))
        }
        ManualStep::CheckSecret { last_four: Some(ending) } => text(
            "Compare the signing secret",
            format!(
                "Press Reveal under Signing secret. It must end in {ending}. If it does not, paste it here under Add \
                 a rolled secret."
            ),
        ),
        ManualStep::CheckSecret { last_four: None } => text(
            "Compare the signing secret",
            "No signing secret is stored here. Press Reveal under Signing secret and paste it here.".to_owned(),
        ),
        ManualStep::CheckVersion { recommended } => text(
            "Check the API version",
            format!(
                "{recommended} is recommended. Newer versions work too; payments without an invoice are then credited \
                 up to an hour late."
            ),
        ),
        ManualStep::ResendEvents => text(
            "Resend missed events",
            "Under Events of the endpoint, choose Failed and press Resend for each. Stripe keeps them for 15 days. \
             With a restricted key, Honeyguide fetches them itself."
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_permission_is_named() {
        let failed = |step, failure| {
            let line =
                RepairLine::Failed { step, failure, status: Some(403), message: "Not allowed.".to_owned() };
            repair_line(&line)
        };
        let text = failed(RepairStep::FindEndpoint, StripeFailure::PermissionMissing);
        assert!(
            text.detail.contains("Stripe answered 403. ") && text.detail.contains("Webhook Endpoints: Write")
        );
        assert_eq!(text.quote.as_deref(), Some("Not allowed."));
        let text = failed(RepairStep::FetchEvents { recovered: 0 }, StripeFailure::PlatformPermissionMissing);
        assert!(text.detail.contains("operator has to add Events: Read"), "{text:?}");
        assert_eq!(text.summary, "not finished");
    }

    #[test]
    fn the_dashboard_is_that_of_the_mode() {
        let open = |livemode| {
            let step = ManualStep::OpenDashboard { livemode, url: "https://hg.example/w".to_owned() };
            repair_line(&RepairLine::Manual(step)).detail
        };
        assert!(open(true).contains("https://dashboard.stripe.com/webhooks"));
        assert!(open(false).contains("/test/webhooks"));
    }

    #[test]
    fn one_missing_type_is_singular() {
        let add = |missing: &[&str]| {
            let missing = missing.iter().map(|it| (*it).to_owned()).collect();
            repair_line(&RepairLine::EndpointFixed(EndpointFix::AddEventTypes { missing })).title
        };
        assert_eq!(add(&["invoice.paid"]), "Add 1 missing event type");
        assert_eq!(add(&["invoice.paid", "charge.refunded"]), "Add 2 missing event types");
    }
}
