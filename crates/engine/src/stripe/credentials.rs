//! How a connection reaches Stripe: with the merchant's restricted key, with the
//! platform's key and the account named, or with the access token of a Stripe App.

use std::time::Duration;

use connect::secret::Secret;
use connect::stripe::client::{Access, Caller};
use connect::stripe::oauth::{OAuthErrorKind, Tokens};
use connect::stripe::{ErrorKind, StripeError};
use domain::clock::{MINUTE_MS, SECOND_MS};
use domain::ids::ConnectionId;
use serde_json::{Value, json};
use store::connections::Connection;
use store::db::{Conn, again};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::mail;

/// A token is renewed this long before its end: longer than any use case takes.
const RENEW_BEFORE_MS: i64 = 5 * MINUTE_MS;
/// How long a node has the right to renew: longer than the call's time-out.
const LEASE_MS: i64 = 30 * SECOND_MS;
/// How often and how long to wait for another node that renews: 15 seconds in all.
const WAITS: u32 = 60;
const WAIT: Duration = Duration::from_millis(250);

const BY_HAND: &str = "This program is connected by hand, so Honeyguide cannot ask Stripe anything.";
const NOT_CONNECTED: &str = "Stripe is not connected.";
const NO_PLATFORM: &str = "This server has no platform keys for this mode any more. Ask its operator, or connect by a restricted key.";
const NOT_ALLOWED: &str = "Stripe does not let Honeyguide in any more. Reconnect Stripe.";

/// Where a connection's key or tokens are sealed for.
pub(crate) fn credential_aad(id: &ConnectionId) -> String {
    format!("connections.credential.{id}")
}

/// Seals a restricted key.
pub(crate) fn seal_key(engine: &Engine, id: &ConnectionId, key: &Secret) -> String {
    engine.key().seal(key.reveal(), &credential_aad(id), engine.random())
}

/// Seals the tokens of a Stripe App.
pub(crate) fn seal_tokens(engine: &Engine, id: &ConnectionId, tokens: &Tokens) -> String {
    let text = json!({ "access": tokens.access.reveal(), "refresh": tokens.refresh.reveal() }).to_string();
    engine.key().seal(&text, &credential_aad(id), engine.random())
}

fn open(engine: &Engine, connection: &Connection) -> Result<Option<Secret>> {
    let Some(sealed) = &connection.credential else { return Ok(None) };
    let opened = engine.key().open(sealed, &credential_aad(&connection.id));
    opened.map(|text| Some(Secret::new(text))).map_err(|error| Error::Broken(error.to_string()))
}

/// With what a connection is used at Stripe. An app's token is renewed when it is about
/// to end.
///
/// Needs no actor: the connection comes from a use case that checked its actor, or a job.
///
/// # Errors
/// [`Error::Forbidden`] with a sentence for people when there is no way: by hand, not
/// connected, no platform keys, access ended.
pub async fn caller(engine: &Engine, connection: &Connection) -> Result<Access> {
    if !connection.is_connected() {
        return Err(Error::Forbidden(NOT_CONNECTED));
    }
    match (connection.mode.as_str(), &connection.credential) {
        ("key", _) => {
            let key = open(engine, connection)?.ok_or(Error::Forbidden(NOT_CONNECTED))?;
            Ok(Access { key, account: None })
        }
        ("oauth", Some(_)) => Ok(Access { key: app_token(engine, connection).await?, account: None }),
        ("oauth", None) => {
            let mut access = platform(engine, connection.livemode.unwrap_or(true))?;
            access.account = connection.stripe_account.clone();
            Ok(access)
        }
        _ => Err(Error::Forbidden(BY_HAND)),
    }
}

/// The caller of a connection, ready to use.
///
/// Needs no actor: the connection comes from a use case that checked its actor, or a job.
pub async fn client(engine: &Engine, connection: &Connection) -> Result<Caller> {
    Ok(engine.stripe().with(&caller(engine, connection).await?))
}

/// With what the platform's own account is used, for its endpoint.
///
/// # Errors
/// [`Error::Forbidden`] when the operator has not set keys for the mode.
pub fn platform(engine: &Engine, livemode: bool) -> Result<Access> {
    let keys = engine.platform().keys(livemode).map_err(|_| Error::Forbidden(NO_PLATFORM))?;
    Ok(Access { key: keys.secret_key.clone(), account: None })
}

/// Stripe does not let us in any more: the connection is revoked, the owners get a mail.
/// Nothing is done when it is not connected.
///
/// Needs no actor: Stripe said that access has ended.
pub async fn lost(engine: &Engine, connection: &Connection, why: &str) -> Result<()> {
    again(|| async {
        let mut tx = engine.db().begin().await?;
        revoke(engine, &mut tx, connection, why).await?;
        tx.commit().await?;
        Ok::<(), Error>(())
    })
    .await?;
    engine.caches().endpoints.clear();
    Ok(())
}

/// The same as part of a transaction; `false` when it is not connected any more.
pub(crate) async fn revoke(
    engine: &Engine,
    conn: &mut Conn,
    connection: &Connection,
    why: &str,
) -> Result<bool> {
    if !store::connections::revoke(conn, &connection.id, "revoked", why, engine.now()).await? {
        return Ok(false);
    }
    let Some(program) = store::programs::get_unscoped(conn, &connection.program_id).await? else {
        return Ok(true);
    };
    let line = audit::line("stripe.revoked", program.id.as_str(), why);
    audit::put(engine, conn, line.of_merchant(&program.merchant_id).of_program(&program.id)).await?;
    let subject = format!("Stripe is no longer connected to {}", program.name);
    let page = format!("{}/programs/{}/settings/stripe", engine.base_url(), program.id);
    let text = format!(
        "{why}\n\nUntil you reconnect, payments may not be credited to affiliates. Nothing that was received is \
         lost, and what happens meanwhile is fetched when you reconnect within 30 days.\n\nReconnect here:\n{page}\n"
    );
    mail::put_to_owners(engine, conn, &program.merchant_id, &subject, &text).await?;
    Ok(true)
}

