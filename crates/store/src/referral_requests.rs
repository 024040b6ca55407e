//! Requests of affiliates to look for a payment.

use domain::clock::Timestamp;
use domain::ids::{AccountId, AffiliateId, PaymentId, ProgramId, ReferralRequestId};
use domain::referral_requests::{RequestStatus, Sought};

use crate::db::{Conn, DbError, Result, Row, args};

/// A request of an affiliate.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct ReferralRequest {
    pub id: ReferralRequestId,
    pub program_id: ProgramId,
    pub affiliate_id: AffiliateId,
    pub sought: Sought,
    pub bought_at: Timestamp,
    pub note: String,
    pub created_at: Timestamp,
    pub status: RequestStatus,
    pub answer: Option<String>,
    pub answered_at: Option<Timestamp>,
    pub answered_by: Option<AccountId>,
    pub payment_id: Option<PaymentId>,
}

fn request(row: &Row) -> Result<ReferralRequest> {
    let sought: String = row.get("sought")?;
    Ok(ReferralRequest {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        affiliate_id: row.get("affiliate_id")?,
        sought: Sought::parse(&sought)
            .map_err(|error| DbError::inconsistent("referral_requests.sought", error))?,
        bought_at: row.get("bought_at")?,
        note: row.get("note")?,
        created_at: row.get("created_at")?,
        status: row.word("status")?,
        answer: row.get("answer")?,
        answered_at: row.get("answered_at")?,
        answered_by: row.get("answered_by")?,
        payment_id: row.get("payment_id")?,
    })
}

/// Adds a request; `false` when the affiliate has an open one for the same.
pub async fn put(conn: &mut Conn, new: &ReferralRequest) -> Result<bool> {
    let sql = "INSERT INTO referral_requests \
               (id, program_id, affiliate_id, sought, bought_at, note, created_at, status) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    let args = args![
        &new.id,
        &new.program_id,
        &new.affiliate_id,
        new.sought.to_string(),
        new.bought_at,
        &new.note,
        new.created_at,
        new.status.word()
    ];
    Ok(conn.run(sql, &args).await? == 1)
}

/// A request to a program.
pub async fn get(
    conn: &mut Conn,
    program: &ProgramId,
    id: &ReferralRequestId,
) -> Result<Option<ReferralRequest>> {
    let sql = "SELECT * FROM referral_requests WHERE program_id = $1 AND id = $2";
    conn.first(sql, &args![program, id], request).await
}

/// A program's requests of a status, oldest first, after one of them.
pub async fn list(
    conn: &mut Conn,
    program: &ProgramId,
    status: RequestStatus,
    after: &str,
    limit: i64,
) -> Result<Vec<ReferralRequest>> {
    let sql = "SELECT * FROM referral_requests WHERE program_id = $1 AND status = $2 AND id > $3 \
               ORDER BY id LIMIT $4";
    conn.all(sql, &args![program, status.word(), after, limit], request).await
}

/// The newest requests of an affiliate.
pub async fn of_affiliate(
    conn: &mut Conn,
    affiliate: &AffiliateId,
    limit: i64,
) -> Result<Vec<ReferralRequest>> {
    let sql = "SELECT * FROM referral_requests WHERE affiliate_id = $1 ORDER BY id DESC LIMIT $2";
    conn.all(sql, &args![affiliate, limit], request).await
}

/// How many requests of an affiliate wait for an answer.
pub async fn count_open(conn: &mut Conn, affiliate: &AffiliateId) -> Result<i64> {
    let sql = "SELECT count(*) FROM referral_requests WHERE affiliate_id = $1 AND status = 'open'";
    conn.scalar(sql, &args![affiliate]).await
}

/// Answers a request; `false` when it was answered before.
pub async fn answer(
    conn: &mut Conn,
    id: &ReferralRequestId,
    status: RequestStatus,
    answer: &str,
    payment: Option<&PaymentId>,
    by: &AccountId,
    now: Timestamp,
) -> Result<bool> {
    let sql = "UPDATE referral_requests SET status = $2, answer = $3, payment_id = $4, answered_by = $5, \
               answered_at = $6 WHERE id = $1 AND status = 'open'";
    Ok(conn.run(sql, &args![id, status.word(), answer, payment, by, now]).await? == 1)
}

/// Deletes requests that were answered before a time.
pub async fn delete_answered(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    conn.run("DELETE FROM referral_requests WHERE answered_at < $1", &args![before]).await
}
