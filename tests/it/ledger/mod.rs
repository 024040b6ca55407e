//! From Stripe's events to the ledger.

mod again;
mod agreement;
mod concurrency;
mod levels;
mod lines;
mod money;
mod orders;
mod payout_results;
mod payouts;
mod rewards;
mod self_referral;
mod table;
mod timeline;
mod together;
mod top_affiliates;
mod what_if;

use sandbox::ApiVersion;

/// One version of each shape that events come in: the floor, the last in which a charge
/// names its invoice, the first in which it does not, and the newest.
fn shapes() -> [ApiVersion; 4] {
    let basil = ApiVersion::parse("2025-03-31.basil").expect("a version");
    [ApiVersion::OLDEST, ApiVersion::ACACIA, basil, ApiVersion::NEWEST]
}
