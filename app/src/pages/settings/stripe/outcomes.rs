//! Each outcome in words: what happened, and what to do.

use engine::stripe::connections::{Outcome, Returned};

/// What is said of an outcome.
pub struct Words {
    pub heading: &'static str,
    pub happened: String,
    pub what_to_do: String,
    /// Whether Stripe's own sentence helps.
    pub quotes: bool,
    /// Whether trying again may work.
    pub again: bool,
}

fn plain(heading: &'static str, happened: &str, what_to_do: &str) -> Words {
    Words {
        heading,
        happened: happened.to_owned(),
        what_to_do: what_to_do.to_owned(),
        quotes: false,
        again: true,
    }
}

fn quoting(heading: &'static str, happened: &str, what_to_do: &str) -> Words {
    Words { quotes: true, ..plain(heading, happened, what_to_do) }
}

fn ended(heading: &'static str, happened: &str, what_to_do: &str) -> Words {
    Words { again: false, ..plain(heading, happened, what_to_do) }
}

/// What is said of what came of an attempt.
pub fn words(returned: &Returned) -> Words {
    let (asked, other) = if returned.livemode { ("live", "test") } else { ("test", "live") };
    let account = returned.said.as_deref().unwrap_or("another account");
    match returned.outcome {
        Outcome::Connected => ended("Stripe is connected", "Nothing is left to do.", ""),
        Outcome::Denied => plain(
            "You did not allow access",
            "On Stripe’s page access was declined, so nothing was changed.",
            "If that was a mistake, try again. If you would rather grant less, use a restricted key or connect by hand.",
        ),
        Outcome::Expired => plain(
            "That took longer than ten minutes",
            "For your safety the way back from Stripe closes after ten minutes. Nothing was changed.",
            "Try again.",
        ),
        Outcome::CodeUsed => quoting(
            "Stripe’s answer was used already, or is too old",
            "Stripe gives a code that works once and for a few minutes. This one does not work any more, so nothing was changed.",
            "Try again; Stripe makes a new one.",
        ),
        Outcome::WrongMode => quoting(
            "That was the other mode",
            &format!(
                "You asked to connect {asked} payments, but access was given to {other} data. Live and test never mix, so nothing was changed."
            ),
            &format!("Try again, and switch Stripe’s page to {asked} mode before you allow access."),
        ),
        Outcome::ScopeRefused => Words {
            again: false,
            ..quoting(
                "Stripe refuses the access that was asked for",
                "Stripe does not offer read-only access to new platforms. Nothing was changed.",
                "The operator of this server sets STRIPE_SCOPE to read_write, or uses a Stripe App. You can also connect with a restricted key now, which Stripe limits by itself.",
            )
        },
        Outcome::WrongClient => Words {
            again: false,
            ..quoting(
                "Stripe does not know this server’s platform",
                "The platform keys of this server are not right or not for this mode. Nothing was changed.",
                "Tell the operator of this server, or connect with a restricted key.",
            )
        },
        Outcome::StripeAway => quoting(
            "Stripe did not answer",
            "Stripe could not be reached when you came back, so the program is not connected.",
            "Try again in a few minutes. Nothing is lost: what happens meanwhile is fetched when you are connected.",
        ),
        Outcome::Refused => quoting(
            "Stripe did not allow the connection",
            "Stripe sent you back without access. Nothing was changed.",
            "Try again. If it happens again, use a restricted key.",
        ),
        Outcome::OtherProgram => ended(
            "This account feeds another program already",
            &format!(
                "The Stripe account {account} is connected to another program. Its events cannot be told apart, so one account feeds one program. Nothing was changed."
            ),
            "Disconnect it from the other program first, or try again with another account.",
        ),
        Outcome::OtherAccount => ended(
            "This program is connected to another account",
            &format!("At present it is connected to {account}. Nothing was changed."),
            "Disconnect that account first, then connect the other one. Everything that was received stays.",
        ),
        Outcome::CutOff => plain(
            "The connection was cut off",
            "The server was interrupted while it finished the connection.",
            "Look at the settings; if Stripe is not connected there, try again.",
        ),
        Outcome::Working => ended(
            "Stripe takes its time",
            "The connection is still being made.",
            "Reload this page in a minute. It is safe to do so.",
        ),
        Outcome::Failed => plain(
            "Something went wrong on our side",
            "Stripe allowed access, but the connection could not be stored. The log of this server says why.",
            "Try again; nothing has to be undone in Stripe.",
        ),
        Outcome::Unknown => ended(
            "This link from Stripe is not valid",
            "Honeyguide did not start this connection, or it was long ago. Nothing was changed.",
            "Begin again in the program’s settings.",
        ),
        Outcome::OtherPerson => ended(
            "Somebody else left for Stripe",
            "You are signed in as another person than the one who began to connect. Nothing was changed, and their way back is still open.",
            "Sign in as that person, then reload this page. Or begin again in the program’s settings.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_says_what_happened_and_what_to_do() {
        let all = [
            Outcome::Denied,
            Outcome::Expired,
            Outcome::CodeUsed,
            Outcome::WrongMode,
            Outcome::ScopeRefused,
            Outcome::WrongClient,
            Outcome::StripeAway,
            Outcome::Refused,
            Outcome::OtherProgram,
            Outcome::OtherAccount,
            Outcome::CutOff,
            Outcome::Working,
            Outcome::Failed,
            Outcome::Unknown,
            Outcome::OtherPerson,
        ];
        let mut headings = std::collections::BTreeSet::new();
        for outcome in all {
            let returned = Returned { program: None, livemode: true, outcome, said: None };
            let words = words(&returned);
            assert!(words.happened.len() > 20 && words.what_to_do.len() > 8, "{outcome:?}");
            headings.insert(words.heading);
        }
        assert_eq!(headings.len(), all.len());
    }
}
