//! Manual: the merchant adds the endpoint in Stripe's dashboard and pastes its signing secret.

use connect::secret::Secret;
use domain::audit::AuditAction;
use domain::clock::Timestamp;
use domain::ids::{ConnectionId, ProgramId};
use domain::jobs::Queue;
use store::connections::{Connection, ConnectionKind};
use store::db::{Tx, again};

use super::kept_events_job::ProcessKeptEvents;
use super::rows::{last_four, new_row, put_secret, secret_aad};
use super::{Status, status};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::jobs;

/// Reads a pasted signing secret.
fn parse_secret(text: &str) -> Result<Secret> {
    let trimmed = text.trim();
    let plausible = trimmed
        .strip_prefix("whsec_")
        .is_some_and(|rest| (1..=250).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_graphic()));
    if trimmed.starts_with("sk_") || trimmed.starts_with("rk_") {
        return Err(Error::field(
            "webhook_secret",
            "This is an API key. Paste the endpoint’s signing secret. It starts with whsec_",
        ));
    }
    if !plausible {
        return Err(Error::field(
            "webhook_secret",
            "Paste the endpoint’s signing secret. It starts with whsec_",
        ));
    }
    Ok(Secret::new(trimmed.to_owned()))
}

/// Connects a program with an endpoint that the merchant has added, or adds a rolled secret:
/// the old one stays valid for 24 hours. The same secret again changes nothing.
pub async fn connect_manually(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    webhook_secret: &str,
) -> Result<Status> {
    actor.may_write()?;
    let secret = parse_secret(webhook_secret)?;
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let existing = store::connections::of_program(&mut tx, &program.id).await?;
        let connection_id = match &existing {
            Some(connection) if connection.is_connected() => {
                if connection.is_oauth() {
                    let text =
                        "Stripe is connected by signing in, which needs no secret. Disconnect it first";
                    return Err(Error::field("webhook_secret", text));
                }
                connection.id.clone()
            }
            Some(connection) => {
                let row = Connection {
                    kind: ConnectionKind::Manual,
                    connected_at: now,
                    connected_by: Some(actor.account_id().clone()),
                    ..connection.clone()
                };
                store::connections::reconnect(&mut tx, &row).await?;
                row.id
            }
            None => {
                let row = new_row(engine, &mut tx, actor, &program.id).await?;
                store::connections::put(&mut tx, &row).await?;
                row.id
            }
        };
        if !knows(engine, &mut tx, &connection_id, &secret, now).await? {
            put_secret(engine, &mut tx, &connection_id, &secret, now).await?;
            let action = AuditAction::SigningSecretAdded { last_four: last_four(secret.reveal()) };
            let line = audit::line(program.id.as_str(), action);
            audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        }
        tx.commit().await?;
        engine.caches().endpoints.clear();
        Ok::<(), Error>(())
    })
    .await?;
    status(engine, actor, program).await
}

/// Counts the events of the other account that a manual connection received events from. Those
/// that were kept are processed by a job.
///
/// # Errors
/// [`Error::NotFound`] when no event of the account arrived.
pub async fn choose_account(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    account: &str,
) -> Result<()> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let connection = store::connections::of_program(&mut tx, &program.id).await?;
        let connection = connection.filter(Connection::is_connected).ok_or(Error::NotFound)?;
        if !store::connections::choose_account(&mut tx, &connection.id, account).await? {
            return Err(Error::NotFound);
        }
        let kept = ProcessKeptEvents { connection: connection.id.clone(), account: account.to_owned() };
        jobs::enqueue(engine, &mut tx, &kept, engine.now()).await?;
        let action = AuditAction::AccountChosen { account: account.to_owned() };
        let line = audit::line(program.id.as_str(), action);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        engine.caches().endpoints.clear();
        Ok::<(), Error>(())
    })
    .await?;
    engine.wake(Queue::Local);
    Ok(())
}

async fn knows(
    engine: &Engine,
    tx: &mut Tx,
    connection: &ConnectionId,
    secret: &Secret,
    now: Timestamp,
) -> Result<bool> {
    let secrets = store::connections::secrets(tx, connection, now).await?;
    let current = secrets.iter().filter(|stored| stored.valid_until.is_none());
    Ok(current
        .filter_map(|stored| engine.key().open(&stored.sealed, &secret_aad(&stored.id)).ok())
        .any(|known| known == secret.reveal()))
}
