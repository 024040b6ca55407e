//! Payments credited to affiliates, and the sums that pages read.

use domain::checks::CheckKind;
use domain::clicks::ClickToken;
use domain::clock::Timestamp;
use domain::commissions::{CommissionStatus, HoldReason};
use domain::emails::Email;
use domain::ids::{AffiliateId, ConversionId, CustomerId, LinkId, PaymentId, ProgramId, TermsId};
use domain::money::Currency;

use crate::db::{AFTER_ALL_IDS, Conn, Result, Row, args};

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
    pub number: i64,
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
        number: row.get("number")?,
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

/// All conversions of a customer, in one query.
pub async fn of_customer(conn: &mut Conn, customer: &CustomerId) -> Result<Vec<Conversion>> {
    conn.all("SELECT * FROM conversions WHERE customer_id = $1", &args![customer], conversion).await
}

/// Adds a conversion or updates it.
pub async fn save(conn: &mut Conn, c: &Conversion, now: Timestamp) -> Result<()> {
    let sql = "INSERT INTO conversions (id, program_id, payment_id, customer_id, affiliate_id, link_id, terms_id, \
               method, click_token, currency, amount, base, refunded, commission_currency, commission, reversed, \
               held, disputed, canceled, hold_until, paid_at, created_at, number, hold_reason) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, \
               $21, $22, $23, $24) \
               ON CONFLICT (id) DO UPDATE SET customer_id = $4, affiliate_id = $5, link_id = $6, terms_id = $7, \
               method = $8, click_token = $9, currency = $10, amount = $11, base = $12, refunded = $13, \
               commission_currency = $14, commission = $15, reversed = $16, held = $17, disputed = $18, \
               canceled = $19, hold_until = $20, paid_at = $21, number = $23, hold_reason = $24";
    let args = args![
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
        c.number,
        c.hold.map(HoldReason::word),
    ];
    conn.run_one(sql, &args).await
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

/// The status as SQL says it; `$2` is the time.
macro_rules! listed {
    ($compare:literal, $order:literal) => {
        concat!(
            "SELECT * FROM (SELECT c.*, a.name AS affiliate_name, p.label, p.email, p.stripe_id, ",
            "k.at AS click_at, l.code AS link_code, ",
            "CASE WHEN c.canceled THEN 'canceled' ",
            "WHEN c.hold_reason = 'dispute' OR c.disputed > 0 THEN 'disputed' ",
            "WHEN c.reversed = c.commission THEN 'refunded' ",
            "WHEN c.held OR c.hold_reason IS NOT NULL AND c.hold_until > $2 THEN 'on_hold' ",
            "WHEN c.reversed > 0 THEN 'partly_refunded' ",
            "WHEN c.hold_until <= $2 THEN 'payable' ELSE 'pending' END AS status ",
            "FROM conversions c JOIN affiliates a ON a.id = c.affiliate_id JOIN payments p ON p.id = c.payment_id ",
            "LEFT JOIN clicks k ON k.token = c.click_token LEFT JOIN links l ON l.id = c.link_id ",
            "WHERE c.program_id = $1 AND ($3 IS NULL OR c.affiliate_id = $3) AND ($4 IS NULL OR c.method = $4) ",
            "AND c.paid_at >= $5 AND c.paid_at < $6) AS listed ",
            "WHERE ($7 IS NULL OR status = $7) AND (paid_at, id) ",
            $compare,
            " ($8, $9) ORDER BY paid_at ",
            $order,
            ", id ",
            $order,
            " LIMIT $10"
        )
    };
}
const OLDER: &str = listed!("<", "DESC");
const NEWER: &str = listed!(">", "ASC");

/// A program's conversions, newest first.
pub async fn list(
    conn: &mut Conn,
    program: &ProgramId,
    filter: &Filter,
    page: &Page,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<ConversionRow>> {
    let (sql, at, id) = match page {
        Page::First => (OLDER, Timestamp(i64::MAX), AFTER_ALL_IDS),
        Page::Before(at, id) => (OLDER, *at, id.as_str()),
        Page::After(at, id) => (NEWER, *at, id.as_str()),
    };
    let args = args![
        program,
        now,
        filter.affiliate.as_ref(),
        filter.method.map(CheckKind::word),
        filter.from.unwrap_or(Timestamp(i64::MIN)),
        filter.until.unwrap_or(Timestamp(i64::MAX)),
        filter.status.map(CommissionStatus::word),
        at,
        id,
        limit,
    ];
    let mut rows = conn.all(sql, &args, conversion_row).await?;
    if matches!(page, Page::After(..)) {
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
    let sql = "SELECT paid_at FROM conversions WHERE program_id = $1 AND id = $2";
    let Some(paid_at) = conn.first(sql, &args![program, id], |row| row.get::<Timestamp>("paid_at")).await?
    else {
        return Ok(None);
    };
    // The row just behind the one wanted, so that one text serves list and single.
    let page = Page::Before(paid_at, format!("{id}{AFTER_ALL_IDS}"));
    let rows = list(conn, program, &Filter::default(), &page, 1, now).await?;
    Ok(rows.into_iter().find(|row| row.conversion.id == *id))
}

/// How many payments of a program were credited, in all.
pub async fn count(conn: &mut Conn, program: &ProgramId) -> Result<i64> {
    conn.scalar("SELECT count(*) FROM conversions WHERE program_id = $1 AND NOT canceled", &args![program])
        .await
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
