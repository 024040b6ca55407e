//! Stripe's deliveries: checked, stored, answered. Understanding them is a job.

mod platform;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use connect::stripe::envelope::{Envelope, envelope};
use connect::stripe::signature::{SignatureError, verify};
use domain::clock::Timestamp;
use domain::events::{BodyEncoding, EventSource};
use domain::ids::{InboxEventId, JobId};
use sha2::{Digest, Sha256};
use store::connections::Connection;
use store::inbox::NewEvent;

pub use self::platform::receive_for_platform;
use crate::caches::OpenEndpoint;
use crate::engine::{Counters, Engine};
use crate::error::{Error, Result};
use crate::stripe::connections::secret_aad;
use crate::stripe::rejections::{self, Place};

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is on disk.
    Stored,
    /// It was there already.
    Duplicate,
    /// The connection has ended; nothing is kept.
    Ignored,
}

/// Why a delivery is refused.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No such endpoint.
    #[error("unknown endpoint")]
    UnknownEndpoint,
    /// The signature.
    #[error(transparent)]
    Signature(SignatureError),
    /// Not on disk: Stripe shall send it again.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// Takes a delivery for one connection's own endpoint. When this answers, the event is on
/// disk.
pub async fn receive(
    engine: &Engine,
    token: &str,
    signature: Option<&[u8]>,
    body: &[u8],
) -> std::result::Result<Received, Refused> {
    let Some(endpoint) = endpoint(engine, token).await? else {
        rejections::note(engine, Place::Nowhere, rejections::UNKNOWN_ENDPOINT, body).await;
        return Err(Refused::UnknownEndpoint);
    };
    let place = || Place::Connection(endpoint.connection.id.clone());
    if !is_open(&endpoint.connection) {
        rejections::note(engine, place(), rejections::CONNECTION_ENDED, body).await;
        return Ok(Received::Ignored);
    }
    let now = engine.now();
    if let Err(error) = verify(signature, body, &endpoint.secrets, now) {
        Counters::add(&engine.counters().signatures_refused);
        rejections::note(engine, place(), error.code(), body).await;
        return Err(Refused::Signature(error));
    }
    Ok(keep(engine, &endpoint.connection, body, EventSource::Webhook).await?)
}

/// Counts a delivery that was too large to be read; without a token, one to the platform's
/// endpoint. Stripe's list of events still has it, so a replay brings it in.
pub async fn note_too_large(engine: &Engine, token: Option<&str>) {
    let place = match token {
        None => Place::Platform,
        Some(token) => match endpoint(engine, token).await {
            Ok(Some(endpoint)) => Place::Connection(endpoint.connection.id.clone()),
            _ => Place::Nowhere,
        },
    };
    rejections::note(engine, place, rejections::TOO_LARGE, &[]).await;
}

/// Whether events of a connection are taken in. One whose key was revoked still has its
/// endpoint at Stripe, and what that sends is not lost.
fn is_open(connection: &Connection) -> bool {
    connection.is_connected() || (connection.state == "revoked" && connection.mode == "key")
}

/// Keeps an event of a connection, with the job that will read it. When this answers, it
/// is on disk. `source` is `webhook` or `replay`.
pub(crate) async fn keep(
    engine: &Engine,
    connection: &Connection,
    body: &[u8],
    source: EventSource,
) -> Result<Received> {
    let event = new_event(engine, connection, body, source, engine.now());
    let arriving = Arriving::new(engine.arriving());
    let is_new = engine.event_writer().store(event).await?;
    drop(arriving);
    if is_new {
        Counters::add(&engine.counters().events_stored);
        engine.work().notify_one();
        Ok(Received::Stored)
    } else {
        Ok(Received::Duplicate)
    }
}

/// Counts a delivery for as long as it waits for its commit, also when whoever sent it
/// hangs up.
struct Arriving<'a>(&'a AtomicUsize);

impl<'a> Arriving<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Arriving<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn endpoint(engine: &Engine, token: &str) -> Result<Option<Arc<OpenEndpoint>>> {
    const LONGEST_TOKEN: usize = 64;
    if token.len() > LONGEST_TOKEN {
        return Ok(None);
    }
    let now = engine.now();
    if let Some(known) = engine.caches().endpoints.get(&token.to_owned(), now) {
        return Ok(known);
    }
    let mut conn = engine.db().read().await?;
    let found = match store::connections::by_token(&mut conn, token).await? {
        Some(connection) => {
            let mut secrets = Vec::new();
            for secret in store::connections::secrets(&mut conn, &connection.id, now).await? {
                match engine.key().open(&secret.sealed, &secret_aad(&secret.id)) {
                    Ok(opened) => secrets.push(opened),
                    Err(error) => {
                        tracing::error!(%error, secret = %secret.id, "signing secret cannot be opened")
                    }
                }
            }
            Some(Arc::new(OpenEndpoint { connection, secrets }))
        }
        None => None,
    };
    engine.caches().endpoints.put(token.to_owned(), found.clone(), now);
    Ok(found)
}

fn new_event(
    engine: &Engine,
    connection: &Connection,
    body: &[u8],
    source: EventSource,
    now: Timestamp,
) -> NewEvent {
    // What was signed is kept even when it names no event: under a name made of its bytes.
    let read = envelope(body).unwrap_or_else(|| Envelope {
        id: format!("sha256_{}", hex::encode(Sha256::digest(body))),
        event_type: "unreadable".to_owned(),
        account: None,
        livemode: None,
        api_version: None,
        created: now,
    });
    // Postgres keeps no NUL in a text.
    let (text, encoding) = match std::str::from_utf8(body) {
        Ok(text) if !text.contains('\0') => (text.to_owned(), BodyEncoding::Utf8),
        _ => (STANDARD_NO_PAD.encode(body), BodyEncoding::Base64),
    };
    NewEvent {
        id: InboxEventId::new(now, engine.random()),
        job_id: JobId::new(now, engine.random()),
        connection_id: connection.id.clone(),
        event_id: read.id,
        event_type: read.event_type,
        account: read.account,
        livemode: read.livemode,
        api_version: read.api_version,
        event_created_at: read.created,
        received_at: now,
        source,
        body: text,
        body_encoding: encoding,
    }
}
