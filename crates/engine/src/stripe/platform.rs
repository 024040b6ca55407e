//! The platform's endpoint: OAuth connections share it, because Stripe does not allow
//! platforms to create endpoints on connected accounts (Stripe docs: connect/webhooks).

use std::time::Duration;

use connect::stripe::endpoints::{self as at_stripe, Change, Endpoint};
use domain::clock::{DAY_MS, MINUTE_MS, Timestamp};
use domain::ids::SecretId;
use store::connections::Connection;
use store::db::{Conn, again};
pub use store::platform::PlatformEndpoint;
use store::platform::PlatformSecret;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::settings;
use crate::stripe::credentials;
use crate::stripe::endpoints::{self, PLATFORM};

/// How long an old secret stays valid beside a new one.
const ROTATION_MS: i64 = DAY_MS;
/// How long one node may work on the endpoint: longer than all its calls take.
const LEASE_MS: i64 = 2 * MINUTE_MS;
/// How often and how long to wait for another node: 20 seconds in all.
const WAITS: u32 = 40;
const WAIT: Duration = Duration::from_millis(500);

/// Where Stripe sends the events of all connected accounts.
pub fn url(engine: &Engine) -> String {
    format!("{}/webhooks/stripe", engine.base_url())
}

/// The platform's endpoint, for a connection whose events come through it.
pub(crate) async fn endpoint_of(
    conn: &mut Conn,
    connection: &Connection,
) -> Result<Option<PlatformEndpoint>> {
    Ok(match connection.livemode {
        Some(livemode) if connection.is_oauth() => store::platform::get(conn, livemode).await?,
        _ => None,
    })
}

pub(crate) fn secret_aad(id: &SecretId) -> String {
    format!("platform_secrets.sealed.{id}")
}

/// Ensures that the platform has our endpoint in a mode, enabled, and that its secret is
/// stored.
///
/// Needs no actor: the endpoint belongs to the installation.
///
/// # Errors
/// [`Error::Stripe`] with Stripe's message; [`Error::Forbidden`] without platform keys.
pub async fn ensure(engine: &Engine, livemode: bool) -> Result<()> {
    let lease = alone(engine, livemode).await?;
    let ensured = ensure_leased(engine, livemode).await;
    lease.end(engine).await?;
    ensured
}

/// The exclusive right to work on the platform's endpoint of a mode. Expires by itself if its
/// holder is killed.
pub(crate) struct Lease(String);

impl Lease {
    /// Releases it.
    pub(crate) async fn end(self, engine: &Engine) -> Result<()> {
        Ok(store::settings::release(&mut engine.db().write().await?, &self.0).await?)
    }
}

/// Waits for the exclusive right to work on the platform's endpoint of a mode.
pub(crate) async fn alone(engine: &Engine, livemode: bool) -> Result<Lease> {
    let lease = format!("platform_endpoint_lease_{livemode}");
    for _ in 0..WAITS {
        let now = engine.now();
        let mut conn = engine.db().write().await?;
        if store::settings::lease(&mut conn, &lease, now, now.plus_ms(LEASE_MS)).await? {
            return Ok(Lease(lease));
        }
        drop(conn);
        tokio::time::sleep(WAIT).await;
    }
    Err(Error::Stripe("The platform’s endpoint is being created. Try again in a moment.".to_owned()))
}

async fn ensure_leased(engine: &Engine, livemode: bool) -> Result<()> {
    let caller = engine.stripe().with(&credentials::platform(engine, livemode)?);
    let (instance, url) = (settings::instance(engine).await?, url(engine));
    let known = {
        let mut conn = engine.db().read().await?;
        store::platform::secrets(&mut conn, engine.now()).await?
    };
    let mut ours = at_stripe::list_all(&caller).await?;
    ours.retain(|endpoint| endpoints::is_ours(endpoint, &instance, PLATFORM, &url));
    let is_known = |endpoint: &Endpoint| {
        known.iter().any(|secret| secret.livemode == livemode && secret.endpoint_id == endpoint.id)
    };
    if let Some(kept) = ours.iter().find(|endpoint| is_known(endpoint)) {
        let kept = if kept.is_enabled() && kept.url == url {
            kept.clone()
        } else {
            let change = Change { url: Some(url.clone()), disabled: Some(false), ..Change::default() };
            let key = hex::encode(engine.random().bytes::<16>());
            at_stripe::update(&caller, &kept.id, &change, &key).await?
        };
        return note(engine, livemode, &kept).await;
    }
    let made =
        endpoints::create(&caller, &instance, PLATFORM, &url, &hex::encode(engine.random().bytes::<12>()))
            .await?;
    if let Err(error) = keep(engine, livemode, &made).await {
        // Without its secret every delivery would be rejected.
        if let Err(left) = at_stripe::delete(&caller, &made.id).await {
            tracing::warn!(endpoint = made.id, error = %left, "an endpoint without a secret stays at Stripe");
        }
        return Err(error);
    }
    for other in ours {
        if let Err(error) = at_stripe::delete(&caller, &other.id).await {
            tracing::warn!(endpoint = other.id, %error, "a leftover endpoint stays at Stripe");
        }
    }
    Ok(())
}

/// Records the platform's endpoint as Stripe describes it.
pub(crate) async fn note(engine: &Engine, livemode: bool, endpoint: &Endpoint) -> Result<()> {
    let mut conn = engine.db().write().await?;
    put(&mut conn, livemode, endpoint, engine.now()).await
}

async fn put(conn: &mut Conn, livemode: bool, endpoint: &Endpoint, now: Timestamp) -> Result<()> {
    let place = (endpoint.id.as_str(), endpoint.url.as_str());
    let (status, version) = (endpoints::status(endpoint), endpoint.api_version.as_deref());
    Ok(store::platform::put(conn, livemode, place, status, version, now).await?)
}

/// Stores a new endpoint with its secret; the old secret stays valid for a day.
pub(crate) async fn keep(engine: &Engine, livemode: bool, endpoint: &Endpoint) -> Result<()> {
    let Some(secret) = &endpoint.secret else {
        return Err(Error::Stripe("Stripe’s answer had no signing secret.".to_owned()));
    };
    again(|| async {
        let now = engine.now();
        let id = SecretId::new(now, engine.random());
        let new = PlatformSecret {
            livemode,
            endpoint_id: endpoint.id.clone(),
            sealed: engine.key().seal(secret.reveal(), &secret_aad(&id), engine.random()),
            last_four: secret.last_four(),
            valid_from: now,
            valid_until: None,
            id,
        };
        let mut tx = engine.db().begin().await?;
        store::platform::expire_secrets(&mut tx, livemode, now.plus_ms(ROTATION_MS)).await?;
        store::platform::put_secret(&mut tx, &new).await?;
        put(&mut tx, livemode, endpoint, now).await?;
        tx.commit().await?;
        Ok::<(), Error>(())
    })
    .await?;
    engine.caches().platform_secrets.clear();
    Ok(())
}

/// The platform's endpoint of a mode.
///
/// Needs no actor: the endpoint belongs to the installation.
pub async fn endpoint(engine: &Engine, livemode: bool) -> Result<Option<PlatformEndpoint>> {
    Ok(store::platform::get(&mut engine.db().read().await?, livemode).await?)
}
