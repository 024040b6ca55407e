//! Disconnecting: first here, for good, then at Stripe as far as it can be reached.

use connect::stripe::endpoints;
use connect::stripe::oauth::OAuthErrorKind;
use domain::connections::ConnectionStatus;
use domain::ids::{JobId, ProgramId};
use serde_json::{Value, json};
use store::connections::{Connection, ConnectionKind};
use store::db::again;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::stripe::credentials;

/// Access to an account is to be given up; the payload names account and mode.
pub(crate) const DEAUTHORIZE: &str = "deauthorize";

/// What happened at Stripe when a connection was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisconnectOutcome {
    /// Access was given up, or our endpoint deleted.
    Done,
    /// Stripe could not be reached; access is given up as soon as it answers.
    Later,
    /// The merchant has to delete the endpoint: it is theirs, or Stripe could not be reached.
    /// Its id, where it is known.
    DeleteEndpoint(Option<String>),
    /// The merchant has to remove the app from the account: only they can.
    RemoveApp,
}

/// Ends a connection: key, tokens and secrets are deleted, the history stays. It works when
/// Stripe does not answer, too.
///
/// # Errors
/// [`Error::Forbidden`] when the program is not connected.
pub async fn disconnect(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
) -> Result<DisconnectOutcome> {
    actor.may_write()?;
    let connection = {
        let mut conn = engine.db().read().await?;
        let program = scope::program(&mut conn, actor, program).await?;
        store::connections::of_program(&mut conn, &program.id)
            .await?
            .filter(is_open)
            .ok_or(Error::Forbidden(NOT_CONNECTED))?
    };
    // The key is read before it is deleted.
    let key = match &connection.kind {
        ConnectionKind::Key { .. } => credentials::client(engine, &connection).await.ok(),
        ConnectionKind::OAuth { .. } | ConnectionKind::Manual => None,
    };
    let deauthorizes =
        connection.is_oauth() && connection.is_connected() && engine.platform().deauthorize_url.is_some();
    let job = JobId::new(engine.now(), engine.random());
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let found = store::connections::get(&mut tx, &connection.id).await?;
        if !found.as_ref().is_some_and(is_open) {
            return Err(Error::Forbidden(NOT_CONNECTED));
        }
        store::connections::disconnect(&mut tx, &connection.id, now).await?;
        if deauthorizes {
            let payload = payload(&connection);
            store::jobs::put(&mut tx, &job, DEAUTHORIZE, &payload, Some(&payload), now, now).await?;
        }
        let line = audit::line(
            "stripe.disconnected",
            connection.program_id.as_str(),
            "The connection was ended and its secrets deleted.",
        );
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&connection.program_id)).await?;
        tx.commit().await?;
        engine.caches().endpoints.clear();
        Ok::<(), Error>(())
    })
    .await?;
    match &connection.kind {
        ConnectionKind::Key { endpoint, .. } => {
            let Some(endpoint) = endpoint else { return Ok(DisconnectOutcome::DeleteEndpoint(None)) };
            let deleted = match &key {
                Some(caller) => endpoints::delete(caller, &endpoint.id).await.is_ok(),
                None => false,
            };
            Ok(if deleted {
                DisconnectOutcome::Done
            } else {
                DisconnectOutcome::DeleteEndpoint(Some(endpoint.id.clone()))
            })
        }
        ConnectionKind::OAuth { .. } if deauthorizes => {
            match deauthorize(engine, &job, &payload(&connection)).await {
                Ok(()) => Ok(DisconnectOutcome::Done),
                Err(_) => Ok(DisconnectOutcome::Later),
            }
        }
        ConnectionKind::OAuth { .. } if connection.is_connected() => Ok(DisconnectOutcome::RemoveApp),
        ConnectionKind::OAuth { .. } => Ok(DisconnectOutcome::Done),
        ConnectionKind::Manual => Ok(DisconnectOutcome::DeleteEndpoint(None)),
    }
}

const NOT_CONNECTED: &str = "This program is not connected.";

/// Whether there is something to end: a revoked connection still has secrets here.
fn is_open(connection: &Connection) -> bool {
    connection.status != ConnectionStatus::Disconnected
}

fn payload(connection: &Connection) -> String {
    let account = connection.stripe_account.clone().unwrap_or_default();
    json!({ "account": account, "livemode": connection.livemode.unwrap_or(true) }).to_string()
}

/// Gives up access to an account: the job `deauthorize`. Not when the account was connected
/// again meanwhile.
pub(crate) async fn deauthorize(engine: &Engine, job: &JobId, payload: &str) -> Result<()> {
    let value: Value = serde_json::from_str(payload)
        .map_err(|_| Error::Broken("an unreadable account to be disconnected".to_owned()))?;
    let account = value.get("account").and_then(Value::as_str).unwrap_or_default();
    let livemode = value.get("livemode").and_then(Value::as_bool).unwrap_or(true);
    give_up_access(engine, account, livemode).await?;
    store::jobs::done(&mut engine.db().write().await?, job).await?;
    Ok(())
}

/// Gives up access to an account, unless a connection uses it.
pub(super) async fn give_up_access(engine: &Engine, account: &str, livemode: bool) -> Result<()> {
    let rows = store::connections::of_account(&mut engine.db().read().await?, account).await?;
    let is_used = |row: &Connection| row.is_connected() && row.livemode == Some(livemode);
    if account.is_empty() || rows.iter().any(is_used) {
        return Ok(());
    }
    match engine.platform().deauthorize(engine.stripe(), livemode, account).await {
        Ok(()) => Ok(()),
        // No keys, or not our platform: there is nothing to give up.
        Err(error) if matches!(error.kind, OAuthErrorKind::NotConfigured | OAuthErrorKind::WrongClient) => {
            tracing::warn!(account, %error, "access to an account could not be given up");
            Ok(())
        }
        Err(error) => Err(Error::Stripe(error.description)),
    }
}
