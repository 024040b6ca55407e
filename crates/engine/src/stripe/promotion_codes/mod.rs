//! Whether buyers can use affiliates' promotion codes, as Stripe says: in events, and where a
//! code was given to an affiliate while Stripe could not be asked.

mod check_promotion_codes_job;

pub(crate) use check_promotion_codes_job::CheckPromotionCodes;
use domain::clock::Timestamp;
use domain::coupons::CodeStatus;
use store::connections::Connection;
use store::db::Conn;

use crate::engine::Engine;
use crate::error::Result;
use crate::jobs;

/// Codes that one job asks Stripe about, one call each.
const AT_ONCE: i64 = 20;

/// Schedules the question about codes of which Stripe has said nothing yet, if there are any
/// and Stripe can be asked.
pub(crate) async fn schedule_check(engine: &Engine, conn: &mut Conn, connection: &Connection) -> Result<()> {
    if connection.can_call_stripe()
        && !store::coupons::unseen(conn, &connection.program_id, "", 1).await?.is_empty()
    {
        jobs::enqueue(engine, conn, &CheckPromotionCodes::of(connection), engine.now()).await?;
    }
    Ok(())
}

/// Records the status that an event or Stripe reports. The deletion of its coupon may have been
/// reported before it was known which coupon it has.
pub(crate) async fn record_status(
    conn: &mut Conn,
    connection: &Connection,
    promotion_code: &str,
    status: &CodeStatus,
    at: Timestamp,
) -> Result<()> {
    let program = &connection.program_id;
    store::coupons::record_status(conn, program, promotion_code, status, at).await?;
    if let Some(coupon) = &status.coupon
        && store::inbox::is_coupon_deleted(conn, &connection.id, coupon).await?
    {
        store::coupons::record_deleted_coupon(conn, program, coupon).await?;
    }
    Ok(())
}
