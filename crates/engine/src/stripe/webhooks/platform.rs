//! Deliveries to the platform's endpoint, which all OAuth connections share.

use std::sync::Arc;

use connect::stripe::envelope::{Envelope, envelope};
use connect::stripe::signature::verify;
use domain::events::EventSource;
use store::connections::Connection;

use super::{Received, Refused, keep};
use crate::caches::PlatformSecrets;
use crate::engine::{Counters, Engine};
use crate::error::{Error, Result};
use crate::stripe::platform;
use crate::stripe::rejections::{self, Place};

/// Takes a delivery for the platform's endpoint, which OAuth connections share: the event
/// names its account. Events of accounts that nobody is connected to are answered like
/// others and dropped, or Stripe would switch the endpoint off for everybody.
pub async fn receive_for_platform(
    engine: &Engine,
    signature: Option<&[u8]>,
    body: &[u8],
) -> std::result::Result<Received, Refused> {
    let Some(platform) = platform_secrets(engine).await? else {
        rejections::note(engine, Place::Platform, rejections::UNKNOWN_ENDPOINT, body).await;
        return Err(Refused::UnknownEndpoint);
    };
    let now = engine.now();
    if let Err(error) = verify(signature, body, &platform.secrets, now) {
        Counters::add(&engine.counters().signatures_refused);
        rejections::note(engine, Place::Platform, error.code(), body).await;
        return Err(Refused::Signature(error));
    }
    let read: Option<Envelope> = envelope(body);
    let Some((account, read)) = read.and_then(|read| Some((read.account.clone()?, read))) else {
        rejections::note(engine, Place::Platform, rejections::NO_ACCOUNT, body).await;
        return Ok(Received::Ignored);
    };
    let rows = store::connections::of_account(&mut engine.db().read().await.map_err(Error::from)?, &account)
        .await
        .map_err(Error::from)?;
    let same_mode = |row: &&Connection| read.livemode.is_none() || row.livemode == read.livemode;
    match rows.iter().find(same_mode) {
        Some(connection) if connection.is_connected() => {
            Ok(keep(engine, connection, body, EventSource::Webhook).await?)
        }
        Some(connection) => {
            let place = Place::Connection(connection.id.clone());
            rejections::note(engine, place, rejections::CONNECTION_ENDED, body).await;
            Ok(Received::Ignored)
        }
        None => {
            match rows.first() {
                Some(other) => {
                    let place = Place::Connection(other.id.clone());
                    rejections::note(engine, place, rejections::OTHER_MODE, body).await;
                }
                None => rejections::note(engine, Place::Platform, rejections::UNKNOWN_ACCOUNT, body).await,
            }
            Ok(Received::Ignored)
        }
    }
}

async fn platform_secrets(engine: &Engine) -> Result<Option<Arc<PlatformSecrets>>> {
    let now = engine.now();
    if let Some(known) = engine.caches().platform_secrets.get(&(), now) {
        return Ok(known);
    }
    let mut secrets = Vec::new();
    for secret in store::platform::secrets(&mut engine.db().read().await?, now).await? {
        match engine.key().open(&secret.sealed, &platform::secret_aad(&secret.id)) {
            Ok(opened) => secrets.push(opened),
            Err(error) => tracing::error!(%error, secret = %secret.id, "signing secret cannot be opened"),
        }
    }
    let found = (!secrets.is_empty()).then(|| Arc::new(PlatformSecrets { secrets }));
    engine.caches().platform_secrets.put((), found.clone(), now);
    Ok(found)
}
