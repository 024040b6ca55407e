//! The report of a repair, for pages and the API.

use domain::clock::{MINUTE_MS, Timestamp};
use domain::ids::RepairId;
use domain::money::Money;
use domain::repairs::{RepairCause, RepairLine, RepairOutcome, RepairStatus};
use store::db::Conn;
use store::repairs::Repair;

use crate::error::Result;

/// How long a run may show no sign of life before it counts as ended, milliseconds: longer
/// than its longest step and a restart of the server together.
pub(super) const STALLED_MS: i64 = 5 * MINUTE_MS;

/// A repair, finished or under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairReport {
    /// Its id.
    pub id: RepairId,
    /// How it ended; `None` while it is under way.
    pub outcome: Option<RepairOutcome>,
    /// Who or what asked for it.
    pub cause: RepairCause,
    /// The name of the person who asked for it.
    pub by: Option<String>,
    /// When it was started.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What was found and done, in order.
    pub lines: Vec<RepairLine>,
    /// From when on events were fetched.
    pub events_from: Option<Timestamp>,
    /// Events that Stripe listed.
    pub fetched: i64,
    /// Those of them that had not arrived.
    pub recovered: i64,
    /// By how much these have changed commissions so far, by currency.
    pub recovered_commissions: Vec<Money>,
}

impl RepairReport {
    pub(super) async fn read(conn: &mut Conn, repair: Repair, now: Timestamp) -> Result<Self> {
        let lines = store::repairs::lines(conn, &repair.id).await?;
        let recovered_commissions = match repair.recovered {
            0 => Vec::new(),
            _ => store::repairs::recovered_commissions(conn, &repair.id, now).await?,
        };
        let is_stalled =
            repair.status == RepairStatus::Running && now.since_ms(repair.touched_at) > STALLED_MS;
        Ok(Self {
            id: repair.id,
            outcome: repair.outcome.or(is_stalled.then_some(RepairOutcome::Interrupted)),
            cause: repair.cause,
            by: repair.account_name,
            started_at: repair.started_at,
            finished_at: repair.finished_at,
            lines,
            events_from: repair.events_from,
            fetched: repair.fetched,
            recovered: repair.recovered,
            recovered_commissions,
        })
    }

    /// Whether it is under way.
    pub fn is_running(&self) -> bool {
        self.outcome.is_none()
    }
}
