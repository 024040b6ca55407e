//! Promotion codes that belong to affiliates.

use domain::clock::Timestamp;
use domain::ids::{AffiliateId, CouponId, ProgramId};

use crate::db::{Conn, Result, Row, args};

/// A Stripe promotion code that belongs to an affiliate.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Coupon {
    pub id: CouponId,
    pub program_id: ProgramId,
    pub affiliate_id: AffiliateId,
    /// `promo_…`
    pub promotion_code: String,
    /// As buyers type it.
    pub code: String,
    pub created_at: Timestamp,
}

fn coupon(row: &Row) -> Result<Coupon> {
    Ok(Coupon {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        affiliate_id: row.get("affiliate_id")?,
        promotion_code: row.get("promotion_code")?,
        code: row.get("code")?,
        created_at: row.get("created_at")?,
    })
}

/// Adds a code; `false` when it belongs to an affiliate already.
pub async fn put(conn: &mut Conn, new: &Coupon) -> Result<bool> {
    let sql = "INSERT INTO coupons (id, program_id, affiliate_id, promotion_code, code, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (program_id, promotion_code) DO NOTHING";
    let args =
        args![&new.id, &new.program_id, &new.affiliate_id, &new.promotion_code, &new.code, new.created_at];
    Ok(conn.run(sql, &args).await? == 1)
}

/// The codes of an affiliate.
pub async fn of_affiliate(conn: &mut Conn, affiliate: &AffiliateId) -> Result<Vec<Coupon>> {
    conn.all("SELECT * FROM coupons WHERE affiliate_id = $1 ORDER BY id LIMIT 100", &args![affiliate], coupon)
        .await
}

/// The affiliate's code for a promotion code of Stripe.
pub async fn by_promotion_code(
    conn: &mut Conn,
    program: &ProgramId,
    promotion_code: &str,
) -> Result<Option<Coupon>> {
    let sql = "SELECT * FROM coupons WHERE program_id = $1 AND promotion_code = $2";
    conn.first(sql, &args![program, promotion_code], coupon).await
}
