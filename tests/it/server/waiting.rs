//! Waiting for another process, with a limit.

use std::future::Future;
use std::time::Duration;

/// How often a condition is checked that another process fulfils.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Waits until a condition of another process holds; fails with its name.
pub async fn until<T>(what: &str, limit: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    within(what, limit, waiting).await
}

/// Fails with its name when something takes too long.
pub async fn within<T>(what: &str, limit: Duration, work: impl Future<Output = T>) -> T {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| panic!("{what}: not within {limit:?}"))
}
