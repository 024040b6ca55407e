//! Payouts, runs and payout methods in words.

use domain::clock::Timestamp;
use domain::payouts::{DueStatus, MethodKind, PayoutStatus, Rail, RunStatus, usable_from};
use engine::payouts::{AppliedResults, Due, PayoutRow, Sum};

use crate::components::State;
use crate::text::{Zone, amount, money, plural};

/// The status of what is due.
pub fn due_state(status: DueStatus) -> State {
    match status {
        DueStatus::Payable => State::PAYABLE,
        DueStatus::NoMethod => State::NO_METHOD,
        DueStatus::MethodChanged => State::METHOD_CHANGED,
        DueStatus::NotActive => State::NOT_ACTIVE,
        DueStatus::BelowMinimum => State::BELOW_MINIMUM,
        DueStatus::Negative => State::NEGATIVE,
    }
}

/// What the status means for an affiliate: what is missing, or until when.
pub fn due_note(due: &Due, minimum: i64, hold_days: i64, zone: &Zone, now: Timestamp) -> String {
    match due.status {
        DueStatus::Payable => String::new(),
        DueStatus::NoMethod => "The affiliate has to add one, or you pay manually".to_owned(),
        DueStatus::MethodChanged => match due.method_changed_at {
            Some(at) => format!("On hold until {}", zone.short_date(usable_from(at, hold_days), now).text),
            None => String::new(),
        },
        DueStatus::NotActive => "Suspended or declined".to_owned(),
        DueStatus::BelowMinimum => format!("{} to go", amount(minimum - due.amount, due.currency)),
        DueStatus::Negative => "Refunds after a payout".to_owned(),
    }
}

/// How someone is paid, in two lines: "Bank ···· 3187", "IBAN".
pub fn method_lines(kind: MethodKind, hint: &str) -> (String, String) {
    match kind {
        MethodKind::Iban => (format!("Bank ···· {hint}"), "IBAN".to_owned()),
        MethodKind::UsBank => (format!("Bank ···· {hint}"), "Account and routing number".to_owned()),
        MethodKind::Paypal => ("PayPal".to_owned(), hint.to_owned()),
        MethodKind::Wise => ("Wise".to_owned(), hint.to_owned()),
        MethodKind::Other => ("Other".to_owned(), hint.to_owned()),
    }
}

/// The same in one line.
pub fn method_text(kind: MethodKind, hint: &str) -> String {
    match kind {
        MethodKind::Iban | MethodKind::UsBank => format!("bank account ending in {hint}"),
        MethodKind::Paypal => format!("PayPal, {hint}"),
        MethodKind::Wise => format!("Wise, {hint}"),
        MethodKind::Other => hint.to_owned(),
    }
}

/// Where a run stands.
pub fn run_state(status: RunStatus) -> State {
    match status {
        RunStatus::Preparing => State::PREPARING,
        RunStatus::Draft => State::DRAFT,
        RunStatus::Approved => State::APPROVED,
        RunStatus::Sent => State::SENT,
        RunStatus::Completed => State::COMPLETED,
        RunStatus::Discarded => State::DISCARDED,
    }
}

/// What became of a payout, and the sentence beside it.
pub fn payout_state(row: &PayoutRow, zone: &Zone, now: Timestamp) -> (State, String) {
    let on = |at: Option<Timestamp>| at.map(|at| zone.short_date(at, now).text);
    match row.payout.status {
        PayoutStatus::Paid => {
            (State::PAID, on(row.payout.settled_at).map_or(String::new(), |on| format!("On {on}")))
        }
        PayoutStatus::Failed => {
            let why = row.payout.failure.clone().unwrap_or_default();
            (
                State::FAILED,
                format!("{why}. {} is payable again.", money(row.payout.amount, row.payout.currency)),
            )
        }
        PayoutStatus::Preparing => (State::PREPARING, String::new()),
        PayoutStatus::Removed => (State::DISCARDED, String::new()),
        PayoutStatus::Open => match row.run_status {
            RunStatus::Sent | RunStatus::Completed => (State::SENT, "Not confirmed yet".to_owned()),
            RunStatus::Approved => {
                (State::APPROVED, on(row.approved_at).map_or(String::new(), |on| format!("Approved on {on}")))
            }
            _ => (State::DRAFT, String::new()),
        },
    }
}

/// How payouts are sent.
pub fn rail_word(rail: Rail) -> &'static str {
    match rail {
        Rail::Sepa => "SEPA file",
        Rail::WiseIban => "Wise CSV, bank accounts",
        Rail::WiseEmail => "Wise CSV, email addresses",
        Rail::Paypal => "PayPal CSV",
        Rail::Manual => "Pay manually",
    }
}

/// What to do with the file of a rail.
pub fn rail_help(rail: Rail) -> &'static str {
    match rail {
        Rail::Sepa => "Upload it to your bank as a SEPA credit transfer (pain.001.001.09).",
        Rail::WiseIban => "Upload it to Wise as a batch payment to bank accounts.",
        Rail::WiseEmail => "Upload it to Wise as a batch payment by email.",
        Rail::Paypal => "Upload it to PayPal Payouts.",
        Rail::Manual => "A list for transfers that you make one by one.",
    }
}

/// "2,418.75 USD, 312.40 EUR": the sums of some payouts, never added up across currencies.
pub fn sums_text<'a>(sums: impl IntoIterator<Item = &'a Sum>) -> String {
    let mut by_currency: std::collections::BTreeMap<_, i64> = std::collections::BTreeMap::new();
    for sum in sums {
        *by_currency.entry(sum.currency).or_default() += sum.amount;
    }
    let texts: Vec<String> =
        by_currency.into_iter().map(|(currency, minor)| money(minor, currency)).collect();
    texts.join(", ")
}

/// What a result file did to a run.
pub fn results_text(applied: &AppliedResults) -> String {
    let payouts = |number: usize| plural(number as i64, "payout", "payouts");
    let mut sentences = Vec::new();
    match (applied.paid, applied.failed) {
        (0, 0) => sentences.push("No payout changed.".to_owned()),
        (paid, 0) => sentences.push(format!("{} marked as paid.", payouts(paid))),
        (0, failed) => sentences.push(format!("{} marked as failed.", payouts(failed))),
        (paid, failed) => sentences.push(format!("{} marked as paid, {failed} as failed.", payouts(paid))),
    }
    if applied.pending > 0 {
        sentences.push(format!("{} not decided yet.", payouts(applied.pending)));
    }
    if applied.not_in_run > 0 {
        sentences.push(format!("{} in the file, but not in this run.", payouts(applied.not_in_run)));
    }
    if !applied.unknown_statuses.is_empty() {
        let words: Vec<String> =
            applied.unknown_statuses.iter().take(3).map(|word| format!("“{word}”")).collect();
        sentences.push(format!("Unknown status: {}.", words.join(", ")));
    }
    sentences.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_file_is_summed_up() {
        let mixed = AppliedResults {
            paid: 2,
            failed: 1,
            pending: 1,
            not_in_run: 3,
            unknown_statuses: vec!["who knows".to_owned()],
            ..AppliedResults::default()
        };
        assert_eq!(
            results_text(&mixed),
            "2 payouts marked as paid, 1 as failed. 1 payout not decided yet. 3 payouts in the file, but not in this run. \
             Unknown status: “who knows”."
        );
        let again = AppliedResults { unchanged: 3, ..AppliedResults::default() };
        assert_eq!(results_text(&again), "No payout changed.");
    }
}
