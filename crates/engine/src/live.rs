//! Open pages learn that something has happened in their program.
//!
//! However many pages are open, the database is asked once a second for each program that one of
//! them shows. Asking, instead of being told by the worker, finds what another node has processed
//! too.

use std::time::Duration;

use domain::ids::ProgramId;
pub use store::programs::Newest;
use tokio::sync::watch;

use crate::engine::Engine;
use crate::error::Result;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

/// How often the database is asked.
const EVERY: Duration = Duration::from_secs(1);

/// The newest entry and payment of a program, and each time that they change.
///
/// # Errors
/// [`Unavailable`](crate::Error::Unavailable) when too many pages are open.
pub async fn watch(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
) -> Result<watch::Receiver<Newest>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?.id;
    let now = store::programs::newest(&mut conn, &program).await?;
    drop(conn);
    let (receiver, first) = engine.live_programs().join(&program, now)?;
    if let Some(sender) = first {
        tokio::spawn(ask(engine.clone(), program, sender));
    }
    Ok(receiver)
}

/// Asks for as long as a page is open.
async fn ask(engine: Engine, program: ProgramId, sender: watch::Sender<Newest>) {
    loop {
        tokio::time::sleep(EVERY).await;
        if engine.live_programs().is_left(&program, &sender) {
            return;
        }
        match newest(&engine, &program).await {
            Ok(now) => {
                sender.send_if_modified(|known| {
                    let has_changed = *known != now;
                    *known = now;
                    has_changed
                });
            }
            Err(error) => tracing::debug!(%program, %error, "open pages could not be told"),
        }
    }
}

async fn newest(engine: &Engine, program: &ProgramId) -> Result<Newest> {
    Ok(store::programs::newest(&mut engine.db().read().await?, program).await?)
}
