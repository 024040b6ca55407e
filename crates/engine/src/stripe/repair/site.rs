//! Where the endpoint of a connection stands: on the account itself, or on the platform's,
//! which all OAuth connections share.

use connect::stripe::StripeError;
use connect::stripe::client::Caller;
use connect::stripe::endpoints::Endpoint;
use domain::clock::Timestamp;
use domain::deliveries::{SignatureError, SignatureFailures};
use store::connections::Connection;

use super::run::{Halt, Run, Step};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::settings;
use crate::stripe::connections;
use crate::stripe::endpoints::{self, PLATFORM};
use crate::stripe::platform;

/// The place of an endpoint of ours.
pub(super) struct Site {
    pub caller: Caller,
    pub is_platform: bool,
    pub url: String,
    livemode: bool,
    instance: String,
    owner: String,
}

/// What is known here of the signing secrets of a site.
pub(super) struct Held {
    /// The endpoint whose secret can be opened.
    pub endpoint: Option<String>,
    /// Since when its newest secret is here.
    pub since: Option<Timestamp>,
    /// The last signature that fitted none, if that was the last failure.
    pub refused_at: Option<Timestamp>,
}

/// When the last delivery was rejected, if no secret matched it.
fn no_match_at(failures: SignatureFailures) -> Option<Timestamp> {
    failures.last.filter(|(_, error)| *error == SignatureError::NoMatch).map(|(at, _)| at)
}

impl Site {
    /// The site of a connection, whose endpoint is reached by a caller.
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
        let wanted = endpoints::wanted(self.is_platform).into_iter();
        wanted.filter(|kind| *kind != endpoints::NEWER_TYPE).collect()
    }

    /// What is known here of the signing secrets.
    pub(super) async fn held(&self, engine: &Engine, connection: &Connection) -> Result<Held> {
        let mut conn = engine.db().read().await?;
        let now = engine.now();
        if self.is_platform {
            let known = store::platform::get(&mut conn, self.livemode).await?;
            let secrets = store::platform::secrets(&mut conn, now).await?;
            let held = secrets.iter().find(|secret| {
                secret.livemode == self.livemode
                    && known.as_ref().is_some_and(|known| known.endpoint_id == secret.endpoint_id)
                    && engine.key().open(&secret.sealed, &platform::secret_aad(&secret.id)).is_ok()
            });
            return Ok(Held {
                endpoint: held.map(|secret| secret.endpoint_id.clone()),
                since: held.map(|secret| secret.valid_from),
                refused_at: known.and_then(|known| no_match_at(known.signature_failures)),
            });
        }
        // The row names the endpoint of the newest secret: they are written together.
        let secrets = store::connections::secrets(&mut conn, &connection.id, now).await?;
        let held = secrets.iter().find(|secret| {
            secret.valid_until.is_none()
                && engine.key().open(&secret.sealed, &connections::secret_aad(&secret.id)).is_ok()
        });
        Ok(Held {
            endpoint: held.and(connection.own_endpoint()).map(|endpoint| endpoint.id.clone()),
            since: held.map(|secret| secret.valid_from),
            refused_at: no_match_at(connection.signature_failures),
        })
    }

    /// Makes an endpoint. The name of the attempt is the repair's: a run that was cut off
    /// after this gets the same endpoint and secret again.
    pub(super) async fn make(&self, run: &Run<'_>) -> std::result::Result<Endpoint, StripeError> {
        let attempt = run.repair.id.as_str();
        endpoints::create(&self.caller, &self.instance, &self.owner, &self.url, attempt).await
    }

    /// Keeps an endpoint that was made, with its secret; the old secret stays good for a
    /// day beside it.
    pub(super) async fn keep(&self, run: &Run<'_>, connection: &Connection, made: &Endpoint) -> Step<()> {
        if self.is_platform {
            return platform::keep(run.engine, self.livemode, made).await.map_err(Halt::from);
        }
        let secret = made.secret.as_ref().ok_or_else(|| Error::Stripe("no secret".to_owned()))?;
        run.keep(&connection.id, made, secret).await?;
        run.engine.caches().endpoints.clear();
        Ok(())
    }

    /// Notes how our endpoint stands; `None` when there is none.
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
        let endpoint = ours.map(|endpoint| endpoints::stored(endpoint, engine.now()));
        let mut conn = engine.db().write().await?;
        Ok(store::connections::set_endpoint(&mut conn, &connection.id, endpoint.as_ref()).await?)
    }
}
