//! Promotion codes that belong to affiliates.

use domain::clock::Timestamp;
use domain::coupons::{CodeProblem, CodeStatus};
use domain::ids::{AffiliateId, CouponId, ProgramId};

use crate::db::{Batch, Conn, Result, Row, args};

/// A Stripe promotion code that belongs to an affiliate.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Coupon {
    pub id: CouponId,
    pub program_id: ProgramId,
    pub affiliate_id: AffiliateId,
    /// `promo_…`
    pub promotion_code: String,
    /// As buyers enter it.
    pub code: String,
    pub created_at: Timestamp,
    pub removed_at: Option<Timestamp>,
    /// Its latest known status at Stripe.
    pub status: CodeStatus,
    /// The time of that status.
    pub seen_at: Option<Timestamp>,
}

fn coupon(row: &Row) -> Result<Coupon> {
    Ok(Coupon {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        affiliate_id: row.get("affiliate_id")?,
        promotion_code: row.get("promotion_code")?,
        code: row.get("code")?,
        created_at: row.get("created_at")?,
        removed_at: row.get("removed_at")?,
        status: CodeStatus {
            coupon: row.get("coupon")?,
            problem: row.optional_word("problem")?,
            expires_at: row.get("expires_at")?,
        },
        seen_at: row.get("seen_at")?,
    })
}

/// Adds a code; `false` when it belongs to an affiliate already.
pub async fn put(conn: &mut Conn, new: &Coupon) -> Result<bool> {
    let sql = "INSERT INTO coupons (id, program_id, affiliate_id, promotion_code, code, created_at, coupon, problem, \
               expires_at, seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
               ON CONFLICT (program_id, promotion_code) WHERE removed_at IS NULL DO NOTHING";
    let args = args![
        &new.id,
        &new.program_id,
        &new.affiliate_id,
        &new.promotion_code,
        &new.code,
        new.created_at,
        new.status.coupon.as_deref(),
        new.status.problem.map(CodeProblem::word),
        new.status.expires_at,
        new.seen_at
    ];
    Ok(conn.run(sql, &args).await? == 1)
}

/// Records Stripe's status of a promotion code at a time. A later status stays, and so does the
/// end of its coupon, which is final. Of two statuses of the same second, the one with a problem
/// is kept. Does nothing if no affiliate has the code.
pub async fn record_status(
    conn: &mut Conn,
    program: &ProgramId,
    promotion_code: &str,
    status: &CodeStatus,
    at: Timestamp,
) -> Result<()> {
    let sql = "UPDATE coupons SET coupon = coalesce($3, coupon), problem = $4, expires_at = $5, seen_at = $6 \
               WHERE program_id = $1 AND promotion_code = $2 AND removed_at IS NULL \
               AND coalesce(problem, '') <> 'coupon_ended' AND (seen_at IS NULL \
               OR seen_at < $6 OR seen_at = $6 AND coalesce(problem, '') < coalesce($4, ''))";
    let args = args![
        program,
        promotion_code,
        status.coupon.as_deref(),
        status.problem.map(CodeProblem::word),
        status.expires_at,
        at
    ];
    conn.run(sql, &args).await.map(drop)
}

/// The codes of a program of which Stripe has said nothing yet, after one of them.
pub async fn unseen(conn: &mut Conn, program: &ProgramId, after: &str, limit: i64) -> Result<Vec<Coupon>> {
    let sql = "SELECT * FROM coupons WHERE program_id = $1 AND id > $2 \
               AND seen_at IS NULL AND removed_at IS NULL ORDER BY id LIMIT $3";
    conn.all(sql, &args![program, after, limit], coupon).await
}

/// Sets what buyers enter, as Stripe has it.
pub async fn set_code(conn: &mut Conn, id: &CouponId, code: &str) -> Result<()> {
    conn.run_one("UPDATE coupons SET code = $2 WHERE id = $1", &args![id, code]).await
}

/// Records that a coupon was deleted: all its promotion codes have ended.
pub async fn record_deleted_coupon(conn: &mut Conn, program: &ProgramId, coupon: &str) -> Result<()> {
    let sql = "UPDATE coupons SET problem = 'coupon_ended' WHERE program_id = $1 AND coupon = $2";
    conn.run(sql, &args![program, coupon]).await.map(drop)
}

/// The codes that an affiliate has.
pub async fn of_affiliate(conn: &mut Conn, affiliate: &AffiliateId) -> Result<Vec<Coupon>> {
    let sql = "SELECT * FROM coupons WHERE affiliate_id = $1 AND removed_at IS NULL ORDER BY id LIMIT 100";
    conn.all(sql, &args![affiliate], coupon).await
}

/// Takes a code away from an affiliate; `None` when it is not theirs.
pub async fn remove(
    conn: &mut Conn,
    affiliate: &AffiliateId,
    id: &CouponId,
    now: Timestamp,
) -> Result<Option<Coupon>> {
    let sql = "SELECT * FROM coupons WHERE id = $1 AND affiliate_id = $2 AND removed_at IS NULL";
    let found = conn.first(sql, &args![id, affiliate], coupon).await?;
    if found.is_some() {
        conn.run_one("UPDATE coupons SET removed_at = $2 WHERE id = $1", &args![id, now]).await?;
    }
    Ok(found)
}

const BY_PROMOTION_CODES: Batch<2> = Batch {
    into: "WITH wanted (program_id, promotion_code) AS (",
    then: ") SELECT c.* FROM wanted w CROSS JOIN coupons c \
           WHERE c.program_id = w.program_id AND c.promotion_code = w.promotion_code \
           ORDER BY c.created_at, c.id",
};

/// Whose promotion codes of Stripe have been, the first one of each first.
pub async fn by_promotion_codes(
    conn: &mut Conn,
    codes: impl IntoIterator<Item = (&ProgramId, &str)>,
) -> Result<Vec<Coupon>> {
    let keys = codes.into_iter().map(|(program, code)| args![program, code]).collect();
    conn.all_batch(BY_PROMOTION_CODES, keys, coupon).await
}

const OF_IDS: Batch<2> = Batch {
    into: "WITH wanted (program_id, id) AS (",
    then: ") SELECT c.*, a.name AS affiliate_name FROM wanted w CROSS JOIN coupons c \
           JOIN affiliates a ON a.id = c.affiliate_id WHERE c.id = w.id AND c.program_id = w.program_id \
           AND c.removed_at IS NULL",
};

/// Promotion codes of a program that are in use, with the affiliate's name, by their ids; in no
/// order.
pub async fn of_ids(conn: &mut Conn, program: &ProgramId, ids: &[CouponId]) -> Result<Vec<(Coupon, String)>> {
    let keys = ids.iter().map(|id| args![program, id]).collect();
    conn.all_batch(OF_IDS, keys, |row| Ok((coupon(row)?, row.get("affiliate_name")?))).await
}
