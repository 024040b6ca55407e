//! The payout that claims entries, as the ledger names it.

use store::commissions::Claimant;
use store::payouts::Payout;

/// A payout, as far as what it claims goes.
pub(super) fn of(payout: &Payout) -> Claimant<'_> {
    Claimant {
        payout: &payout.id,
        program: &payout.program_id,
        affiliate: &payout.affiliate_id,
        currency: payout.currency,
    }
}
