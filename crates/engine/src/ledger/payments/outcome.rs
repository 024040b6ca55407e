//! What came of an event, in a word and a sentence.

use domain::attribution::PaymentState;
use domain::facts::EventFacts;
use domain::money::Money;
use store::inbox::Outcome;

use super::book::{Change, Changes};

/// Nothing was changed, and why.
pub(super) fn nothing(reason: &str, text: impl Into<String>, about: Option<String>) -> Outcome {
    Outcome { state: "nothing", outcome: reason.to_owned(), text: text.into(), about }
}

/// The event cannot be understood, now or later.
pub(super) fn failed(reason: &str, text: impl Into<String>) -> Outcome {
    Outcome { state: "failed", outcome: reason.to_owned(), text: text.into(), about: None }
}

/// What an event's facts changed.
pub(super) fn of_event(facts: &EventFacts, changes: &Changes, about: Option<String>) -> Outcome {
    let moved: Vec<String> = changes
        .payments
        .iter()
        .flat_map(|change| &change.entries)
        .map(|(name, money)| in_words(name, *money))
        .collect();
    if !moved.is_empty() {
        return Outcome { state: "processed", outcome: "booked".to_owned(), text: moved.join("; "), about };
    }
    let own = facts.fact.payment_ids();
    let concerned = changes.payments.iter().find(|c| own.iter().any(|id| c.evaluated.aliases.contains(*id)));
    if let Some(name) = &changes.newly_bound {
        let because = concerned.and_then(reason).map_or_else(String::new, |(_, text)| format!(" {text}"));
        let text = format!("The customer is now bound to {name}.{because}");
        return Outcome { state: "processed", outcome: "bound".to_owned(), text, about };
    }
    match concerned {
        None => nothing("not_a_payment", "Changes no payment.", about),
        Some(change) => match reason(change) {
            Some((word, text)) => nothing(&word, text, about),
            None => nothing(
                "same_payment",
                format!("Already counted under {}.", change.evaluated.canonical_id),
                about,
            ),
        },
    }
}

fn reason(change: &Change) -> Option<(String, String)> {
    let no_credit = change.evaluated.no_credit.as_ref()?;
    let word = no_credit.reason.clone();
    let text = match change.evaluated.state {
        PaymentState::Waiting { until: Some(_), .. } => {
            format!("{} It is looked at again within the hour.", no_credit.sentence)
        }
        // This stands in the log for good: it holds before the invoice came and after.
        PaymentState::Waiting { reason: "waits_for_invoice", .. } => {
            "Its invoice carries the commission.".to_owned()
        }
        _ => no_credit.sentence.clone(),
    };
    Some((word, text))
}

fn in_words(name: &str, money: Money) -> String {
    if money.minor < 0 {
        format!("{} taken back from {name}", Money::new(-money.minor, money.currency))
    } else {
        format!("{money} for {name}")
    }
}
