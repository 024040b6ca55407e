//! Payments credited to affiliates.

mod list;

use domain::checks::CheckKind;
use domain::clicks::ClickToken;
use domain::clock::Timestamp;
use domain::commissions::HoldReason;
use domain::ids::{AffiliateId, ConversionId, CustomerId, LinkId, PaymentId, ProgramId, TermsId};
use domain::money::Currency;
use domain::terms::AppliedReward;

pub use list::{ConversionRow, Filter, Page, get, list};

use crate::db::{Batch, Conn, Result, Row, Value, args, json};

/// A conversion as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the columns say it, see migrations/0001_initial.sql; amounts are minor units"
)]
pub struct Conversion {
    pub id: ConversionId,
    pub program_id: ProgramId,
    pub payment_id: PaymentId,
    pub customer_id: CustomerId,
    pub affiliate_id: AffiliateId,
    pub link_id: Option<LinkId>,
    pub terms_id: TermsId,
    /// The check that decided.
    pub method: CheckKind,
    pub click_token: Option<ClickToken>,
    pub currency: Currency,
    /// Which of the customer's payments it is: 1 for the first.
    pub payment_number: i64,
    pub amount: i64,
    /// The reward that decided.
    pub reward: AppliedReward,
    /// What of the payment's base it is for.
    pub base: i64,
    pub refunded: i64,
    pub commission_currency: Currency,
    pub commission: i64,
    pub reversed: i64,
    /// Why it is held back beyond the hold period.
    pub hold: Option<HoldReason>,
    pub disputed: i64,
    pub canceled: bool,
    pub hold_until: Timestamp,
    pub paid_at: Timestamp,
}

impl Conversion {
    fn standing(&self) -> Standing {
        if self.canceled {
            Standing::Canceled
        } else if self.hold == Some(HoldReason::Dispute) || self.disputed > 0 {
            Standing::Disputed
        } else if self.reversed == self.commission {
            Standing::Refunded
        } else if self.is_held() {
            Standing::Held
        } else if self.hold.is_some() {
            Standing::HeldUntil
        } else if self.reversed > 0 {
            Standing::PartlyRefunded
        } else {
            Standing::Earned
        }
    }

    /// Whether an event or a person must release its commission, whatever the date.
    pub fn is_held(&self) -> bool {
        self.hold.is_some_and(HoldReason::is_open_ended)
    }
}

fn conversion(row: &Row) -> Result<Conversion> {
    Ok(Conversion {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        payment_id: row.get("payment_id")?,
        customer_id: row.get("customer_id")?,
        affiliate_id: row.get("affiliate_id")?,
        link_id: row.get("link_id")?,
        terms_id: row.get("terms_id")?,
        method: row.word("method")?,
        click_token: row.get("click_token")?,
        currency: row.get("currency")?,
        payment_number: row.get("payment_number")?,
        amount: row.get("amount")?,
        reward: row.json("reward")?,
        base: row.get("base")?,
        refunded: row.get("refunded")?,
        commission_currency: row.get("commission_currency")?,
        commission: row.get("commission")?,
        reversed: row.get("reversed")?,
        hold: row.optional_word("hold_reason")?,
        disputed: row.get("disputed")?,
        canceled: row.get("canceled")?,
        hold_until: row.get("hold_until")?,
        paid_at: row.get("paid_at")?,
    })
}

domain::word_enum! {
    /// What the status of a conversion follows from, apart from the clock.
    enum Standing {
        /// It was reversed.
        Canceled = "canceled",
        /// A dispute holds it, or took of it.
        Disputed = "disputed",
        /// Nothing of the commission is left.
        Refunded = "refunded",
        /// An event or a person must release it.
        Held = "held",
        /// It is held for a reason that ends by itself.
        HeldUntil = "held_until",
        /// A part of the commission was reversed.
        PartlyRefunded = "partly_refunded",
        /// On hold for the usual time, then payable.
        Earned = "earned",
        /// Claimed by a payout.
        InPayout = "in_payout",
        /// Paid.
        Paid = "paid",
    }
}

/// The conversion of a payment.
pub async fn of_payment(conn: &mut Conn, payment: &PaymentId) -> Result<Option<Conversion>> {
    conn.first("SELECT * FROM conversions WHERE payment_id = $1", &args![payment], conversion).await
}

