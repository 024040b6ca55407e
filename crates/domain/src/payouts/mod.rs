//! Paying affiliates: runs, payouts, how a person is paid, and the files for banks.
//!
//! Nothing here moves money. A run claims ledger entries, produces files for a bank or a payment
//! service, and records what the merchant says became of each payout.

pub mod files;
mod method;
pub mod results;
mod settings;

pub use self::method::{BankAccount, MethodKind, MethodProblem, PayoutMethod};
pub use self::settings::{PayerChange, PayoutSettings, PayoutSettingsChange, SettingsLimit};
use crate::clock::Timestamp;

crate::word_enum! {
    /// Where a run stands.
    pub enum RunStatus {
        /// Its payouts are being put together.
        Preparing = "preparing",
        /// It can be looked at, and payouts can be removed.
        Draft = "draft",
        /// Its files are ready.
        Approved = "approved",
        /// The merchant has sent the money.
        Sent = "sent",
        /// Each payout is paid or has failed.
        Completed = "completed",
        /// It was given up before it was approved.
        Discarded = "discarded",
    }
}

impl RunStatus {
    /// Whether payouts can be removed, and the run discarded.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Preparing | Self::Draft)
    }

    /// Whether payouts can be marked as paid or failed.
    pub const fn can_settle(self) -> bool {
        matches!(self, Self::Approved | Self::Sent)
    }
}

crate::word_enum! {
    /// What became of a payout.
    pub enum PayoutStatus {
        /// Its entries are not claimed yet.
        Preparing = "preparing",
        /// It claims its entries.
        Open = "open",
        /// The merchant paid it.
        Paid = "paid",
        /// It did not arrive; its entries are payable again.
        Failed = "failed",
        /// It was taken out of its run; its entries are payable again.
        Removed = "removed",
    }
}

impl PayoutStatus {
    /// Whether it claims entries.
    pub const fn has_entries(self) -> bool {
        matches!(self, Self::Open | Self::Paid)
    }
}

crate::word_enum! {
    /// How payouts are sent.
    pub enum Rail {
        /// A SEPA credit transfer, pain.001.
        Sepa = "sepa",
        /// Wise's batch payments to bank accounts with an IBAN.
        WiseIban = "wise_iban",
        /// Wise's batch payments to email addresses.
        WiseEmail = "wise_email",
        /// PayPal's payouts by file.
        Paypal = "paypal",
        /// By hand.
        Manual = "manual",
    }
}

crate::word_enum! {
    /// Whether an affiliate can be paid what is due.
    pub enum DueStatus {
        /// Can be paid.
        Payable = "payable",
        /// No payout method is known.
        NoMethod = "no_method",
        /// The method was changed a short time ago.
        MethodChanged = "method_changed",
        /// The affiliate is not active.
        NotActive = "not_active",
        /// Less than the program's minimum.
        BelowMinimum = "below_minimum",
        /// More was reversed than earned since the last payout.
        Negative = "negative",
    }
}

impl DueStatus {
    /// Whether it is taken into a run when all who are due are chosen.
    pub fn is_payable(self) -> bool {
        self == Self::Payable
    }

    /// Whether a merchant may put it into a run nevertheless. What is negative carries over, and
    /// a changed method waits: both protect someone.
    pub const fn may_be_chosen(self) -> bool {
        !matches!(self, Self::Negative | Self::MethodChanged)
    }

    /// Whether someone has to act before it can be paid.
    pub const fn needs_attention(self) -> bool {
        matches!(self, Self::NoMethod | Self::MethodChanged | Self::NotActive)
    }
}

/// When a changed payout method can be used.
pub fn usable_from(changed_at: Timestamp, hold_days: i64) -> Timestamp {
    changed_at.plus_days(hold_days)
}

/// The month whose run is to be drafted at a time, such as `2026-12`: from the day on, so that a
/// server that was off on that day drafts it later. `None` before, or for an unknown time zone.
pub fn month_of_draft(now: Timestamp, zone: &str, day: i64) -> Option<String> {
    let local = jiff::Timestamp::from_millisecond(now.0).ok()?.in_tz(zone).ok()?;
    (i64::from(local.day()) >= day).then(|| format!("{:04}-{:02}", local.year(), local.month()))
}

/// The next day on which a run is drafted, as the beginning of that day. `None` for an unknown time
/// zone.
pub fn next_draft(now: Timestamp, zone: &str, day: i64) -> Option<Timestamp> {
    let local = jiff::Timestamp::from_millisecond(now.0).ok()?.in_tz(zone).ok()?;
    let this_month = local.date().with().day(i8::try_from(day).ok()?).build().ok()?;
    let date = if this_month > local.date() {
        this_month
    } else {
        this_month.checked_add(jiff::Span::new().months(1)).ok()?
    };
    Some(Timestamp(date.in_tz(zone).ok()?.timestamp().as_millisecond()))
}

/// Why a payout failed, or why an amount was adjusted: one line of up to 300 characters that the
/// affiliate can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// The longest reason, in characters.
    const LONGEST: usize = 300;

    /// Reads a reason.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn parse(text: &str) -> Result<Self, String> {
        crate::fields::line_of_text(text, "a reason that the affiliate can read", Self::LONGEST).map(Self)
    }

    /// A reason in the words of a bank or a payment service, cut to the longest that is kept.
    pub fn clipped(text: &str) -> Self {
        let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
        let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        match line.chars().take(Self::LONGEST).collect::<String>() {
            line if line.is_empty() => Self("No reason given".to_owned()),
            line => Self(line),
        }
    }

    /// The reason.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_drafted_from_its_day_on() {
        let at = |text| Timestamp::from_rfc3339(text).unwrap();
        let zone = "America/New_York";
        assert_eq!(month_of_draft(at("2026-12-05T04:59:00Z"), zone, 5), None);
        assert_eq!(month_of_draft(at("2026-12-05T05:00:00Z"), zone, 5).as_deref(), Some("2026-12"));
        assert_eq!(next_draft(at("2026-12-05T05:00:00Z"), zone, 5), Some(at("2027-01-05T05:00:00Z")));
        assert_eq!(next_draft(at("2026-12-05T04:59:00Z"), zone, 5), Some(at("2026-12-05T05:00:00Z")));
    }
}
