//! What programs and affiliates have, by currency.

use std::collections::BTreeMap;

use domain::clock::Timestamp;
use domain::ids::{AffiliateId, ProgramId};
use domain::money::Currency;

use crate::db::{Batch, Conn, Result, Row, args};

/// What an affiliate or a program has in one currency, in minor units. `earned` is the sum of the
/// others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// The currency.
    pub currency: Currency,
    /// The sum of all entries.
    pub earned: i64,
    /// Not payable yet. What is held for a reason is on hold, whatever the date.
    pub on_hold: i64,
    /// Can be paid; below zero when more was reversed after a payout.
    pub payable: i64,
    /// In a payout that is not paid yet.
    pub in_payout: i64,
    /// Paid.
    pub paid: i64,
}

impl Balance {
    /// Nothing yet.
    pub const fn zero(currency: Currency) -> Self {
        Self { currency, earned: 0, on_hold: 0, payable: 0, in_payout: 0, paid: 0 }
    }
}

fn balance(row: &Row) -> Result<Balance> {
    let (earned, in_payout, paid): (i64, i64, i64) =
        (row.get("earned")?, row.get("in_payout")?, row.get("paid")?);
    let payable: i64 = row.get("payable")?;
    let on_hold = earned.saturating_sub(in_payout).saturating_sub(paid).saturating_sub(payable);
    Ok(Balance { currency: row.get("currency")?, earned, on_hold, payable, in_payout, paid })
}

/// A part of a balance.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    /// The sum of all entries.
    Earned = 0,
    /// In no payout and released.
    Released = 1,
    /// In a payout.
    InPayout = 2,
    /// Paid.
    Paid = 3,
}

/// What is added to balances, of affiliates and their programs at once.
#[derive(Debug, Default)]
pub(crate) struct Changes(BTreeMap<(String, Currency), (Option<ProgramId>, [i64; 4])>);

impl Changes {
    /// Adds to a part of an affiliate's balance and of the program's.
    pub(crate) fn add(
        &mut self,
        part: Part,
        program: &ProgramId,
        affiliate: &AffiliateId,
        currency: Currency,
        amount: i64,
    ) {
        for (owner, of) in [(affiliate.as_str(), Some(program)), (program.as_str(), None)] {
            let entry = self.0.entry((owner.to_owned(), currency));
            let (_, parts) = entry.or_insert_with(|| (of.cloned(), [0; 4]));
            if let Some(sum) = parts.get_mut(part as usize) {
                *sum += amount;
            }
        }
    }

    /// Writes what was added, in the order of the keys.
    pub(crate) async fn write(self, conn: &mut Conn) -> Result<()> {
        const ADD: Batch<7> = Batch {
            into: "INSERT INTO balances (owner_id, currency, program_id, earned, released, in_payout, paid)",
            then: "ON CONFLICT (owner_id, currency) DO UPDATE SET earned = balances.earned + excluded.earned, \
                   released = balances.released + excluded.released, \
                   in_payout = balances.in_payout + excluded.in_payout, paid = balances.paid + excluded.paid",
        };
        let rows =
            self.0.iter().map(|((owner, currency), (program, [earned, released, in_payout, paid]))| {
                args![owner, *currency, program.as_ref(), *earned, *released, *in_payout, *paid]
            });
        conn.run_batch(ADD, rows.collect()).await.map(drop)
    }
}

/// The balances of an affiliate, by currency.
pub async fn of_affiliate(conn: &mut Conn, affiliate: &AffiliateId, now: Timestamp) -> Result<Vec<Balance>> {
    let sql = "SELECT b.currency, b.earned, b.in_payout, b.paid, CAST(b.released + coalesce((SELECT sum(u.amount) \
               FROM unpaid_commissions u WHERE u.affiliate_id = b.owner_id AND u.currency = b.currency \
               AND u.released = FALSE AND u.payable_from <= $2), 0) AS BIGINT) AS payable \
               FROM balances b WHERE b.owner_id = $1 ORDER BY b.currency";
    conn.all(sql, &args![affiliate, now], balance).await
}

/// The balances of a program, by currency.
pub async fn of_program(conn: &mut Conn, program: &ProgramId, now: Timestamp) -> Result<Vec<Balance>> {
    let sql = "SELECT b.currency, b.earned, b.in_payout, b.paid, CAST(b.released + coalesce((SELECT sum(u.amount) \
               FROM unpaid_commissions u WHERE u.program_id = b.owner_id AND u.currency = b.currency \
               AND NOT u.released AND u.payable_from <= $2), 0) AS BIGINT) AS payable \
               FROM balances b WHERE b.owner_id = $1 ORDER BY b.currency";
    conn.all(sql, &args![program, now], balance).await
}
