//! Payments credited to affiliates, and the sums that pages read.

use domain::checks::CheckKind;
use domain::clicks::ClickToken;
use domain::clock::Timestamp;
use domain::commissions::{CommissionStatus, HoldReason};
use domain::emails::Email;
use domain::ids::{AffiliateId, ConversionId, CustomerId, LinkId, PaymentId, ProgramId, TermsId};
use domain::money::Currency;

use crate::db::{Batch, Conn, Result, Row, Value, args};

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

/// A conversion as listed.
#[derive(Debug, Clone)]
pub struct ConversionRow {
    /// The conversion.
    pub conversion: Conversion,
    /// The affiliate's name.
    pub affiliate_name: String,
    /// What was bought, if Stripe said so.
    pub label: Option<String>,
    /// The buyer's address.
    pub email: Option<Email>,
    /// The payment's best-known Stripe id.
    pub stripe_id: String,
    /// When the click behind it was made.
    pub click_at: Option<Timestamp>,
    /// The code of the link behind it.
    pub link_code: Option<String>,
    /// Its status at the time of the query.
    pub status: CommissionStatus,
}

fn conversion_row(row: &Row) -> Result<ConversionRow> {
    Ok(ConversionRow {
        conversion: conversion(row)?,
        affiliate_name: row.get("affiliate_name")?,
        label: row.get("label")?,
        email: row.get("email")?,
        stripe_id: row.get("stripe_id")?,
        click_at: row.get("click_at")?,
        link_code: row.get("link_code")?,
        status: row.word("status")?,
    })
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

const SAVE: Batch<25> = Batch {
    into: "INSERT INTO conversions (id, program_id, payment_id, customer_id, affiliate_id, link_id, terms_id, \
           method, click_token, currency, amount, base, refunded, commission_currency, commission, reversed, \
           held, disputed, canceled, hold_until, paid_at, created_at, payment_number, hold_reason, standing)",
    then: "ON CONFLICT (id) DO UPDATE SET customer_id = excluded.customer_id, \
           affiliate_id = excluded.affiliate_id, link_id = excluded.link_id, terms_id = excluded.terms_id, \
           method = excluded.method, click_token = excluded.click_token, currency = excluded.currency, \
           amount = excluded.amount, base = excluded.base, refunded = excluded.refunded, \
           commission_currency = excluded.commission_currency, commission = excluded.commission, \
           reversed = excluded.reversed, held = excluded.held, disputed = excluded.disputed, \
           canceled = excluded.canceled, hold_until = excluded.hold_until, paid_at = excluded.paid_at, \
           payment_number = excluded.payment_number, hold_reason = excluded.hold_reason, \
           standing = CASE WHEN excluded.standing = 'earned' THEN coalesce(conversions.payout, 'earned') \
           ELSE excluded.standing END",
};

/// Adds conversions or updates them.
pub async fn save(
    conn: &mut Conn,
    conversions: impl IntoIterator<Item = &Conversion>,
    now: Timestamp,
) -> Result<()> {
    conn.run_batch(SAVE, conversions.into_iter().map(|c| saved(c, now)).collect()).await.map(drop)
}

fn saved(c: &Conversion, now: Timestamp) -> [Value; 25] {
    args![
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
    ]
}

/// What a list is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of one affiliate.
    pub affiliate: Option<AffiliateId>,
    /// With one status.
    pub status: Option<CommissionStatus>,
    /// Credited by one check.
    pub method: Option<CheckKind>,
    /// Paid from then on.
    pub from: Option<Timestamp>,
    /// Paid before then.
    pub until: Option<Timestamp>,
}

/// Where a page begins: everything older than a row, or everything newer.
#[derive(Debug, Clone)]
pub enum Page {
    /// From the newest on.
    First,
    /// Older than this.
    Before(Timestamp, String),
    /// Newer than this.
    After(Timestamp, String),
}

/// What is listed of some conversions `c`, and the status as SQL says it; `$2` is the time.
macro_rules! shown {
    ($from:expr, $then:expr) => {
        concat!(
            "SELECT c.*, a.name AS affiliate_name, p.label, p.email, p.stripe_id, k.at AS click_at, l.code AS link_code FROM ",
            $from,
            " AS c JOIN affiliates a ON a.id = c.affiliate_id JOIN payments p ON p.id = c.payment_id \
             LEFT JOIN clicks k ON k.token = c.click_token LEFT JOIN links l ON l.id = c.link_id ",
            $then
        )
    };
}

macro_rules! with_status {
    ($where:expr) => {
        concat!(
            "(SELECT *, CASE WHEN canceled THEN 'canceled' \
             WHEN hold_reason = 'dispute' OR disputed > 0 THEN 'disputed' \
             WHEN reversed = commission THEN 'refunded' \
             WHEN held OR hold_reason IS NOT NULL AND hold_until > $2 THEN 'on_hold' \
             WHEN reversed > 0 THEN 'partly_refunded' \
             WHEN standing IN ('in_payout', 'paid') THEN standing \
             WHEN hold_until <= $2 THEN 'payable' ELSE 'pending' END AS status FROM conversions WHERE program_id = $1 ",
            $where,
            ")"
        )
    };
}

