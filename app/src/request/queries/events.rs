//! The filters of the event log.

use domain::clock::Timestamp;
use domain::deliveries::EventSource;
use domain::events::EventStatus;
use engine::ledger::reports::{Period, span};
use engine::stripe::events::Filter;

use super::Parameters;

/// The parameters that narrow the log; the CSV and a replay take the same.
pub const EVENT_FILTERS: [&str; 7] = ["status", "type", "outcome", "source", "mode", "period", "id"];
/// Longer texts are not Stripe ids.
const LONGEST_ID: usize = 255;

/// Reads the address of the log. Unknown values are ignored.
pub fn events(parameters: &Parameters, time_zone: &str, now: Timestamp) -> Filter {
    let text = |name: &str| parameters.get(name).filter(|text| text.len() <= LONGEST_ID).map(str::to_owned);
    Filter {
        status: parameters.get("status").and_then(EventStatus::from_word),
        event_type: text("type"),
        outcome: text("outcome"),
        source: parameters.get("source").and_then(EventSource::from_word),
        livemode: match parameters.get("mode") {
            Some("live") => Some(true),
            Some("test") => Some(false),
            _ => None,
        },
        from: parameters
            .get("period")
            .map(|period| span(Period::from_word(period), time_zone, now, false).from),
        until: None,
        stripe_id: text("id"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    #[test]
    fn an_address_says_which_events() {
        let parameters =
            Parameters::parse("status=failed&source=backfill&mode=test&id=pi_1&period=7d&type=invoice.paid");
        let filter = events(&parameters, "UTC", NOW);
        assert_eq!(filter.status, Some(EventStatus::Failed));
        assert_eq!(filter.source, Some(EventSource::Backfill));
        assert_eq!(filter.livemode, Some(false));
        assert_eq!(filter.stripe_id.as_deref(), Some("pi_1"));
        assert_eq!(filter.event_type.as_deref(), Some("invoice.paid"));
        assert!(filter.from.is_some_and(|from| from < NOW));
    }

    #[test]
    fn invalid_filters_are_ignored() {
        let long = format!("status=lost&source=pigeon&mode=dream&id={}", "x".repeat(300));
        assert_eq!(events(&Parameters::parse(&long), "UTC", NOW), Filter::default());
    }
}
