//! Deliveries to the platform's endpoint, which all OAuth connections share.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use connect::stripe::envelope::{Envelope, envelope};
use connect::stripe::signature::{SignatureError, verify};
use domain::clock::Timestamp;
use store::connections::Connection;

use super::{Received, Refused, is_worth_noting, keep};
use crate::cache::Cache;
use crate::engine::{Counters, Engine};
use crate::error::{Error, Result};
use crate::platform;

/// The platform's opened secrets, of both modes.
pub(crate) struct PlatformSecrets {
    secrets: Vec<String>,
    noted_failure_at: AtomicI64,
}
pub(crate) type PlatformCache = Cache<(), PlatformSecrets>;

/// Takes a delivery for the platform's endpoint, which OAuth connections share: the event
/// names its account. Events of accounts that nobody is connected to are answered like
/// others and dropped, or Stripe would switch the endpoint off for everybody.
pub async fn receive_for_platform(
    engine: &Engine,
    signature: Option<&[u8]>,
    body: &[u8],
) -> std::result::Result<Received, Refused> {
    let platform = platform_secrets(engine).await?.ok_or(Refused::UnknownEndpoint)?;
    let now = engine.now();
    if let Err(error) = verify(signature, body, &platform.secrets, now) {
        Counters::add(&engine.0.counters.signatures_refused);
        note_platform_failure(engine, &platform, error, now).await;
        return Err(Refused::Signature(error));
    }
    let read: Option<Envelope> = envelope(body);
    let Some((account, read)) = read.and_then(|read| Some((read.account.clone()?, read))) else {
        tracing::warn!("an event without an account came to the platform's endpoint");
        return Ok(Received::Ignored);
    };
    let rows = store::connections::of_account(&mut engine.0.db.read().await.map_err(Error::from)?, &account)
        .await
        .map_err(Error::from)?;
    let same_mode = |row: &&Connection| read.livemode.is_none() || row.livemode == read.livemode;
    match rows.iter().find(same_mode) {
        Some(connection) if connection.is_connected() => Ok(keep(engine, connection, body, "webhook").await?),
        Some(connection) => {
            tracing::info!(connection = %connection.id, "event for an ended connection ignored");
            Ok(Received::Ignored)
        }
        None => {
            let code = if rows.is_empty() { "unknown_account" } else { "other_mode" };
            tracing::info!(account, event = read.id, code, "event that belongs to no connection ignored");
            Ok(Received::Ignored)
        }
    }
}

async fn platform_secrets(engine: &Engine) -> Result<Option<Arc<PlatformSecrets>>> {
    let now = engine.now();
    if let Some(known) = engine.0.platform_secrets.get(&(), now) {
        return Ok(known);
    }
    let mut secrets = Vec::new();
    for secret in store::platform::secrets(&mut engine.0.db.read().await?, now).await? {
        match engine.0.key.open(&secret.sealed, &platform::secret_place(&secret.id)) {
            Ok(opened) => secrets.push(opened),
            Err(error) => tracing::error!(%error, secret = %secret.id, "signing secret cannot be opened"),
        }
    }
    let found = (!secrets.is_empty())
        .then(|| Arc::new(PlatformSecrets { secrets, noted_failure_at: AtomicI64::new(0) }));
    engine.0.platform_secrets.put((), found.clone(), now);
    Ok(found)
}

async fn note_platform_failure(
    engine: &Engine,
    platform: &PlatformSecrets,
    error: SignatureError,
    now: Timestamp,
) {
    if !is_worth_noting(&platform.noted_failure_at, now) {
        return;
    }
    let noted = async {
        let mut conn = engine.0.db.write().await?;
        store::platform::refused(&mut conn, error.code(), now).await
    };
    if let Err(error) = noted.await {
        tracing::warn!(%error, "a refused signature could not be noted");
    }
}
