//! Group commit: whatever arrived during the last commit is the next batch.
//!
//! One item waits for one commit, a flood makes its own large batches, and no timer is
//! needed. A sender waits for its commit, so what was acknowledged is on disk.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::Result;

/// The longest queue; beyond it a sender gets [`NotStored::Busy`] immediately.
const QUEUE: usize = 4_096;
/// The largest batch: a commit of this many rows takes some 20 ms, which is already felt.
const MOST_PER_COMMIT: usize = 512;

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
type Waiting<T, R> = (T, oneshot::Sender<StoreResult<R>>);

/// The sending end; cheap to clone.
pub struct GroupCommit<T, R> {
    queue: mpsc::Sender<Waiting<T, R>>,
}

impl<T, R> Clone for GroupCommit<T, R> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone() }
    }
}

impl<T: Clone + Send + Sync + 'static, R: Send + 'static> GroupCommit<T, R> {
    /// Starts the writer. `commit` writes all items in one transaction and returns one
    /// result per item, in order. The writer ends when every sender is gone and the queue
    /// is empty.
    pub fn start<F>(
        commit: impl Fn(Arc<Vec<T>>) -> F + Send + Sync + 'static,
    ) -> (Self, tokio::task::JoinHandle<()>)
    where
        F: Future<Output = Result<Vec<R>>> + Send + 'static,
    {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let commit: Commit<T, R> = Box::new(move |items| Box::pin(commit(items)));
        (Self { queue }, tokio::spawn(drain(waiting, commit)))
    }

    /// Stores an item: waits until it is on disk.
    pub async fn store(&self, item: T) -> StoreResult<R> {
        let (sender, answer) = oneshot::channel();
        self.queue.try_send((item, sender)).map_err(|_| NotStored::Busy)?;
        answer.await.map_err(|_| NotStored::Failed)?
    }
}

async fn drain<T: Clone + Send + Sync + 'static, R: Send + 'static>(
    mut waiting: mpsc::Receiver<Waiting<T, R>>,
    commit: Commit<T, R>,
) {
    let mut batch = Vec::with_capacity(MOST_PER_COMMIT);
    while waiting.recv_many(&mut batch, MOST_PER_COMMIT).await > 0 {
        let (items, answers): (Vec<T>, Vec<_>) = batch.drain(..).unzip();
        let items = Arc::new(items);
        match commit(Arc::clone(&items)).await {
            Ok(results) => {
                for (answer, result) in answers.into_iter().zip(results) {
                    // The sender may be gone; its item is stored regardless.
                    let _ = answer.send(Ok(result));
                }
            }
            Err(error) if items.len() == 1 => {
                tracing::error!(%error, "item not stored");
                for answer in answers {
                    let _ = answer.send(Err(NotStored::Failed));
                }
            }
            Err(error) => {
                tracing::warn!(%error, items = items.len(), "batch refused, writing one by one");
                one_by_one(&items, answers, &commit).await;
            }
        }
    }
}

/// After a refused batch: each item in a transaction of its own, so that a bad one
/// does not affect the others.
async fn one_by_one<T: Clone, R>(
    items: &[T],
    answers: Vec<oneshot::Sender<StoreResult<R>>>,
    commit: &Commit<T, R>,
) {
    for (item, answer) in items.iter().zip(answers) {
        let outcome = match commit(Arc::new(vec![item.clone()])).await {
            Ok(mut results) => results.pop().ok_or(NotStored::Failed),
            Err(error) => {
                tracing::error!(%error, "item not stored");
                Err(NotStored::Failed)
            }
        };
        let _ = answer.send(outcome);
    }
}
