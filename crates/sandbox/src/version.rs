//! The API versions that the sandbox supports, from Honeyguide's oldest to the newest.

use std::fmt;

/// Every version, oldest first. They begin with an ISO date, so text order is time order.
const KNOWN: [&str; 30] = [
    "2023-10-16",
    "2024-04-10",
    "2024-06-20",
    "2024-09-30.acacia",
    "2024-10-28.acacia",
    "2024-11-20.acacia",
    "2024-12-18.acacia",
    "2025-01-27.acacia",
    "2025-02-24.acacia",
    "2025-03-31.basil",
    "2025-04-30.basil",
    "2025-05-28.basil",
    "2025-06-30.basil",
    "2025-07-30.basil",
    "2025-08-27.basil",
    "2025-09-30.clover",
    "2025-10-29.clover",
    "2025-11-17.clover",
    "2025-12-15.clover",
    "2026-01-28.clover",
    "2026-02-25.clover",
    "2026-03-25.dahlia",
    "2026-04-22.dahlia",
    "2026-05-27.dahlia",
    "2026-06-24.dahlia",
    "2026-07-29.dahlia",
    "2026-08-26.dahlia",
    "2026-09-30.endive",
    "2026-10-28.endive",
    "2026-11-18.endive",
];

/// One version of Stripe's API, which decides the shape of every object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ApiVersion(&'static str);

impl ApiVersion {
    /// The oldest version that the sandbox supports.
    pub const OLDEST: Self = Self("2023-10-16");
    /// The last version in which charge, invoice and payment intent name each other.
    pub const ACACIA: Self = Self("2025-02-24.acacia");
    /// The newest version.
    pub const NEWEST: Self = Self("2026-11-18.endive");

    /// The version of this name, if the sandbox supports it.
    pub fn parse(name: &str) -> Option<Self> {
        KNOWN.into_iter().find(|known| *known == name).map(Self)
    }

    /// Every version, oldest first.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        KNOWN.into_iter().map(Self)
    }

    /// Its name, as in the header `Stripe-Version`.
    pub const fn name(self) -> &'static str {
        self.0
    }

    /// Whether this version is of that day (`2025-03-31`) or later.
    pub(crate) fn since(self, day: &str) -> bool {
        self.0 >= day
    }

    /// From here on invoices say `parent` instead of `subscription`, and charges and
    /// payment intents no longer name their invoice.
    pub(crate) fn is_basil(self) -> bool {
        self.since("2025-03-31")
    }

    /// From here on discounts say `source` and promotion codes `promotion`.
    pub(crate) fn is_clover(self) -> bool {
        self.since("2025-09-30")
    }

    /// Whether events of this type exist in this version.
    pub fn knows_event(self, kind: &str) -> bool {
        match kind {
            "refund.failed" => self.since("2024-10-28"),
            "invoice_payment.paid" => self.since("2025-05-28"),
            _ => true,
        }
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_listed_in_time_order_and_found_by_name() {
        let all: Vec<_> = ApiVersion::all().collect();
        assert!(all.is_sorted());
        assert_eq!(all.first(), Some(&ApiVersion::OLDEST));
        assert_eq!(all.last(), Some(&ApiVersion::NEWEST));
        assert_eq!(ApiVersion::parse("2025-02-24.acacia"), Some(ApiVersion::ACACIA));
        assert_eq!(ApiVersion::parse("2011-01-01"), None);
    }

    #[test]
    fn newer_event_types_are_unknown_to_older_versions() {
        assert!(!ApiVersion::OLDEST.knows_event("refund.failed"));
        assert!(ApiVersion::ACACIA.knows_event("refund.failed"));
        assert!(!ApiVersion::ACACIA.knows_event("invoice_payment.paid"));
        assert!(ApiVersion::NEWEST.knows_event("invoice_payment.paid"));
    }
}
