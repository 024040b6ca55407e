//! What reading costs on SQLite: the steps of its virtual machine, which grow with the rows that
//! are visited and do not depend on how busy the machine is. For tests and benches.

use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::SqliteConnection;

/// Steps of the virtual machine between two counts.
const EVERY: u32 = 20;

static STEPS: AtomicU64 = AtomicU64::new(0);

/// How many steps this process made for reads on SQLite.
pub fn steps() -> u64 {
    STEPS.load(Ordering::Relaxed)
}

/// Counts the steps of a connection.
pub(super) async fn count(conn: &mut SqliteConnection) -> sqlx::Result<()> {
    let every = i32::try_from(EVERY).unwrap_or(1);
    conn.lock_handle().await?.set_progress_handler(every, || {
        STEPS.fetch_add(u64::from(EVERY), Ordering::Relaxed);
        true
    });
    Ok(())
}
