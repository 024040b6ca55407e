//! Ending a connection: first here, for good, then at Stripe as far as it can be reached.

use connect::stripe::endpoints;
use connect::stripe::oauth::OAuthErrorKind;
use domain::ids::{JobId, ProgramId};
use serde_json::{Value, json};
use store::connections::Connection;
use store::db::again;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::stripe::credentials;

/// Access to an account to be given back; the payload names account and mode.
pub(crate) const DEAUTHORIZE: &str = "deauthorize";

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
    let job = JobId::new(engine.now(), engine.random());
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let found = store::connections::get(&mut tx, &connection.id).await?;
        if found.is_none_or(|row| row.state == "disconnected") {
            return Err(Error::NotFound);
        }
        store::connections::disconnect(&mut tx, &connection.id, now).await?;
        if gives_back {
            let payload = payload(&connection);
            store::jobs::put(&mut tx, &job, DEAUTHORIZE, &payload, Some(&payload), now, now).await?;
        }
        let line = audit::line(
            "stripe.disconnected",
            connection.program_id.as_str(),
            "The connection was ended and its secrets forgotten.",
        );
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&connection.program_id)).await?;
        tx.commit().await?;
        engine.caches().endpoints.clear();
        Ok::<(), Error>(())
    })
    .await?;
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
        "oauth" if gives_back => match deauthorize(engine, &job, &payload(&connection)).await {
            Ok(()) => Ok(DisconnectOutcome::Done),
            Err(_) => Ok(DisconnectOutcome::Later),
        },
        "oauth" if connection.is_connected() => Ok(DisconnectOutcome::RemoveApp),
        "oauth" => Ok(DisconnectOutcome::Done),
        _ => Ok(DisconnectOutcome::DeleteEndpoint(None)),
    }
}

fn payload(connection: &Connection) -> String {
    let account = connection.stripe_account.clone().unwrap_or_default();
    json!({ "account": account, "livemode": connection.livemode.unwrap_or(true) }).to_string()
}

/// Gives access to an account back: the job `deauthorize`. Not when somebody has
/// connected the account again meanwhile.
pub(crate) async fn deauthorize(engine: &Engine, job: &JobId, payload: &str) -> Result<()> {
    let value: Value = serde_json::from_str(payload)
        .map_err(|_| Error::Broken("an unreadable account to be disconnected".to_owned()))?;
    let account = value.get("account").and_then(Value::as_str).unwrap_or_default();
    let livemode = value.get("livemode").and_then(Value::as_bool).unwrap_or(true);
    give_back(engine, account, livemode).await?;
    store::jobs::done(&mut engine.db().write().await?, job).await?;
    Ok(())
}

/// Gives access to an account back, unless a connection uses it.
pub(super) async fn give_back(engine: &Engine, account: &str, livemode: bool) -> Result<()> {
    let rows = store::connections::of_account(&mut engine.db().read().await?, account).await?;
    let is_used = |row: &Connection| row.is_connected() && row.livemode == Some(livemode);
    if account.is_empty() || rows.iter().any(is_used) {
        return Ok(());
    }
    match engine.platform().deauthorize(engine.stripe(), livemode, account).await {
        Ok(()) => Ok(()),
        // No keys any more, or not ours: there is nothing to give back.
        Err(error) if matches!(error.kind, OAuthErrorKind::NotConfigured | OAuthErrorKind::WrongClient) => {
            tracing::warn!(account, %error, "access to an account could not be given back");
            Ok(())
        }
        Err(error) => Err(Error::Stripe(error.description)),
    }
}
