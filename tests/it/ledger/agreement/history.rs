//! Random clicks and sales, and what becomes of the sales.

use domain::clock::DAY_MS;
use proptest::prelude::*;

use crate::site::START;

/// Whole and half hours, quarters, both hemispheres' summer time, the ends of the world, and a
/// zone whose summer time is half an hour.
pub(super) const ZONES: [&str; 12] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
];
pub(super) const CURRENCIES: [&str; 3] = ["usd", "eur", "jpy"];

/// A payment of a history, and what became of it.
#[derive(Debug, Clone)]
pub(super) struct Sale {
    /// How long before now; a little in the future where Stripe's clock runs ahead.
    pub(super) ago: i64,
    pub(super) affiliate: usize,
    pub(super) currency: usize,
    pub(super) commission_currency: usize,
    pub(super) amount: i64,
    pub(super) is_first: bool,
    pub(super) then: Then,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Then {
    Nothing,
    Refunded(i64),
    Disputed,
    Canceled,
    Moved(usize),
}

#[derive(Debug, Clone)]
pub(super) struct History {
    pub(super) zone: usize,
    pub(super) now: i64,
    pub(super) clicks: Vec<(i64, usize, bool)>,
    pub(super) sales: Vec<Sale>,
}

/// Moments anywhere in two years, often near an end of a span.
fn ago() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => 0..3 * DAY_MS,
        4 => 0..35 * DAY_MS,
        3 => 0..740 * DAY_MS,
        1 => -60_000_i64..0,
        // Quarters around a boundary of a period.
        6 => (prop::sample::select(vec![1_i64, 6, 7, 29, 30, 89, 90, 363, 364, 727, 728]), -100_i64..100)
            .prop_map(|(days, quarters)| days * DAY_MS + quarters * 900_000),
    ]
}

pub(super) fn history() -> impl Strategy<Value = History> {
    let then = prop_oneof![
        4 => Just(Then::Nothing),
        1 => (1_i64..500).prop_map(Then::Refunded),
        1 => Just(Then::Disputed),
        1 => Just(Then::Canceled),
        1 => (0_usize..3).prop_map(Then::Moved),
    ];
    let sale = (ago(), 0_usize..3, 0_usize..3, 0_usize..3, 500_i64..10_000, any::<bool>(), then).prop_map(
        |(ago, affiliate, currency, commission_currency, amount, is_first, then)| Sale {
            ago,
            affiliate,
            currency,
            commission_currency,
            amount,
            is_first,
            then,
        },
    );
    let sale = sale.boxed();
    // Any time of any day of a year, so that summer time begins and ends in some spans.
    (0..ZONES.len(), 0_i64..365 * 96)
        .prop_flat_map(move |(zone, quarter)| {
            let clicks = prop::collection::vec((ago(), 0_usize..3, prop::bool::weighted(0.2)), 0..40);
            let sales = prop::collection::vec(sale.clone(), 0..25);
            (Just(zone), Just(START.0 - quarter * 900_000 + 61_000), clicks, sales)
        })
        .prop_map(|(zone, now, clicks, sales)| History { zone, now, clicks, sales })
}
