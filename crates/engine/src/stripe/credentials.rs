//! How Stripe's API is called for a connection: with the merchant's restricted key, with the
//! platform's key and the account's id, or with the access token of a Stripe App.

use std::time::Duration;

use connect::secret::Secret;
use connect::stripe::client::{Access, Caller};
use connect::stripe::oauth::{OAuthErrorKind, Tokens};
use connect::stripe::{ErrorKind, StripeError};
use domain::audit::AuditAction;
use domain::clock::{MINUTE_MS, SECOND_MS};
use domain::connections::{ConnectionMethod, ConnectionProblem, RevocationReason};
use domain::ids::ConnectionId;
use domain::mails::MailKind;
use serde_json::{Value, json};
use store::connections::{Connection, ConnectionKind, SealedTokens};
use store::db::{Conn, again};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::mail::{self, Letter};

/// A token is renewed this long before it expires: longer than any use case takes.
const RENEW_BEFORE_MS: i64 = 5 * MINUTE_MS;
/// How long a node may renew: longer than the call's time-out.
const LEASE_MS: i64 = 30 * SECOND_MS;
/// How often and how long to wait for another node: 15 seconds in all.
const WAITS: u32 = 60;
const WAIT: Duration = Duration::from_millis(250);

const MANUAL: &str = "This program is connected manually, so Honeyguide cannot call Stripe.";
const NOT_CONNECTED: &str = "Stripe is not connected.";
const NO_PLATFORM: &str =
    "This server has no platform keys for this mode. Ask its operator, or connect with a restricted key.";
const NO_ACCESS: &str = "Honeyguide no longer has access to this Stripe account. Reconnect Stripe.";

/// The associated data of a connection's encrypted key or tokens.
pub(crate) fn credential_aad(id: &ConnectionId) -> String {
    format!("connections.credential.{id}")
}

/// Encrypts a restricted key.
pub(crate) fn seal_key(engine: &Engine, id: &ConnectionId, key: &Secret) -> String {
    engine.key().seal(key.reveal(), &credential_aad(id), engine.random())
}

/// Encrypts the tokens of a Stripe App.
pub(crate) fn seal_tokens(engine: &Engine, id: &ConnectionId, tokens: &Tokens) -> SealedTokens {
    let text = json!({ "access": tokens.access.reveal(), "refresh": tokens.refresh.reveal() }).to_string();
    SealedTokens {
        sealed: engine.key().seal(&text, &credential_aad(id), engine.random()),
        expires_at: Some(engine.now().plus_ms(tokens.expires_in.saturating_mul(SECOND_MS))),
    }
}

fn open(engine: &Engine, id: &ConnectionId, sealed: &str) -> Result<Secret> {
    let opened = engine.key().open(sealed, &credential_aad(id));
    opened.map(Secret::new).map_err(|error| Error::Broken(error.to_string()))
}

/// The access with which Stripe's API is called for a connection. An app's token is renewed
/// when it is about to expire.
///
/// Needs no actor: the connection comes from a use case that checked its actor, or a job.
///
/// # Errors
/// [`Error::Forbidden`] with a sentence for people when there is none: a manual connection,
/// not connected, no platform keys, access ended.
pub async fn caller(engine: &Engine, connection: &Connection) -> Result<Access> {
    if !connection.is_connected() {
        return Err(Error::Forbidden(NOT_CONNECTED));
    }
    match &connection.kind {
        ConnectionKind::Key { sealed, .. } => {
            let sealed = sealed.as_deref().ok_or(Error::Forbidden(NOT_CONNECTED))?;
            Ok(Access { key: open(engine, &connection.id, sealed)?, account: None })
        }
        ConnectionKind::OAuth { tokens: Some(_), .. } => {
            Ok(Access { key: app_token(engine, connection).await?, account: None })
        }
        ConnectionKind::OAuth { tokens: None, .. } => {
            let mut access = platform(engine, connection.livemode.unwrap_or(true))?;
            access.account = connection.stripe_account.clone();
            Ok(access)
        }
        ConnectionKind::Manual => Err(Error::Forbidden(MANUAL)),
    }
}

/// A client that calls Stripe's API for a connection.
///
/// Needs no actor: the connection comes from a use case that checked its actor, or a job.
pub async fn client(engine: &Engine, connection: &Connection) -> Result<Caller> {
    Ok(engine.stripe().with(&caller(engine, connection).await?))
}

/// The access to the platform's own account, for its endpoint.
///
/// # Errors
/// [`Error::Forbidden`] when the operator has not set keys for the mode.
pub fn platform(engine: &Engine, livemode: bool) -> Result<Access> {
    let keys = engine.platform().keys(livemode).map_err(|_| Error::Forbidden(NO_PLATFORM))?;
    Ok(Access { key: keys.secret_key.clone(), account: None })
}

/// Records that Stripe ended our access: the connection is revoked, the owners get a mail.
/// Does nothing when it is not connected.
///
/// Needs no actor: Stripe said that access has ended.
pub async fn lost(engine: &Engine, connection: &Connection, reason: RevocationReason) -> Result<()> {
    again(|| async {
        let mut tx = engine.db().begin().await?;
        revoke(engine, &mut tx, connection, reason).await?;
        tx.commit().await?;
        Ok::<(), Error>(())
    })
    .await?;
    engine.caches().endpoints.clear();
    Ok(())
}

