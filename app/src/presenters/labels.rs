//! Statuses as people read them: cell, color, word, and a sentence with a date and the
//! next step.

use domain::affiliates::AffiliateStatus;
use domain::checks::CheckKind;
use domain::clock::{DAY_MS, Timestamp};
use domain::commissions::{CauseKind, CommissionStatus, EntryKind, HoldReason};
use domain::deliveries::EventSource;
use domain::events::EventStatus;
use domain::invitations::{InvitationLinkStatus, InvitationStatus};
use domain::programs::ProgramStatus;
use domain::referral_requests::RequestStatus;
use engine::ledger::conversions::{Conversion, ConversionRow};

use crate::components::State;
use crate::text::{Zone, money, plural};

/// A program's status.
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

/// An affiliate's status.
pub fn affiliate_state(status: AffiliateStatus) -> State {
    match status {
        AffiliateStatus::Pending => State::PENDING,
        AffiliateStatus::Active => State::ACTIVE,
        AffiliateStatus::Declined => State::DECLINED,
        AffiliateStatus::Suspended => State::SUSPENDED,
    }
}

/// What became of an invitation.
pub fn invitation_state(status: InvitationStatus) -> State {
    match status {
        InvitationStatus::Open => State::INVITED,
        InvitationStatus::Accepted => State::JOINED,
        InvitationStatus::Expired => State::EXPIRED,
        InvitationStatus::Revoked => State::TAKEN_BACK,
    }
}

/// What became of an affiliate's request to look for a payment.
pub fn request_state(status: RequestStatus) -> State {
    match status {
        RequestStatus::Open => State::PENDING,
        RequestStatus::Credited => State::CREDITED,
        RequestStatus::Declined => State::DECLINED,
    }
}

/// Whether an invitation link can be used.
pub fn invitation_link_state(status: InvitationLinkStatus) -> State {
    match status {
        InvitationLinkStatus::Open => State::ACTIVE,
        InvitationLinkStatus::UsedUp => State::USED_UP,
        InvitationLinkStatus::Expired => State::EXPIRED,
        InvitationLinkStatus::Revoked => State::TAKEN_BACK,
    }
}

/// A commission's status.
pub fn commission_state(status: CommissionStatus) -> State {
    match status {
        CommissionStatus::Pending => State::PENDING,
        CommissionStatus::OnHold => State::ON_HOLD,
        CommissionStatus::Payable => State::PAYABLE,
        CommissionStatus::InPayout => State::IN_PAYOUT,
        CommissionStatus::Paid => State::PAID,
        CommissionStatus::PartlyRefunded => State::PARTLY_REFUNDED,
        CommissionStatus::Refunded => State::REFUNDED,
        CommissionStatus::Disputed => State::DISPUTED,
        CommissionStatus::Canceled => State::CANCELED,
    }
}

/// A received event's status.
pub fn event_state(status: EventStatus) -> State {
    match status {
        EventStatus::Processed => State::PROCESSED,
        EventStatus::Ignored => State::IGNORED,
        EventStatus::Failed => State::FAILED,
        EventStatus::Received => State::RECEIVED,
    }
}

/// What is left of a conversion's commission, minor units.
pub fn commission_left(conversion: &Conversion) -> i64 {
    if conversion.canceled { 0 } else { conversion.commission - conversion.reversed }
}

/// The sentence beside a conversion's status: "Payable on 3 Dec if not refunded".
pub fn commission_note(row: &ConversionRow, zone: &Zone, now: Timestamp) -> String {
    let conversion = &row.conversion;
    let hold = zone.short_date(conversion.hold_until, now).text;
    let on_hold = conversion.hold_until > now;
    match row.status {
        CommissionStatus::Pending => format!("Payable on {hold} if not refunded"),
        CommissionStatus::OnHold => match conversion.hold {
            Some(reason) if reason.is_open_ended() => hold_note(reason).to_owned(),
            Some(reason) => format!("{} until {hold}", hold_note(reason)),
            None => format!("On hold until {hold}"),
        },
        CommissionStatus::Payable => format!("Since {hold}; awaiting payout"),
        CommissionStatus::InPayout => "Part of a payout that is being made".to_owned(),
        CommissionStatus::Paid => "Paid out".to_owned(),
        CommissionStatus::PartlyRefunded if on_hold => format!("The rest is payable on {hold}"),
        CommissionStatus::PartlyRefunded => format!("The rest is payable since {hold}"),
        CommissionStatus::Refunded => "In full; nothing to pay".to_owned(),
        CommissionStatus::Disputed if conversion.hold == Some(HoldReason::Dispute) => {
            "On hold until the bank decides".to_owned()
        }
        CommissionStatus::Disputed => {
            format!("Lost; {} returned to the buyer", money(conversion.disputed, conversion.currency))
        }
        CommissionStatus::Canceled => "The credit was withdrawn; nothing to pay".to_owned(),
    }
}

/// Why a commission is held, for a column.
pub fn hold_note(reason: HoldReason) -> &'static str {
    match reason {
        HoldReason::Dispute => "On hold until the bank decides",
        HoldReason::Review => "On hold until Stripe’s review is closed",
        HoldReason::SelfReferral => "The buyer’s address is the affiliate’s own; on hold for manual review",
        HoldReason::EarlyFraudWarning => "The card’s issuer suspects fraud; on hold",
    }
}

/// A check in a word, for a column or a filter.
pub fn check_word(kind: CheckKind) -> &'static str {
    match kind {
        CheckKind::Assignment => "Manual",
        CheckKind::KnownCustomer => "Known customer",
        CheckKind::PromotionCode => "Code",
        CheckKind::Metadata => "Click, by metadata",
        CheckKind::ClientReference => "Click, by reference",
        CheckKind::LeadEmail => "Lead email",
    }
}

/// How a conversion was credited, and a word more: "Click", "3 days before".
pub fn credited_by(row: &ConversionRow) -> (&'static str, String) {
    let conversion = &row.conversion;
    match conversion.method {
        CheckKind::Assignment => ("Manual", String::new()),
        CheckKind::KnownCustomer if conversion.payment_number == 1 => {
            ("Known customer", "first payment".to_owned())
        }
        CheckKind::KnownCustomer => ("Known customer", format!("payment {}", conversion.payment_number)),
        CheckKind::PromotionCode => ("Code", String::new()),
        CheckKind::Metadata | CheckKind::ClientReference => ("Click", before(row)),
        CheckKind::LeadEmail => ("Lead email", before(row)),
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
        EntryKind::Correction => "Correction",
        EntryKind::Bonus => "Bonus",
    }
}

/// What led to an entry.
pub fn cause_word(kind: CauseKind) -> &'static str {
    match kind {
        CauseKind::Payment => "Payment",
        CauseKind::Refund => "Refund",
        CauseKind::Dispute => "Dispute",
        CauseKind::Customer => "Customer",
        CauseKind::Assignment => "Assigned manually",
        CauseKind::Replay => "Replay",
        CauseKind::Reevaluation => "Reevaluation",
        CauseKind::InvoiceLookup => "Stripe lookup",
        CauseKind::Adjustment => "Added manually",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_has_a_label() {
        assert_eq!(payment_label(Some("1 × Lumen Pro"), "in_1"), "1 × Lumen Pro");
        assert_eq!(payment_label(None, "in_1"), "Invoice");
        assert_eq!(payment_label(None, "pi_1"), "One-time payment");
    }
}
