//! Stripe's deliveries: verified, stored, answered. Processing them is a job.

mod platform;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use connect::stripe::envelope::Envelope;
use connect::stripe::signature::verify;
use domain::clock::Timestamp;
use domain::deliveries::{DeliveryTarget, EventSource, RejectionReason, SignatureError};
use domain::events::BodyEncoding;
use domain::ids::{InboxEventId, JobId};
use domain::jobs::Queue;
use sha2::{Digest, Sha256};
use store::connections::Connection;
use store::inbox::NewEvent;

pub use self::platform::receive_for_platform;
use crate::caches::OpenEndpoint;
use crate::engine::{Counters, Engine};
use crate::error::{Error, Result};
use crate::stripe::connections::secret_aad;
use crate::stripe::delivery::Delivery;
use crate::stripe::rejections;

/// The outcome of an accepted delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// The event is on disk.
    Stored,
    /// The event was on disk already.
    Duplicate,
    /// The event belongs to no active connection and was dropped.
    Ignored,
}

/// Why a delivery is rejected.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// No connection has this address.
    #[error("unknown endpoint")]
    UnknownEndpoint,
    /// The signature.
    #[error("signature rejected: {}", .0.word())]
    Signature(SignatureError),
    /// The event is not on disk: Stripe has to send it again.
    #[error(transparent)]
    NotStored(#[from] Error),
}

/// Takes a delivery to a connection's own endpoint. When this returns, the event is on disk.
///
/// Needs no actor: the signature of the delivery is verified.
///
/// # Errors
/// [`DeliveryError::NotStored`] when Stripe has to send it again.
pub async fn receive(
    engine: &Engine,
    token: &str,
    signature: Option<&[u8]>,
    body: &[u8],
) -> std::result::Result<DeliveryOutcome, DeliveryError> {
    let delivery = Delivery::new(body);
    let Some(endpoint) = endpoint(engine, token).await? else {
        rejections::record(engine, DeliveryTarget::Unknown, RejectionReason::UnknownEndpoint, &delivery)
            .await;
        return Err(DeliveryError::UnknownEndpoint);
    };
    let target = || DeliveryTarget::Connection(endpoint.connection.id.clone());
    if !endpoint.connection.accepts_deliveries() {
        rejections::record(engine, target(), RejectionReason::ConnectionEnded, &delivery).await;
        return Ok(DeliveryOutcome::Ignored);
    }
    if let Err(error) = verify(signature, body, &endpoint.secrets, engine.now()) {
        return Err(reject_signature(engine, target(), error, &delivery).await);
    }
    Ok(store_event(engine, &endpoint.connection, &delivery, EventSource::Webhook).await?)
}

/// Counts a delivery with a rejected signature.
async fn reject_signature(
    engine: &Engine,
    target: DeliveryTarget,
    error: SignatureError,
    delivery: &Delivery<'_>,
) -> DeliveryError {
    Counters::add(&engine.counters().signatures_refused);
    rejections::record(engine, target, RejectionReason::Signature(error), delivery).await;
    DeliveryError::Signature(error)
}

/// Counts a delivery that was too large to be read; without a token, one to the platform's
/// endpoint. Stripe's list of events still has it, so a backfill fetches it.
///
/// Needs no actor: it only counts, and deliveries come from outside.
pub async fn record_too_large(engine: &Engine, token: Option<&str>) {
    let target = match token {
        None => DeliveryTarget::Platform,
        Some(token) => match endpoint(engine, token).await {
            Ok(Some(endpoint)) => DeliveryTarget::Connection(endpoint.connection.id.clone()),
            _ => DeliveryTarget::Unknown,
        },
    };
    rejections::record(engine, target, RejectionReason::TooLarge, &Delivery::new(&[])).await;
}

/// Stores an event of a connection, with the job that will process it. When this returns, it
/// is on disk.
pub(crate) async fn store_event(
    engine: &Engine,
    connection: &Connection,
    delivery: &Delivery<'_>,
    source: EventSource,
) -> Result<DeliveryOutcome> {
    let event = new_event(engine, connection, delivery, source, engine.now());
    let is_new = engine.event_writer().store(event).await?;
    if is_new {
        engine.wake(Queue::Local);
        Ok(DeliveryOutcome::Stored)
    } else {
        Ok(DeliveryOutcome::Duplicate)
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
    delivery: &Delivery<'_>,
    source: EventSource,
    now: Timestamp,
) -> NewEvent {
    let body = delivery.body();
    // A signed body that names no event is kept too, under a name made from its bytes.
    let read = delivery.envelope().cloned().unwrap_or_else(|| Envelope {
        id: format!("sha256_{}", hex::encode(Sha256::digest(body))),
        event_type: "unreadable".to_owned(),
        account: None,
        livemode: None,
        api_version: None,
        created: None,
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
        program_id: connection.program_id.clone(),
        event_id: read.id,
        event_type: read.event_type,
        account: read.account,
        livemode: read.livemode,
        api_version: read.api_version,
        event_created_at: read.created.unwrap_or(now),
        received_at: now,
        source,
        body: text,
        body_encoding: encoding,
    }
}