/// The same as part of a transaction; `false` when it is not connected.
pub(crate) async fn revoke(
    engine: &Engine,
    conn: &mut Conn,
    connection: &Connection,
    reason: RevocationReason,
) -> Result<bool> {
    let problem = ConnectionProblem::AccessRevoked { reason };
    if !store::connections::revoke(conn, &connection.id, &problem, engine.now()).await? {
        return Ok(false);
    }
    let Some(program) = store::programs::get_unscoped(conn, &connection.program_id).await? else {
        return Ok(true);
    };
    let line = audit::line(program.id.as_str(), AuditAction::AccessRevoked { reason });
    audit::put(engine, conn, line.of_merchant(&program.merchant_id).of_program(&program.id)).await?;
    let subject = format!("Stripe is no longer connected to {}", program.name);
    let page = engine.stripe_settings_url(&program.id);
    let why = sentence(reason);
    let letter = Letter::new(MailKind::StripeProblem, subject)
        .of(&program.id)
        .text(why)
        .text(
            "Until you reconnect, payments may not be credited to affiliates. Everything received so far is kept. \
             If you reconnect within 30 days, events from in between are fetched.",
        )
        .link("Reconnect Stripe", page);
    mail::put_to_owners(engine, conn, &program.merchant_id, &letter).await?;
    Ok(true)
}

/// Why access ended, for the mail to the owners.
const fn sentence(reason: RevocationReason) -> &'static str {
    match reason {
        RevocationReason::RemovedInDashboard => "Honeyguide’s access was removed in the Stripe Dashboard.",
        RevocationReason::GrantRejected => "Stripe no longer accepts our access.",
        RevocationReason::KeyRejected => {
            "Stripe no longer accepts the restricted key: it was deleted, rolled or has expired."
        }
        RevocationReason::AppRemoved => "The app was removed from the Stripe account, or its access expired.",
    }
}

/// Handles a call that Stripe rejected: answers whether access is lost, and revokes the
/// connection then. A rejected platform key (401) is for the operator to fix and only
/// recorded.
///
/// Needs no actor: it judges what Stripe answered.
pub async fn refused(engine: &Engine, connection: &Connection, error: &StripeError) -> Result<bool> {
    let uses_platform_key = matches!(connection.kind, ConnectionKind::OAuth { tokens: None, .. });
    let reason = match (connection.method(), error.kind) {
        (ConnectionMethod::OAuth, ErrorKind::Unauthorized) if uses_platform_key => {
            let problem = ConnectionProblem::PlatformKeyRejected;
            let mut conn = engine.db().write().await?;
            store::connections::set_problem(&mut conn, &connection.id, Some(&problem)).await?;
            return Ok(false);
        }
        // What Stripe says of an account that has removed our access.
        (ConnectionMethod::OAuth, ErrorKind::Forbidden) if is_taken_back(error) => {
            RevocationReason::RemovedInDashboard
        }
        (ConnectionMethod::OAuth, ErrorKind::Unauthorized) => RevocationReason::GrantRejected,
        (ConnectionMethod::Key, ErrorKind::Unauthorized) => RevocationReason::KeyRejected,
        _ => return Ok(false),
    };
    lost(engine, connection, reason).await?;
    Ok(true)
}

/// Whether Stripe rejects a call because the account is no longer connected to the platform.
pub fn is_taken_back(error: &StripeError) -> bool {
    error.kind == ErrorKind::Forbidden
        && (error.code.as_deref() == Some("account_invalid")
            || error.message.contains("does not have access to account")
            || error.message.contains("access may have been revoked"))
}

/// An app's access token, renewed by one node at a time: each renewal consumes the refresh
/// token and returns the next.
async fn app_token(engine: &Engine, connection: &Connection) -> Result<Secret> {
    for _ in 0..WAITS {
        let now = engine.now();
        let current = store::connections::get(&mut engine.db().read().await?, &connection.id)
            .await?
            .filter(Connection::is_connected)
            .ok_or(Error::Forbidden(NOT_CONNECTED))?;
        let ConnectionKind::OAuth { tokens: Some(sealed), .. } = &current.kind else {
            return Err(Error::Forbidden(NOT_CONNECTED));
        };
        let (access, refresh) = tokens(engine, &current.id, &sealed.sealed)?;
        if sealed.expires_at.is_none_or(|end| now.plus_ms(RENEW_BEFORE_MS) < end) {
            return Ok(access);
        }
        let leased = {
            let mut conn = engine.db().write().await?;
            store::connections::lease_token(&mut conn, &current.id, now, now.plus_ms(LEASE_MS)).await?
        };
        if leased {
            // Another node may have renewed between the look and the lease.
            let fresh = store::connections::get(&mut engine.db().read().await?, &current.id).await?;
            if fresh.is_some_and(|fresh| fresh.kind.sealed() != current.kind.sealed()) {
                store::connections::release_token(&mut engine.db().write().await?, &current.id).await?;
                continue;
            }
            return renew(engine, &current, &refresh).await;
        }
        tokio::time::sleep(WAIT).await;
    }
    Err(Error::Stripe("Stripe’s access token is being renewed. Try again in a moment.".to_owned()))
}

fn tokens(engine: &Engine, id: &ConnectionId, sealed: &str) -> Result<(Secret, Secret)> {
    let opened = open(engine, id, sealed)?;
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
            lost(engine, connection, RevocationReason::AppRemoved).await?;
            return Err(Error::Forbidden(NO_ACCESS));
        }
        Err(error) => {
            store::connections::release_token(&mut engine.db().write().await?, &connection.id).await?;
            return Err(Error::Stripe(error.description));
        }
    };
    let sealed = seal_tokens(engine, &connection.id, &tokens);
    // The old refresh token is consumed: this write must not be given up lightly.
    again(|| async {
        let mut conn = engine.db().write().await?;
        store::connections::renew_token(&mut conn, &connection.id, &sealed).await
    })
    .await?;
    Ok(tokens.access)
}
