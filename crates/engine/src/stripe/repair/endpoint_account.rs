//! The account that has the endpoint of a connection: the merchant's own, or that of this
//! server's platform, whose endpoint all OAuth connections share.

use connect::stripe::StripeError;
use connect::stripe::client::Caller;
use connect::stripe::endpoints::Endpoint;
use domain::clock::Timestamp;
use domain::deliveries::{SignatureError, SignatureFailures};
use store::connections::Connection;

use super::run::{Halt, Run, StepResult};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::settings;
use crate::stripe::connections;
use crate::stripe::endpoints::{self, PLATFORM};
use crate::stripe::platform;

/// The account that has our endpoint, and what our endpoint is known by there.
pub(super) struct EndpointAccount {
    pub caller: Caller,
    pub is_platform: bool,
    pub url: String,
    livemode: bool,
    instance: String,
    owner: String,
}

/// The signing secret of our endpoint, as far as it is stored here.
pub(super) struct StoredSecret {
    /// The endpoint whose secret can be opened.
    pub endpoint: Option<String>,
    /// Since when its newest secret is stored.
    pub since: Option<Timestamp>,
    /// When a signature last matched none, if that was the last rejection.
    pub mismatch_at: Option<Timestamp>,
}

/// When the last delivery was rejected, if no secret matched it.
fn no_match_at(failures: SignatureFailures) -> Option<Timestamp> {
    failures.last.filter(|(_, error)| *error == SignatureError::NoMatch).map(|(at, _)| at)
}

impl EndpointAccount {
    /// The account of a connection's endpoint, which is reached by a caller.
    pub(super) async fn of(engine: &Engine, connection: &Connection, caller: Caller) -> Result<Self> {
        let is_platform = connection.is_oauth();
        Ok(Self {
            caller,
            is_platform,
            url: if is_platform {
                platform::url(engine)
            } else {
                connections::webhook_url(engine, &connection.endpoint_token)
            },
            livemode: connection.livemode.unwrap_or(true),
            instance: settings::instance(engine).await?,
            owner: if is_platform { PLATFORM.to_owned() } else { connection.id.to_string() },
        })
    }

    /// Whether an endpoint is ours.
    pub(super) fn is_ours(&self, endpoint: &Endpoint) -> bool {
        endpoints::is_ours(endpoint, &self.instance, &self.owner, &self.url)
    }

    /// The types that our endpoint must send. One is newer than the version that it is
    /// pinned to, and Stripe may refuse it there; with that version it is not needed.
    pub(super) fn types(&self) -> Vec<&'static str> {
        let required = endpoints::required_types(self.is_platform).into_iter();
        required.filter(|kind| *kind != endpoints::NEWER_TYPE).collect()
    }

    /// The signing secret that is stored here.
    pub(super) async fn stored_secret(
        &self,
        engine: &Engine,
        connection: &Connection,
    ) -> Result<StoredSecret> {
        let mut conn = engine.db().read().await?;
        let now = engine.now();
        if self.is_platform {
            let known = store::platform::get(&mut conn, self.livemode).await?;
            let secrets = store::platform::secrets(&mut conn, now).await?;
            let stored = secrets.iter().find(|secret| {
                secret.livemode == self.livemode
                    && known.as_ref().is_some_and(|known| known.endpoint_id == secret.endpoint_id)
                    && engine.key().open(&secret.sealed, &platform::secret_aad(&secret.id)).is_ok()
            });
            return Ok(StoredSecret {
                endpoint: stored.map(|secret| secret.endpoint_id.clone()),
                since: stored.map(|secret| secret.valid_from),
                mismatch_at: known.and_then(|known| no_match_at(known.signature_failures)),
            });
        }
        // The row names the endpoint of the newest secret: they are written together.
        let secrets = store::connections::secrets(&mut conn, &connection.id, now).await?;
        let stored = secrets.iter().find(|secret| {
            secret.valid_until.is_none()
                && engine.key().open(&secret.sealed, &connections::secret_aad(&secret.id)).is_ok()
        });
        Ok(StoredSecret {
            endpoint: stored.and(connection.own_endpoint()).map(|endpoint| endpoint.id.clone()),
            since: stored.map(|secret| secret.valid_from),
            mismatch_at: no_match_at(connection.signature_failures),
        })
    }

    /// Creates an endpoint. The idempotency key is the repair's: a run that was cut off after
    /// this gets the same endpoint and secret again.
    pub(super) async fn create(&self, run: &Run<'_>) -> std::result::Result<Endpoint, StripeError> {
        let attempt = run.repair.id.as_str();
        endpoints::create(&self.caller, &self.instance, &self.owner, &self.url, attempt).await
    }

    /// Stores an endpoint that was created, with its secret; the old secret stays valid for a
    /// day beside it.
    pub(super) async fn store(
        &self,
        run: &Run<'_>,
        connection: &Connection,
        created: &Endpoint,
    ) -> StepResult<()> {
        if self.is_platform {
            return platform::keep(run.engine, self.livemode, created).await.map_err(Halt::from);
        }
        let secret = created.secret.as_ref().ok_or_else(|| Error::Stripe("no secret".to_owned()))?;
        run.store_endpoint(&connection.id, created, secret).await?;
        run.engine.caches().endpoints.clear();
        Ok(())
    }

    /// Records the status of our endpoint; `None` when there is none.
    pub(super) async fn note(
        &self,
        engine: &Engine,
        connection: &Connection,
        ours: Option<&Endpoint>,
    ) -> Result<()> {
        if self.is_platform {
            return match ours {
                Some(endpoint) => platform::note(engine, self.livemode, endpoint).await,
                None => Ok(()),
            };
        }
        let endpoint = ours.map(endpoints::stored);
        let (mut conn, now) = (engine.db().write().await?, engine.now());
        Ok(store::connections::set_endpoint(&mut conn, &connection.id, endpoint.as_ref(), now).await?)
    }
}
