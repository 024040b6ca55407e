//! Lists of conversions with what is shown beside them.

use domain::checks::CheckKind;
use domain::clock::Timestamp;
use domain::commissions::CommissionStatus;
use domain::emails::Email;
use domain::ids::{AffiliateId, ConversionId, ProgramId};

use super::{Conversion, Standing, conversion};
use crate::db::{Conn, Result, Row, args};

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