const OF_CUSTOMERS: Batch<1> = Batch {
    into: "WITH wanted (customer_id) AS (",
    then: ") SELECT c.* FROM wanted w CROSS JOIN conversions c WHERE c.customer_id = w.customer_id",
};

/// All conversions of customers; in no order.
pub async fn of_customers(conn: &mut Conn, customers: &[CustomerId]) -> Result<Vec<Conversion>> {
    conn.all_batch(OF_CUSTOMERS, customers.iter().map(|id| args![id]).collect(), conversion).await
}

const SAVE: Batch<26> = Batch {
    into: "INSERT INTO conversions (id, program_id, payment_id, customer_id, affiliate_id, link_id, terms_id, \
           method, click_token, currency, amount, base, refunded, commission_currency, commission, reversed, \
           held, disputed, canceled, hold_until, paid_at, created_at, payment_number, hold_reason, standing, reward)",
    then: "ON CONFLICT (id) DO UPDATE SET customer_id = excluded.customer_id, \
           affiliate_id = excluded.affiliate_id, link_id = excluded.link_id, terms_id = excluded.terms_id, \
           method = excluded.method, click_token = excluded.click_token, currency = excluded.currency, \
           amount = excluded.amount, base = excluded.base, refunded = excluded.refunded, \
           commission_currency = excluded.commission_currency, commission = excluded.commission, \
           reversed = excluded.reversed, held = excluded.held, disputed = excluded.disputed, \
           canceled = excluded.canceled, hold_until = excluded.hold_until, paid_at = excluded.paid_at, \
           payment_number = excluded.payment_number, hold_reason = excluded.hold_reason, reward = excluded.reward, \
           standing = CASE WHEN excluded.standing = 'earned' THEN coalesce(conversions.payout, 'earned') \
           ELSE excluded.standing END",
};

/// Adds conversions or updates them.
pub async fn save(
    conn: &mut Conn,
    conversions: impl IntoIterator<Item = &Conversion>,
    now: Timestamp,
) -> Result<()> {
    let rows: Result<Vec<_>> = conversions.into_iter().map(|c| saved(c, now)).collect();
    conn.run_batch(SAVE, rows?).await.map(drop)
}

fn saved(c: &Conversion, now: Timestamp) -> Result<[Value; 26]> {
    Ok(args![
        &c.id,
        &c.program_id,
        &c.payment_id,
        &c.customer_id,
        &c.affiliate_id,
        c.link_id.as_ref(),
        &c.terms_id,
        c.method.word(),
        c.click_token.as_ref().map(ClickToken::as_str),
        c.currency,
        c.amount,
        c.base,
        c.refunded,
        c.commission_currency,
        c.commission,
        c.reversed,
        c.is_held(),
        c.disputed,
        c.canceled,
        c.hold_until,
        c.paid_at,
        now,
        c.payment_number,
        c.hold.map(HoldReason::word),
        c.standing().word(),
        json("conversions.reward", &c.reward)?,
    ])
}

/// How many buyers a click is credited for.
pub async fn buyers_of_click(conn: &mut Conn, click: &ClickToken) -> Result<i64> {
    let sql = "SELECT count(DISTINCT customer_id) FROM conversions WHERE click_token = $1 AND NOT canceled";
    conn.scalar(sql, &args![click]).await
}

/// The clicks that an affiliate is credited for with so many buyers or more, the largest
/// first; among the newest conversions since a time.
pub async fn shared_clicks(
    conn: &mut Conn,
    affiliate: &AffiliateId,
    since: Timestamp,
    buyers: i64,
) -> Result<Vec<(ClickToken, i64)>> {
    let sql = "SELECT click_token, count(DISTINCT customer_id) AS buyers FROM \
                 (SELECT click_token, customer_id FROM conversions WHERE affiliate_id = $1 AND paid_at >= $2 \
                  AND click_token IS NOT NULL AND NOT canceled ORDER BY paid_at DESC, id DESC LIMIT 2000) AS newest \
               GROUP BY click_token HAVING count(DISTINCT customer_id) >= $3 ORDER BY 2 DESC, 1 LIMIT 3";
    conn.all(sql, &args![affiliate, since, buyers], |row| Ok((row.get("click_token")?, row.get("buyers")?)))
        .await
}
