//! Deliveries to the platform's endpoint, which all OAuth connections share.

use std::sync::Arc;

use connect::stripe::signature::verify;
use domain::deliveries::{DeliveryTarget, EventSource, RejectionReason};
use store::connections::Connection;

use super::{DeliveryError, Receipt, reject_signature, store_event};
use crate::caches::PlatformSecrets;
use crate::engine::Engine;
use crate::error::Result;
use crate::stripe::delivery::Delivery;
use crate::stripe::platform;
use crate::stripe::rejections;

/// Takes a delivery to the platform's endpoint, which all OAuth connections share: the event
/// names its account. Events of accounts that are not connected are answered like others and
/// dropped, or Stripe would disable the endpoint for everyone.
///
/// Needs no actor: the signature of the delivery is verified.
///
/// # Errors
/// As [`receive`](super::receive).
pub async fn receive_for_platform(
    engine: &Engine,
    signature: Option<&[u8]>,
    body: &[u8],
) -> std::result::Result<Receipt, DeliveryError> {
    let delivery = Delivery::new(body);
    let Some(platform) = platform_secrets(engine).await? else {
        let reason = RejectionReason::UnknownEndpoint;
        rejections::record(engine, DeliveryTarget::Platform, reason, &delivery).await;
        return Err(DeliveryError::UnknownEndpoint);
    };
    if let Err(error) = verify(signature, body, &platform.secrets, engine.now()) {
        return Err(reject_signature(engine, DeliveryTarget::Platform, error, &delivery).await);
    }
    match route(engine, &delivery).await? {
        Ok(connection) => Ok(store_event(engine, &connection, &delivery, EventSource::Webhook).await?),
        Err((target, reason)) => {
            rejections::record(engine, target, reason, &delivery).await;
            Ok(Receipt::Ignored)
        }
    }
}

/// The connection of the account that an event names, or why there is none.
async fn route(
    engine: &Engine,
    delivery: &Delivery<'_>,
) -> Result<std::result::Result<Connection, (DeliveryTarget, RejectionReason)>> {
    let named = delivery.envelope().and_then(|read| Some((read.account.as_deref()?, read.livemode)));
    let Some((account, livemode)) = named else {
        return Ok(Err((DeliveryTarget::Platform, RejectionReason::NoAccount)));
    };
    let mut rows = store::connections::of_account(&mut engine.db().read().await?, account).await?;
    let same_mode = |row: &Connection| livemode.is_none() || row.livemode == livemode;
    Ok(match rows.iter().position(same_mode) {
        Some(index) if rows[index].is_connected() => Ok(rows.swap_remove(index)),
        Some(index) => {
            Err((DeliveryTarget::Connection(rows[index].id.clone()), RejectionReason::ConnectionEnded))
        }
        None => Err(match rows.first() {
            Some(other) => (DeliveryTarget::Connection(other.id.clone()), RejectionReason::OtherMode),
            None => (DeliveryTarget::Platform, RejectionReason::UnknownAccount),
        }),
    })
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
