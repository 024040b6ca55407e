//! Group commit: whatever arrived during the last commit is the next batch.
//!
//! One item waits for one commit, a flood makes its own large batches, and no timer is
//! needed. A sender waits for its commit, so what was acknowledged is on disk.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};

use super::{DbError, Result, again};

/// The longest queue; beyond it a sender gets [`NotStored::Busy`] immediately.
const QUEUE: usize = 4_096;
/// The largest batch: a commit of this many rows takes some 20 ms, which is already felt.
const MOST_PER_COMMIT: usize = 512;
/// The longest commit. Waiting for a connection and for SQLite's lock ends earlier by itself.
const COMMIT_DEADLINE: Duration = Duration::from_secs(6);
/// An item that has waited for so long is not tried: with [`COMMIT_DEADLINE`], every sender
/// has its answer within nine seconds. Stripe waits for twenty, proxies often for ten.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why an item is not in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotStored {
    /// The queue is full or the writer has stopped.
    #[error("the queue of the writer is full")]
    Busy,
    /// The database refused it.
    #[error("the database rejected it")]
    Failed,
}

type StoreResult<R> = std::result::Result<R, NotStored>;
type Commit<T, R> =
    Box<dyn Fn(Arc<Vec<T>>) -> Pin<Box<dyn Future<Output = Result<Vec<R>>> + Send>> + Send + Sync>;

struct Waiting<T, R> {
    item: T,
    answer: oneshot::Sender<StoreResult<R>>,
    since: Instant,
}

/// The sending end; cheap to clone.
pub struct GroupCommit<T, R> {
    queue: mpsc::Sender<Waiting<T, R>>,
    senders: Arc<AtomicUsize>,
}

impl<T, R> Clone for GroupCommit<T, R> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone(), senders: Arc::clone(&self.senders) }
    }
}

/// Counts a sender for as long as it waits, also when it hangs up.
struct Sender<'a>(&'a AtomicUsize);

impl<'a> Sender<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Sender<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<T: Clone + Send + Sync + 'static, R: Send + 'static> GroupCommit<T, R> {
    /// Starts the writer. `commit` writes all items in one transaction and returns one
    /// result per item, in order. The writer ends when every sender is dropped and the queue
    /// is empty.
    pub fn start<F>(
        commit: impl Fn(Arc<Vec<T>>) -> F + Send + Sync + 'static,
    ) -> (Self, tokio::task::JoinHandle<()>)
    where
        F: Future<Output = Result<Vec<R>>> + Send + 'static,
    {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let commit: Commit<T, R> = Box::new(move |items| Box::pin(commit(items)));
        (Self { queue, senders: Arc::default() }, tokio::spawn(drain(waiting, commit)))
    }

    /// How many senders wait for their commit.
    pub fn waiting(&self) -> usize {
        self.senders.load(Ordering::Relaxed)
    }

    /// Stores an item: waits until it is on disk, for nine seconds at most.
    pub async fn store(&self, item: T) -> StoreResult<R> {
        let _sender = Sender::new(&self.senders);
        let (answer, stored) = oneshot::channel();
        let waiting = Waiting { item, answer, since: Instant::now() };
        self.queue.try_send(waiting).map_err(|_| NotStored::Busy)?;
        stored.await.map_err(|_| NotStored::Failed)?
    }
}

async fn drain<T: Clone + Send + Sync + 'static, R: Send + 'static>(
    mut queue: mpsc::Receiver<Waiting<T, R>>,
    commit: Commit<T, R>,
) {
    let mut batch = Vec::with_capacity(MOST_PER_COMMIT);
    while queue.recv_many(&mut batch, MOST_PER_COMMIT).await > 0 {
        let (mut items, mut answers) = (Vec::new(), Vec::new());
        for waiting in batch.drain(..) {
            if waiting.since.elapsed() > PATIENCE {
                // The receiver may have been dropped; so below.
                let _ = waiting.answer.send(Err(NotStored::Failed));
            } else {
                items.push(waiting.item);
                answers.push(waiting.answer);
            }
        }
        store_batch(Arc::new(items), answers, &commit).await;
    }
}

async fn in_time<T, R>(items: Arc<Vec<T>>, commit: &Commit<T, R>) -> Result<Vec<R>> {
    let work = again(|| commit(Arc::clone(&items)));
    timeout(COMMIT_DEADLINE, work).await.unwrap_or_else(|_| Err(DbError::timed_out()))
}

async fn store_batch<T: Clone, R>(
    items: Arc<Vec<T>>,
    answers: Vec<oneshot::Sender<StoreResult<R>>>,
    commit: &Commit<T, R>,
) {
    if items.is_empty() {
        return;
    }
    match in_time(Arc::clone(&items), commit).await {
        Ok(results) => {
            for (answer, result) in answers.into_iter().zip(results) {
                let _ = answer.send(Ok(result));
            }
        }
        Err(error) if !error.is_unavailable() && items.len() > 1 => {
            tracing::warn!(%error, items = items.len(), "batch refused, writing one by one");
            one_by_one(&items, answers, commit).await;
        }
        Err(error) => {
            tracing::error!(%error, items = items.len(), "batch not stored");
            for answer in answers {
                let _ = answer.send(Err(NotStored::Failed));
            }
        }
    }
}

/// After a bad row: each item in its own transaction, so that the bad one does not
/// affect the others. When the database itself fails meanwhile, the rest is not tried.
async fn one_by_one<T: Clone, R>(
    items: &[T],
    answers: Vec<oneshot::Sender<StoreResult<R>>>,
    commit: &Commit<T, R>,
) {
    let mut is_database_there = true;
    for (item, answer) in items.iter().zip(answers) {
        let mut outcome = Err(NotStored::Failed);
        if is_database_there {
            match in_time(Arc::new(vec![item.clone()]), commit).await {
                Ok(mut results) => outcome = results.pop().ok_or(NotStored::Failed),
                Err(error) => {
                    tracing::error!(%error, "item not stored");
                    is_database_there = !error.is_unavailable();
                }
            }
        }
        let _ = answer.send(outcome);
    }
}
