//! The last step: missed events are fetched.

use connect::stripe::client::Caller;
use domain::clock::Timestamp;
use domain::repairs::{RepairLine, RepairStep};
use store::connections::Connection;

use super::run::{Run, StepResult, failed};
use crate::stripe::backfill::Backfill;
use crate::stripe::credentials;
use crate::stripe::failure::uses_platform_key;

/// Fetches every event since a moment. Each goes through the inbox as if it had been
/// delivered.
pub(super) async fn fetch(
    run: &mut Run<'_>,
    connection: &Connection,
    caller: &Caller,
    since: Timestamp,
) -> StepResult<()> {
    let mut backfill = Backfill::new(run.engine, connection, caller, since);
    run.record_fetched(since, 0, 0).await?;
    let error = loop {
        match backfill.next_page().await? {
            Ok(true) => run.record_fetched(since, backfill.fetched, backfill.new).await?,
            Ok(false) => break None,
            Err(error) => break Some(error),
        }
    };
    let (fetched, recovered) = (backfill.fetched, backfill.new);
    let line = match error {
        Some(error) => {
            let is_lost = credentials::refused(run.engine, connection, &error).await?;
            failed(RepairStep::FetchEvents { recovered }, &error, is_lost, uses_platform_key(connection))
        }
        None if backfill.is_cut => RepairLine::EventsPartlyFetched { recovered },
        None => {
            run.is_complete();
            RepairLine::EventsFetched { fetched, recovered }
        }
    };
    run.append(line).await
}
