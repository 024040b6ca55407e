//! Products, prices, promotion codes and Payment Links, as the sandbox stores them.

use domain::clock::Timestamp;

use super::Metadata;
use super::checkout::LineItem;

/// How often a recurring price is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Interval {
    /// Every day.
    Day,
    /// Every week.
    Week,
    /// Every month.
    Month,
    /// Every year.
    Year,
}

impl Interval {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Day, Self::Week, Self::Month, Self::Year].into_iter().find(|it| it.name() == name)
    }

    /// The moment one interval later, by the calendar in UTC: 31 January and a month is
    /// the last of February.
    pub(crate) fn after(self, at: Timestamp) -> Timestamp {
        let span = match self {
            Self::Day => jiff::Span::new().days(1),
            Self::Week => jiff::Span::new().weeks(1),
            Self::Month => jiff::Span::new().months(1),
            Self::Year => jiff::Span::new().years(1),
        };
        jiff::Timestamp::from_millisecond(at.0)
            .and_then(|start| start.to_zoned(jiff::tz::TimeZone::UTC).checked_add(span))
            .map_or(at, |end| Timestamp(end.timestamp().as_millisecond()))
    }
}

/// How long a coupon keeps working on one subscription.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Duration {
    /// On the first invoice only.
    Once,
    /// On every invoice.
    Forever,
}

impl Duration {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Forever => "forever",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Product {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub metadata: Metadata,
    pub created: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct Price {
    pub id: String,
    pub product: String,
    pub product_name: String,
    pub currency: String,
    pub unit_amount: i64,
    pub interval: Option<Interval>,
    pub metadata: Metadata,
    pub created: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct Coupon {
    pub id: String,
    pub name: Option<String>,
    /// Hundredths of a percent, so that no float touches money.
    pub percent_off_bps: i64,
    pub duration: Duration,
    pub times_redeemed: u32,
    /// False from when it is deleted.
    pub valid: bool,
    pub created: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct PromotionCode {
    pub id: String,
    pub code: String,
    pub coupon: Coupon,
    pub active: bool,
    pub times_redeemed: u32,
    pub metadata: Metadata,
    pub created: Timestamp,
}

/// A coupon at work on one session, subscription or invoice.
#[derive(Clone, Debug)]
pub(crate) struct Discount {
    pub id: String,
    pub coupon: Coupon,
    pub promotion_code: Option<String>,
    pub start: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct PaymentLink {
    pub id: String,
    /// The last part of its URL.
    pub slug: String,
    pub lines: Vec<LineItem>,
    pub trial_days: u32,
    pub metadata: Metadata,
    pub subscription_metadata: Metadata,
    pub payment_metadata: Metadata,
    pub invoice_creation: bool,
    pub allow_promotion_codes: bool,
    pub success_url: Option<String>,
    pub active: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_after_the_last_of_january_is_the_last_of_february() {
        let january: jiff::Timestamp = "2026-01-31T10:00:00Z".parse().unwrap();
        let end = Interval::Month.after(Timestamp(january.as_millisecond()));
        assert_eq!(format!("{end:?}"), "2026-02-28T10:00:00Z");
    }
}
