//! Sums that pages read instead of adding up clicks and conversions.
//!
//! They are kept in the transaction of the fact, in buckets of UTC. The days of a time zone
//! begin at any quarter of an hour, so a span is added up from whole UTC days, and at each of
//! its ends from a part of one day: less than half of it, added or taken off, in hours and
//! quarters. That is exact in every time zone, and a year is some hundred rows.

mod bucket;
pub mod check;
pub mod clicks;
pub mod conversions;

pub use bucket::Cut;
pub use conversions::{Amounts, Totals};
