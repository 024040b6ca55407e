//! The text for a merchant who returns from Stripe: what happened, and what to do.

use domain::connections::{OAuthOutcome, OAuthRefusal};
use engine::stripe::connections::{CallbackOutcome, CallbackResult};

/// The text of the page for one outcome.
pub(super) struct CallbackText {
    pub(super) heading: &'static str,
    pub(super) happened: String,
    pub(super) what_to_do: String,
    /// What Stripe said, where that helps.
    pub(super) quote: Option<String>,
    /// Whether trying again may work.
    pub(super) again: bool,
}

impl CallbackText {
    fn new(heading: &'static str, happened: impl Into<String>, what_to_do: impl Into<String>) -> Self {
        Self { heading, happened: happened.into(), what_to_do: what_to_do.into(), quote: None, again: true }
    }

    fn quoting(self, quote: Option<&str>) -> Self {
        Self { quote: quote.map(str::to_owned), ..self }
    }

    fn without_retry(self) -> Self {
        Self { again: false, ..self }
    }
}

/// The text for an outcome.
pub(super) fn text(result: &CallbackResult) -> CallbackText {
    match &result.outcome {
        CallbackOutcome::Finished(outcome) => finished(result, outcome),
        CallbackOutcome::InProgress => CallbackText::new(
            "Still connecting",
            "Honeyguide is finishing the connection.",
            "Reload this page in a minute.",
        )
        .without_retry(),
        CallbackOutcome::Interrupted => CallbackText::new(
            "The connection was interrupted",
            "The server stopped before the connection was finished.",
            "Check the program’s settings. If Stripe is not connected there, try again.",
        ),
        CallbackOutcome::UnknownState => CallbackText::new(
            "This link from Stripe is not valid",
            "Honeyguide did not start this connection, or it started too long ago. Nothing was changed.",
            "Start again in the program’s settings.",
        )
        .without_retry(),
        CallbackOutcome::OtherPerson => CallbackText::new(
            "Another person started this connection",
            "You’re signed in with a different account than the one that started the connection. Nothing was changed, and that person can still finish.",
            "Sign in with that account, then reload this page. Or start again in the program’s settings.",
        )
        .without_retry(),
    }
}

fn finished(result: &CallbackResult, outcome: &OAuthOutcome) -> CallbackText {
    match outcome {
        OAuthOutcome::Connected => {
            CallbackText::new("Stripe is connected", "You’re all set.", "").without_retry()
        }
        OAuthOutcome::Expired => CallbackText::new(
            "That took longer than ten minutes",
            "For your safety, the link back from Stripe expires after ten minutes. Nothing was changed.",
            "Try again.",
        ),
        OAuthOutcome::Refused { reason, message } => refused(*reason, message.as_deref(), result.livemode),
        OAuthOutcome::OtherProgram { account, .. } => {
            let whose = match &result.other_program {
                Some(other) => format!("your program {}", other.name),
                None => "another program".to_owned(),
            };
            CallbackText::new(
                "This account is already connected",
                format!(
                    "The Stripe account {account} is already connected to {whose}. One account can feed only one program. Nothing was changed."
                ),
                "Disconnect it there first, or try again with another account.",
            )
            .without_retry()
        }
        OAuthOutcome::OtherAccount { account } => {
            let account = account.as_deref().unwrap_or("another account");
            CallbackText::new(
                "This program is connected to another account",
                format!("It is connected to {account}. Nothing was changed."),
                "Disconnect that account first, then connect the other one. Everything received so far is kept.",
            )
            .without_retry()
        }
        OAuthOutcome::Failed => CallbackText::new(
            "Something went wrong on our side",
            "Stripe granted access, but the connection could not be stored. The log of this server has the details.",
            "Try again. You don’t have to undo anything in Stripe.",
        ),
    }
}

fn refused(reason: OAuthRefusal, message: Option<&str>, livemode: bool) -> CallbackText {
    let (asked, other) = if livemode { ("live", "test") } else { ("test", "live") };
    match reason {
        OAuthRefusal::Denied => CallbackText::new(
            "Access was not granted",
            "You declined access on Stripe’s page, so nothing was changed.",
            "If that was a mistake, try again. To grant less, use a restricted key or set it up manually.",
        ),
        OAuthRefusal::CodeUsed => CallbackText::new(
            "Stripe’s code was already used or has expired",
            "Stripe’s code works once, for a few minutes. This one no longer works, so nothing was changed.",
            "Try again. Stripe creates a new code.",
        )
        .quoting(message),
        OAuthRefusal::WrongMode => CallbackText::new(
            "Wrong mode",
            format!(
                "You asked to connect {asked} payments, but access was granted to {other} data. Live and test never mix, so nothing was changed."
            ),
            format!("Try again, and switch Stripe’s page to {asked} mode before you grant access."),
        )
        .quoting(message),
        OAuthRefusal::Scope => CallbackText::new(
            "Stripe does not grant the requested access",
            "Stripe does not offer read-only access to new platforms. Nothing was changed.",
            "Ask this server’s operator to set STRIPE_SCOPE to read_write or to use a Stripe App. Or connect now with a restricted key, which limits access to what you choose.",
        )
        .quoting(message)
        .without_retry(),
        OAuthRefusal::UnknownPlatform => CallbackText::new(
            "Stripe does not know this server’s platform",
            "This server’s platform keys are wrong or belong to the other mode. Nothing was changed.",
            "Tell this server’s operator, or connect with a restricted key.",
        )
        .quoting(message)
        .without_retry(),
        OAuthRefusal::StripeUnavailable => CallbackText::new(
            "Stripe did not answer",
            "Stripe could not be reached when you came back, so the program is not connected.",
            "Try again in a few minutes. Nothing is lost: events from in between are fetched once you’re connected.",
        )
        .quoting(message),
        OAuthRefusal::Other => CallbackText::new(
            "Stripe did not allow the connection",
            "Stripe sent you back without access. Nothing was changed.",
            "Try again. If it happens again, use a restricted key.",
        )
        .quoting(message),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::clock::{Random, Timestamp};
    use domain::ids::ProgramId;

    use super::*;

    #[test]
    fn every_outcome_says_what_happened_and_what_to_do() {
        let program_id = ProgramId::new(Timestamp(1), &Random::seeded(1));
        let refusals = OAuthRefusal::ALL.map(|reason| OAuthOutcome::Refused { reason, message: None });
        let finished = refusals.into_iter().chain([
            OAuthOutcome::Expired,
            OAuthOutcome::OtherProgram { account: "acct_1".to_owned(), program_id },
            OAuthOutcome::OtherAccount { account: None },
            OAuthOutcome::Failed,
        ]);
        let all: Vec<CallbackOutcome> = finished
            .map(CallbackOutcome::Finished)
            .chain([
                CallbackOutcome::InProgress,
                CallbackOutcome::Interrupted,
                CallbackOutcome::UnknownState,
                CallbackOutcome::OtherPerson,
            ])
            .collect();
        let mut headings = BTreeSet::new();
        for outcome in &all {
            let outcome = outcome.clone();
            let result = CallbackResult { program: None, livemode: true, outcome, other_program: None };
            let text = text(&result);
            assert!(text.happened.len() > 20 && text.what_to_do.len() > 8, "{}", text.heading);
            headings.insert(text.heading);
        }
        assert_eq!(headings.len(), all.len());
    }
}
