//! Filters and page of a list of conversions.

use domain::checks::CheckKind;
use domain::clock::Timestamp;
use domain::commissions::CommissionStatus;
use engine::ledger::conversions::{ConversionRow, Filter, Page};
use engine::ledger::reports::{Period, span};

use super::{Parameters, cursor};

/// The parameters that narrow the list; the CSV takes the same.
pub const FILTERS: [&str; 4] = ["status", "affiliate", "method", "period"];

/// A list of conversions, as its address asks for it.
#[derive(Clone, Debug)]
pub struct ConversionQuery {
    /// How far back it looks; 90 days unless the address says otherwise.
    pub period: Period,
    /// What it is narrowed to.
    pub filter: Filter,
    /// Where the page begins.
    pub page: Page,
}

impl ConversionQuery {
    /// Whether anything but the period narrows it.
    pub fn is_narrowed(&self) -> bool {
        self.filter.status.is_some() || self.filter.affiliate.is_some() || self.filter.method.is_some()
    }
}

/// A page of conversions, and whether there are pages before and after it.
pub struct Paged {
    /// The rows of the page.
    pub rows: Vec<ConversionRow>,
    newer: bool,
    older: bool,
}

impl Paged {
    /// From the rows that were fetched: one more than the page has tells whether there is
    /// another page.
    pub fn cut(mut rows: Vec<ConversionRow>, page: &Page, limit: usize) -> Self {
        let more = rows.len() > limit;
        let backwards = matches!(page, Page::After(..));
        if more && backwards {
            rows.remove(0);
        }
        rows.truncate(limit);
        Self {
            newer: if backwards { more } else { matches!(page, Page::Before(..)) },
            older: backwards || more,
            rows,
        }
    }

    /// The addresses of the newer and the older page, with what the list is narrowed to.
    pub fn around(&self, kept: &Parameters, path: &str) -> (Option<String>, Option<String>) {
        let to = |name: &str, row: &ConversionRow| {
            let place = cursor(row.conversion.paid_at, row.conversion.id.as_str());
            kept.clone().with(name, &place).on(path)
        };
        let newer = self.rows.first().filter(|_| self.newer).map(|row| to("after", row));
        (newer, self.rows.last().filter(|_| self.older).map(|row| to("before", row)))
    }
}

/// Reads the address of a program's conversions. Unknown parameters and values are ignored.
pub fn conversions(parameters: &Parameters, time_zone: &str, now: Timestamp) -> ConversionQuery {
    let period = parameters.get("period").map_or(Period::Quarter, Period::from_word);
    let whole = span(period, time_zone, now, false);
    let page = match (parameters.place("before"), parameters.place("after")) {
        (Some((at, id)), _) => Page::Before(at, id),
        (None, Some((at, id))) => Page::After(at, id),
        (None, None) => Page::First,
    };
    let filter = Filter {
        affiliate: parameters.get("affiliate").and_then(|text| text.parse().ok()),
        status: parameters.get("status").and_then(CommissionStatus::from_word),
        method: parameters.get("method").and_then(CheckKind::from_word),
        from: Some(whole.from),
        // Stripe's clock may run ahead of ours a little: what is newest belongs to the list.
        until: None,
    };
    ConversionQuery { period, filter, page }
}

#[cfg(test)]
mod tests {
    use domain::clock::DAY_MS;

    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    #[test]
    fn an_address_says_what_is_listed() {
        let parameters = Parameters::parse("status=pending&method=metadata&period=7d&before=5.cnv_1");
        let query = conversions(&parameters, "Europe/Berlin", NOW);
        assert_eq!(query.period, Period::Week);
        assert_eq!(query.filter.status, Some(CommissionStatus::Pending));
        assert_eq!(query.filter.method, Some(CheckKind::Metadata));
        assert!(query.is_narrowed());
        assert!(matches!(query.page, Page::Before(Timestamp(5), id) if id == "cnv_1"));
        let from = query.filter.from.expect("a beginning");
        assert!((6 * DAY_MS..=7 * DAY_MS).contains(&NOW.since_ms(from)));
    }

    #[test]
    fn invalid_filters_are_ignored() {
        let query = conversions(&Parameters::parse("status=x&affiliate=y&period=z&after=w"), "UTC", NOW);
        assert!(!query.is_narrowed());
        assert!(matches!(query.page, Page::First));
    }
}
