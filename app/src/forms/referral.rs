//! The form of an affiliate who misses a referral.

use domain::clock::{DAY_MS, Timestamp};
use domain::fields::Problems;
use domain::referral_requests::{Remark, Sought};
use engine::ledger::referral_requests::RequestDraft;
use serde::{Deserialize, Serialize};

use crate::text::Zone;

/// Days that are looked back.
const LONGEST_AGO_DAYS: i64 = 730;

/// The fields as they were entered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReferralForm {
    /// The buyer's address, or the order id.
    pub sought: String,
    /// The day of the purchase.
    pub day: String,
    /// What else the company should know.
    pub note: String,
}

impl ReferralForm {
    /// Reads the form. Days are those of the program's time zone.
    ///
    /// # Errors
    /// The problems, by field.
    pub fn draft(&self, zone: &Zone, now: Timestamp) -> Result<RequestDraft, Problems> {
        let mut problems = Problems::new();
        let sought = problems.keep("sought", Sought::parse(&self.sought));
        let within = |end: &Timestamp| {
            let start = end.plus_ms(1 - DAY_MS);
            start <= now && *end >= now.plus_days(-LONGEST_AGO_DAYS)
        };
        let day = zone.end_of_day(&self.day).filter(within).ok_or("Enter a day within the last 2 years");
        let bought_at = problems.keep("day", day);
        let note = problems.keep("note", Remark::parse(&self.note));
        match (sought, bought_at, note) {
            (Some(sought), Some(bought_at), Some(note)) => Ok(RequestDraft { sought, bought_at, note }),
            _ => Err(problems),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_in_the_past_and_in_the_programs_zone() {
        let zone = Zone::named("America/New_York");
        let now = Timestamp::from_rfc3339("2026-03-02T02:00:00Z").unwrap();
        let form =
            |day: &str| ReferralForm { sought: "ana@x.example".into(), day: day.into(), note: String::new() };
        // It is still the 1st in New York.
        for (day, fits) in
            [("2026-03-01", true), ("2026-03-02", false), ("2024-02-01", false), ("soon", false)]
        {
            assert_eq!(form(day).draft(&zone, now).is_ok(), fits, "{day}");
        }
        let problems = ReferralForm::default().draft(&zone, now).unwrap_err();
        let fields: Vec<_> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["sought", "day"]);
    }
}
