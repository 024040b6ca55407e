//! Stripe's deliveries: checked, stored, answered. Understanding them is a job.

mod platform;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use connect::stripe::envelope::{Envelope, envelope};
use connect::stripe::signature::{SignatureError, verify};
use domain::clock::Timestamp;
use domain::facts::EventFacts;
use domain::ids::{ConversionId, InboxEventId, JobId, PaymentId, ProgramId};
use sha2::{Digest, Sha256};
pub use store::commissions::StoredEntry;
use store::connections::Connection;
use store::db::{AFTER_ALL_IDS, Conn};
use store::inbox::NewEvent;
pub use store::inbox::{Attempt, Filter, InboxEvent};

pub(crate) use self::platform::PlatformCache;
pub use self::platform::receive_for_platform;
use crate::cache::Cache;
use crate::connections::secret_place;
use crate::engine::{Counters, Engine};
use crate::error::{Error, Result};
use crate::refused::{self, Place};
use crate::scope;
use crate::sessions::MerchantActor;

/// An endpoint's connection with its opened secrets.
pub(crate) struct Endpoint {
    connection: Connection,
    secrets: Vec<String>,
}
pub(crate) type EndpointCache = Cache<String, Endpoint>;

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
        refused::note(engine, Place::Nowhere, refused::UNKNOWN_ENDPOINT, body).await;
        return Err(Refused::UnknownEndpoint);
    };
    let place = || Place::Connection(endpoint.connection.id.clone());
    if !is_open(&endpoint.connection) {
        refused::note(engine, place(), refused::CONNECTION_ENDED, body).await;
        return Ok(Received::Ignored);
    }
    let now = engine.now();
    if let Err(error) = verify(signature, body, &endpoint.secrets, now) {
        Counters::add(&engine.0.counters.signatures_refused);
        refused::note(engine, place(), error.code(), body).await;
        return Err(Refused::Signature(error));
    }
    Ok(keep(engine, &endpoint.connection, body, "webhook").await?)
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
    refused::note(engine, place, refused::TOO_LARGE, &[]).await;
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
    source: &'static str,
) -> Result<Received> {
    let event = new_event(engine, connection, body, source, engine.now());
    let arriving = Arriving::new(&engine.0.arriving);
    let is_new = engine.0.events.store(event).await?;
    drop(arriving);
    if is_new {
        Counters::add(&engine.0.counters.events_stored);
        engine.0.work.notify_one();
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

async fn endpoint(engine: &Engine, token: &str) -> Result<Option<Arc<Endpoint>>> {
    const LONGEST_TOKEN: usize = 64;
    if token.len() > LONGEST_TOKEN {
        return Ok(None);
    }
    let now = engine.now();
    if let Some(known) = engine.0.endpoints.get(&token.to_owned(), now) {
        return Ok(known);
    }
    let mut conn = engine.0.db.read().await?;
    let found = match store::connections::by_token(&mut conn, token).await? {
        Some(connection) => {
            let mut secrets = Vec::new();
            for secret in store::connections::secrets(&mut conn, &connection.id, now).await? {
                match engine.0.key.open(&secret.sealed, &secret_place(&secret.id)) {
                    Ok(opened) => secrets.push(opened),
                    Err(error) => {
                        tracing::error!(%error, secret = %secret.id, "signing secret cannot be opened")
                    }
                }
            }
            Some(Arc::new(Endpoint { connection, secrets }))
        }
        None => None,
    };
    engine.0.endpoints.put(token.to_owned(), found.clone(), now);
    Ok(found)
}

fn new_event(
    engine: &Engine,
    connection: &Connection,
    body: &[u8],
    source: &'static str,
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
        Ok(text) if !text.contains('\0') => (text.to_owned(), "utf8"),
        _ => (STANDARD_NO_PAD.encode(body), "base64"),
    };
    NewEvent {
        id: InboxEventId::new(now, &engine.0.random),
        job_id: JobId::new(now, &engine.0.random),
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

/// A page of the events that a program received, newest first.
pub async fn list(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    filter: &Filter,
    before: Option<(Timestamp, String)>,
    limit: i64,
) -> Result<Vec<InboxEvent>> {
    let mut conn = engine.0.db.read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let (at, id) = before.unwrap_or((Timestamp(i64::MAX), AFTER_ALL_IDS.to_owned()));
    Ok(store::inbox::list(&mut conn, &program.id, filter, (at, &id), limit).await?)
}

/// One event of a program, with its body as received.
pub async fn get(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &InboxEventId,
) -> Result<(InboxEvent, String)> {
    let mut conn = engine.0.db.read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    store::inbox::get(&mut conn, &program.id, id).await?.ok_or(Error::NotFound)
}

/// An event with everything that is known of it.
#[derive(Debug, Clone)]
pub struct EventDetail {
    /// The event.
    pub event: InboxEvent,
    /// As received.
    pub body: String,
    /// What was read from it.
    pub facts: Option<EventFacts>,
    /// The payment that it is about.
    pub payment: Option<PaymentId>,
    /// That payment's conversion.
    pub conversion: Option<ConversionId>,
    /// The entries of the ledger that it led to.
    pub entries: Vec<StoredEntry>,
    /// Tries that say more than the event itself, oldest first.
    pub attempts: Vec<Attempt>,
}

/// One event of a program with what it said, changed, and how often it was read.
pub async fn detail(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &InboxEventId,
) -> Result<EventDetail> {
    let mut conn = engine.0.db.read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let (event, body) = store::inbox::get(&mut conn, &program.id, id).await?.ok_or(Error::NotFound)?;
    let payment = payment_of(&mut conn, &program.id, &event).await?;
    let conversion = match &payment {
        Some(id) => store::conversions::of_payment(&mut conn, id).await?.map(|conversion| conversion.id),
        None => None,
    };
    Ok(EventDetail {
        facts: store::customers::facts_of_event(&mut conn, &event.connection_id, &event.event_id).await?,
        entries: store::commissions::of_cause(&mut conn, &program.id, &event.event_id).await?,
        attempts: store::inbox::attempts(&mut conn, id).await?,
        event,
        body,
        payment,
        conversion,
    })
}

/// The payment that an event is about, if there is one.
async fn payment_of(conn: &mut Conn, program: &ProgramId, event: &InboxEvent) -> Result<Option<PaymentId>> {
    let named = match &event.about {
        Some(about) => store::payments::of_stripe_id(conn, &event.connection_id, about).await?,
        None => None,
    };
    // A dispute is no id of its payment, but its event is the cause of an entry.
    let takes_back = ["dispute", "refund"].iter().any(|word| event.event_type.contains(word));
    let id = match named {
        None if takes_back => {
            store::payments::changed_by(conn, &event.connection_id, &event.event_id).await?
        }
        named => named,
    };
    let Some(id) = id else { return Ok(None) };
    Ok(store::payments::get(conn, program, &id).await?.map(|payment| payment.id))
}
