//! The states of the trade as people read them: cell, colour, word, and a sentence with a
//! date and the next step.

use domain::affiliates::AffiliateStatus;
use domain::clock::{DAY_MS, Timestamp};
use domain::commissions::{CommissionStatus, EntryKind};
use domain::deliveries::EventSource;
use domain::explain::Proof;
use domain::jobs::JobKind;
use domain::programs::ProgramStatus;
use engine::ledger::conversions::{Conversion, ConversionRow};

use crate::components::State;
use crate::text::{Zone, money, plural};

/// A program's state.
pub fn program_state(status: ProgramStatus) -> State {
    match status {
        ProgramStatus::Active => State::ACTIVE,
        ProgramStatus::Paused => State::PAUSED,
        ProgramStatus::Archived => State::ARCHIVED,
    }
}

/// How an event arrived.
pub fn event_source(source: EventSource) -> &'static str {
    match source {
        EventSource::Webhook => "Webhook",
        EventSource::Backfill => "Fetched from Stripe",
    }
}

/// An affiliate's state.
pub fn affiliate_state(status: AffiliateStatus) -> State {
    match status {
        AffiliateStatus::Pending => State::PENDING,
        AffiliateStatus::Active => State::ACTIVE,
        AffiliateStatus::Declined => State::DECLINED,
        AffiliateStatus::Suspended => State::SUSPENDED,
    }
}

/// A commission's state.
pub fn commission_state(status: CommissionStatus) -> State {
    match status {
        CommissionStatus::Pending => State::PENDING,
        CommissionStatus::Payable => State::PAYABLE,
        CommissionStatus::Paid => State::PAID,
        CommissionStatus::PartlyRefunded => State::PARTLY_REFUNDED,
        CommissionStatus::Refunded => State::REFUNDED,
        CommissionStatus::Disputed => State::DISPUTED,
        CommissionStatus::Canceled => State::CANCELED,
    }
}

/// A received event's state: the word in the database.
pub fn event_state(word: &str) -> State {
    match word {
        "processed" => State::PROCESSED,
        "nothing" => State::NOTHING_TO_DO,
        "failed" => State::FAILED,
        _ => State::RECEIVED,
    }
}

/// What is left of a conversion's commission, minor units.
pub fn commission_left(conversion: &Conversion) -> i64 {
    if conversion.canceled { 0 } else { conversion.commission - conversion.reversed }
}

/// The sentence beside a conversion's state: "Payable on 3 Dec if not refunded".
pub fn commission_note(row: &ConversionRow, zone: &Zone, now: Timestamp) -> String {
    let conversion = &row.conversion;
    let hold = zone.short_date(conversion.hold_until, now).text;
    let on_hold = conversion.hold_until > now;
    match row.status {
        CommissionStatus::Pending => format!("Payable on {hold} if not refunded"),
        CommissionStatus::Payable => format!("Since {hold}; waits for a payout"),
        CommissionStatus::Paid => "Paid out".to_owned(),
        CommissionStatus::PartlyRefunded if on_hold => format!("The rest is payable on {hold}"),
        CommissionStatus::PartlyRefunded => format!("The rest is payable since {hold}"),
        CommissionStatus::Refunded => "In full; nothing to pay".to_owned(),
        CommissionStatus::Disputed if conversion.dispute_open => {
            "Held back until the bank has decided".to_owned()
        }
        CommissionStatus::Disputed => {
            format!("Lost; {} went back to the buyer", money(conversion.disputed, conversion.currency))
        }
        CommissionStatus::Canceled => "The credit was withdrawn; nothing to pay".to_owned(),
    }
}

/// A proof in a word, for a column or a filter.
pub fn proof_word(proof: Proof) -> &'static str {
    match proof {
        Proof::Assignment => "By hand",
        Proof::KnownCustomer => "Known customer",
        Proof::PromotionCode => "Code",
        Proof::Metadata => "Click, by metadata",
        Proof::ClientReference => "Click, by reference",
        Proof::LeadEmail => "Lead e-mail",
    }
}

/// How a conversion was credited, and a word more: "Click", "3 days before".
pub fn credited_by(row: &ConversionRow) -> (&'static str, String) {
    let conversion = &row.conversion;
    match conversion.method {
        Proof::Assignment => ("By hand", String::new()),
        Proof::KnownCustomer if conversion.number == 1 => ("Known customer", "first payment".to_owned()),
        Proof::KnownCustomer => ("Known customer", format!("payment {}", conversion.number)),
        Proof::PromotionCode => ("Code", String::new()),
        Proof::Metadata | Proof::ClientReference => ("Click", before(row)),
        Proof::LeadEmail => ("Lead e-mail", before(row)),
    }
}

fn before(row: &ConversionRow) -> String {
    match row.click_at.map(|at| row.conversion.paid_at.since_ms(at) / DAY_MS) {
        Some(days @ 1..) => format!("{} before", plural(days, "day", "days")),
        Some(_) => "same day".to_owned(),
        None => String::new(),
    }
}

/// What an entry of the ledger does.
pub fn entry_word(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Earn => "Earn",
        EntryKind::Adjust => "Adjust",
        EntryKind::Reverse => "Reverse",
        EntryKind::Restore => "Restore",
    }
}

/// What led to an entry, from the type of its event.
pub fn cause_word(event_type: &str) -> &'static str {
    if event_type.contains("dispute") {
        "Dispute"
    } else if event_type.contains("refund") {
        "Refund"
    } else if event_type.starts_with("customer.") {
        "Customer"
    } else if event_type.starts_with("payment.") {
        "Decision by hand"
    } else if event_type == JobKind::Reevaluate.word() {
        "Second look"
    } else if event_type == JobKind::AskStripe.word() {
        "Stripe’s answer"
    } else {
        "Payment"
    }
}

/// What a payment is called where Stripe did not say what was bought.
pub fn payment_label(label: Option<&str>, stripe_id: &str) -> String {
    match label {
        Some(label) => label.to_owned(),
        None if stripe_id.starts_with("in_") => "Invoice".to_owned(),
        None => "One-time payment".to_owned(),
    }
}

/// The first sentence of a reason, for lists; the page of the thing has all of it.
pub fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_the_first_sentence() {
        assert_eq!(first_sentence("None matched. A token would have."), "None matched.");
        assert_eq!(first_sentence("Changes no payment."), "Changes no payment.");
        assert_eq!(first_sentence(""), "");
    }

    #[test]
    fn a_payment_has_a_name() {
        assert_eq!(payment_label(Some("1 × Lumen Pro"), "in_1"), "1 × Lumen Pro");
        assert_eq!(payment_label(None, "in_1"), "Invoice");
        assert_eq!(payment_label(None, "pi_1"), "One-time payment");
    }
}