/// Judges a call that did not work. Whether access is lost: then the connection is revoked
/// by this. The platform's key being refused (401) is the operator's trouble and no
/// merchant's, and is only noted.
///
/// Needs no actor: it judges what Stripe answered.
pub async fn refused(engine: &Engine, connection: &Connection, error: &StripeError) -> Result<bool> {
    let is_platform = connection.mode == "oauth" && connection.credential.is_none();
    let why = match (connection.mode.as_str(), error.kind) {
        ("oauth", ErrorKind::Unauthorized) if is_platform => {
            let text = "Stripe refuses this server’s platform key. Its operator has to put that right.";
            let mut conn = engine.db().write().await?;
            store::connections::note_trouble(&mut conn, &connection.id, Some(("platform_key", text))).await?;
            return Ok(false);
        }
        // What Stripe says of an account that has taken access back.
        ("oauth", ErrorKind::Forbidden) if is_taken_back(error) => {
            "Access was taken back in Stripe’s dashboard."
        }
        ("oauth", ErrorKind::Unauthorized) => "Stripe does not accept the access that was granted any more.",
        ("key", ErrorKind::Unauthorized) => {
            "Stripe does not accept the restricted key any more: it was deleted, rolled or has expired."
        }
        _ => return Ok(false),
    };
    lost(engine, connection, why).await?;
    Ok(true)
}

/// Whether Stripe refuses because the account is not connected to the platform any more.
pub fn is_taken_back(error: &StripeError) -> bool {
    error.kind == ErrorKind::Forbidden
        && (error.code.as_deref() == Some("account_invalid")
            || error.message.contains("does not have access to account")
            || error.message.contains("access may have been revoked"))
}

/// An app's access token, renewed by one node at a time: each renewal uses the refresh
/// token up and brings the next.
async fn app_token(engine: &Engine, connection: &Connection) -> Result<Secret> {
    for _ in 0..WAITS {
        let now = engine.now();
        let current = store::connections::get(&mut engine.db().read().await?, &connection.id)
            .await?
            .filter(Connection::is_connected)
            .ok_or(Error::Forbidden(NOT_CONNECTED))?;
        let (access, refresh) = tokens(engine, &current)?;
        if current.token_expires_at.is_none_or(|end| now.plus_ms(RENEW_BEFORE_MS) < end) {
            return Ok(access);
        }
        let leased = {
            let mut conn = engine.db().write().await?;
            store::connections::lease_token(&mut conn, &current.id, now, now.plus_ms(LEASE_MS)).await?
        };
        if leased {
            // Another node may have renewed between the look and the lease.
            let fresh = store::connections::get(&mut engine.db().read().await?, &current.id).await?;
            if fresh.is_some_and(|fresh| fresh.credential != current.credential) {
                store::connections::release_token(&mut engine.db().write().await?, &current.id).await?;
                continue;
            }
            return renew(engine, &current, &refresh).await;
        }
        tokio::time::sleep(WAIT).await;
    }
    Err(Error::Stripe("Stripe’s access token is being renewed. Try again in a moment.".to_owned()))
}

fn tokens(engine: &Engine, connection: &Connection) -> Result<(Secret, Secret)> {
    let opened = open(engine, connection)?.ok_or(Error::Forbidden(NOT_CONNECTED))?;
    let value: Value = serde_json::from_str(opened.reveal())
        .map_err(|_| Error::Broken("stored tokens cannot be read".to_owned()))?;
    let token = |name: &str| value.get(name).and_then(Value::as_str).map(|text| Secret::new(text.to_owned()));
    token("access")
        .zip(token("refresh"))
        .ok_or_else(|| Error::Broken("stored tokens are incomplete".to_owned()))
}

async fn renew(engine: &Engine, connection: &Connection, refresh: &Secret) -> Result<Secret> {
    let livemode = connection.livemode.unwrap_or(true);
    let granted = engine.platform().refresh(engine.stripe(), livemode, refresh).await;
    let tokens = match granted.map(|granted| granted.tokens) {
        Ok(Some(tokens)) => tokens,
        Ok(None) => {
            store::connections::release_token(&mut engine.db().write().await?, &connection.id).await?;
            return Err(Error::Stripe("Stripe’s answer had no access token.".to_owned()));
        }
        Err(error) if matches!(error.kind, OAuthErrorKind::UsedOrExpired | OAuthErrorKind::NotConnected) => {
            lost(engine, connection, "The app was taken out of the Stripe account, or its access ended.")
                .await?;
            return Err(Error::Forbidden(NOT_ALLOWED));
        }
        Err(error) => {
            store::connections::release_token(&mut engine.db().write().await?, &connection.id).await?;
            return Err(Error::Stripe(error.description));
        }
    };
    let expires_at = engine.now().plus_ms(tokens.expires_in.saturating_mul(SECOND_MS));
    let sealed = seal_tokens(engine, &connection.id, &tokens);
    // The old refresh token is used up: this write must not be given up lightly.
    again(|| async {
        let mut conn = engine.db().write().await?;
        store::connections::renew_token(&mut conn, &connection.id, &sealed, Some(expires_at)).await
    })
    .await?;
    Ok(tokens.access)
}