/// A list that an index leads, by an owner or one filter and time. The other filters are compared
/// row by row; what is shown beside the rows is read for those of the page alone. The key of the
/// page is the only bound at its end: SQLite would take a second one for the index instead, and
/// walk to the page from the newest row.
macro_rules! listed {
    ($leading:literal, $end:literal, $compare:literal, $order:literal) => {
        shown!(
            concat!(
                "(SELECT * FROM ",
                with_status!(concat!(
                    $leading,
                    " AND ($3 IS NULL OR affiliate_id = $3) AND ($4 IS NULL OR method = $4) \
                     AND ($5 IS NULL OR standing = $5) AND paid_at ",
                    $end,
                    " $6 AND (paid_at, id) ",
                    $compare,
                    " ($7, $8)"
                )),
                " AS found WHERE (CAST($9 AS TEXT) IS NULL OR status = $9) ORDER BY paid_at ",
                $order,
                ", id ",
                $order,
                " LIMIT $10)"
            ),
            concat!("ORDER BY c.paid_at ", $order, ", c.id ", $order)
        )
    };
}
const OLDER: [&str; 4] = [
    listed!("", ">=", "<", "DESC"),
    listed!("AND affiliate_id = $3", ">=", "<", "DESC"),
    listed!("AND standing = $5", ">=", "<", "DESC"),
    listed!("AND method = $4", ">=", "<", "DESC"),
];
const NEWER: [&str; 4] = [
    listed!("", "<", ">", "ASC"),
    listed!("AND affiliate_id = $3", "<", ">", "ASC"),
    listed!("AND standing = $5", "<", ">", "ASC"),
    listed!("AND method = $4", "<", ">", "ASC"),
];

/// The standings that conversions of a status can have.
const fn standings(status: CommissionStatus) -> &'static [Standing] {
    match status {
        CommissionStatus::Canceled => &[Standing::Canceled],
        CommissionStatus::Disputed => &[Standing::Disputed],
        CommissionStatus::Refunded => &[Standing::Refunded],
        CommissionStatus::OnHold => &[Standing::Held, Standing::HeldUntil],
        CommissionStatus::PartlyRefunded => &[Standing::PartlyRefunded, Standing::HeldUntil],
        CommissionStatus::Payable => &[Standing::Earned, Standing::HeldUntil],
        CommissionStatus::Pending => &[Standing::Earned],
        CommissionStatus::InPayout => &[Standing::InPayout],
        CommissionStatus::Paid => &[Standing::Paid],
    }
}

/// A program's conversions, newest first.
pub async fn list(
    conn: &mut Conn,
    program: &ProgramId,
    filter: &Filter,
    page: &Page,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<ConversionRow>> {
    let (from, until) =
        (filter.from.unwrap_or(Timestamp(i64::MIN)), filter.until.unwrap_or(Timestamp(i64::MAX)));
    let newer = matches!(page, Page::After(..));
    // Where the page begins: at its key, or where the time ends that the list is narrowed to.
    let (texts, end, (at, id)) = match page {
        Page::First => (OLDER, from, (until, "")),
        Page::Before(at, id) => (OLDER, from, (*at, id.as_str()).min((until, ""))),
        Page::After(at, id) => (NEWER, until, (*at, id.as_str()).max((from, ""))),
    };
    let [all, of_affiliate, of_standing, of_method] = texts;
    let mut rows = Vec::new();
    let kinds = filter.status.map(standings);
    for standing in kinds.map_or_else(|| vec![None], |kinds| kinds.iter().copied().map(Some).collect()) {
        let sql = match filter {
            Filter { affiliate: Some(_), .. } => of_affiliate,
            Filter { status: Some(_), .. } => of_standing,
            Filter { method: Some(_), .. } => of_method,
            _ => all,
        };
        let args = args![
            program,
            now,
            filter.affiliate.as_ref(),
            filter.method.map(CheckKind::word),
            standing.map(Standing::word),
            end,
            at,
            id,
            filter.status.map(CommissionStatus::word),
            limit,
        ];
        rows.extend(conn.all(sql, &args, conversion_row).await?);
    }
    let place = |row: &ConversionRow| (row.conversion.paid_at, row.conversion.id.clone());
    if kinds.is_some_and(|kinds| kinds.len() > 1) {
        rows.sort_by_key(place);
        if !newer {
            rows.reverse();
        }
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    if newer {
        rows.reverse();
    }
    Ok(rows)
}

/// One conversion of a program, as listed.
pub async fn get(
    conn: &mut Conn,
    program: &ProgramId,
    id: &ConversionId,
    now: Timestamp,
) -> Result<Option<ConversionRow>> {
    const ONE: &str = shown!(with_status!("AND id = $3"), "");
    conn.first(ONE, &args![program, now, id], conversion_row).await
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
