//! The job that fetches the whole event a thin one announced (Stripe docs: thin events). It
//! joins the inbox like any other.

use connect::stripe::events;
use domain::deliveries::EventSource;
use domain::ids::JobId;
use domain::jobs::JobKind;
use store::connections::Connection;
use store::db::again;

use super::follow_ups::FetchEvent;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::Job;
use crate::stripe::credentials;
use crate::stripe::delivery::Delivery;
use crate::stripe::webhooks::store_event;

impl Job for FetchEvent {
    const KIND: JobKind = JobKind::FetchEvent;

    fn deduplication_key(&self) -> Option<String> {
        Some(format!("{} {}", self.connection, self.event))
    }

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        let found = store::connections::get(&mut engine.db().read().await?, &self.connection).await?;
        if let Some(connection) = found.filter(Connection::is_connected)
            && let Some(body) = self.fetch(engine, &connection).await?
        {
            store_event(engine, &connection, &Delivery::new(&body), EventSource::Backfill).await?;
        }
        again(|| async {
            let mut tx = engine.db().begin().await?;
            store::jobs::done(&mut tx, job).await?;
            tx.commit().await?;
            Ok(())
        })
        .await
    }
}

impl FetchEvent {
    /// The event's bytes; nothing where Stripe does not let us read it.
    async fn fetch(&self, engine: &Engine, connection: &Connection) -> Result<Option<Vec<u8>>> {
        let caller = credentials::client(engine, connection).await?;
        match events::one(&caller, &self.event).await {
            Ok(body) => Ok(Some(body)),
            Err(error) if error.is_temporary() => Err(Error::Stripe(error.to_string())),
            Err(error) => {
                credentials::refused(engine, connection, &error).await?;
                Ok(None)
            }
        }
    }
}
