//! Ending a connection: first here, for good, then at Stripe as far as it can be reached.

use connect::stripe::endpoints;
use domain::ids::ProgramId;
use store::db::again;

use super::deauthorize_job::Deauthorize;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::jobs::{self, Job};
use crate::stripe::credentials;

/// What became of our side of Stripe when a connection was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisconnectOutcome {
    /// Access was given back, or our endpoint deleted.
    Done,
    /// Stripe could not be reached; access is given back as soon as it can.
    Later,
    /// The merchant deletes the endpoint: it is theirs, or Stripe could not be reached.
    /// Its id, where it is known.
    DeleteEndpoint(Option<String>),
    /// The merchant takes the app out of the account: nobody else can.
    RemoveApp,
}

/// Ends a connection: key, tokens and secrets are forgotten, the history stays. It works
/// when Stripe is away, too.
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
            .filter(|connection| connection.state != "disconnected")
            .ok_or(Error::NotFound)?
    };
    // The key is taken in hand before it is forgotten.
    let key =
        if connection.mode == "key" { credentials::client(engine, &connection).await.ok() } else { None };
    let gives_back = connection.mode == "oauth"
        && connection.is_connected()
        && engine.platform().deauthorize_url.is_some();
    let deauthorize = gives_back.then(|| Deauthorize::of(&connection));
    let job = again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let found = store::connections::get(&mut tx, &connection.id).await?;
        if found.is_none_or(|row| row.state == "disconnected") {
            return Err(Error::NotFound);
        }
        store::connections::disconnect(&mut tx, &connection.id, now).await?;
        let job = match &deauthorize {
            Some(deauthorize) => Some(jobs::enqueue(engine, &mut tx, deauthorize, now).await?),
            None => None,
        };
        let line = audit::line(
            "stripe.disconnected",
            connection.program_id.as_str(),
            "The connection was ended and its secrets forgotten.",
        );
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
    match connection.mode.as_str() {
        "key" => {
            let Some(id) = connection.endpoint_id.clone() else {
                return Ok(DisconnectOutcome::DeleteEndpoint(None));
            };
            let deleted = match &key {
                Some(caller) => endpoints::delete(caller, &id).await.is_ok(),
                None => false,
            };
            Ok(if deleted { DisconnectOutcome::Done } else { DisconnectOutcome::DeleteEndpoint(Some(id)) })
        }
        "oauth" if connection.is_connected() => Ok(DisconnectOutcome::RemoveApp),
        "oauth" => Ok(DisconnectOutcome::Done),
        _ => Ok(DisconnectOutcome::DeleteEndpoint(None)),
    }
}
