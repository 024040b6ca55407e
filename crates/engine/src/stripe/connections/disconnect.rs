//! Disconnecting: first here, then at Stripe, as soon as it can be reached.

use connect::stripe::endpoints;
use domain::audit::AuditAction;
use domain::connections::ConnectionStatus;
use domain::ids::ProgramId;
use store::connections::{Connection, ConnectionKind};
use store::db::again;

use super::deauthorize_job::Deauthorize;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::jobs::{self, Job};
use crate::stripe::credentials;

/// What happened at Stripe when a connection was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisconnectOutcome {
    /// Access was revoked, or our endpoint deleted.
    Done,
    /// Stripe could not be reached; access is revoked as soon as it responds.
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
    let gives_access_up =
        connection.is_oauth() && connection.is_connected() && engine.platform().deauthorize_url.is_some();
    let deauthorize = gives_access_up.then(|| Deauthorize::of(&connection));
    let job = again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let found = store::connections::get(&mut tx, &connection.id).await?;
        if !found.as_ref().is_some_and(is_open) {
            return Err(Error::Forbidden(NOT_CONNECTED));
        }
        store::connections::disconnect(&mut tx, &connection.id, now).await?;
        let job = match &deauthorize {
            Some(deauthorize) => Some(jobs::enqueue(engine, &mut tx, deauthorize, now).await?),
            None => None,
        };
        let line = audit::line(connection.program_id.as_str(), AuditAction::Disconnected);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&connection.program_id)).await?;
        tx.commit().await?;
        engine.caches().endpoints.clear();
        Ok::<_, Error>(job)
    })
    .await?;
    if let (Some(deauthorize), Some(job)) = (&deauthorize, &job) {
        return Ok(match deauthorize.run(engine, job).await {
            Ok(()) => DisconnectOutcome::Done,
            Err(_) => DisconnectOutcome::Later,
        });
    }
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
