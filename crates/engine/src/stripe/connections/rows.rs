//! Which row a connection is stored in: one per program, account and mode, so that what was
//! received by one method is known when another one is chosen.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connect::secret::Secret;
use connect::stripe::client::Caller;
use connect::stripe::read::EVENT_TYPES;
use connect::stripe::{charges, events};
use domain::clock::{DAY_MS, Timestamp};
use domain::ids::{ConnectionId, ProgramId, SecretId};
use serde_json::Value;
use store::connections::{Connection, Secret as StoredSecret};
use store::db::{Conn, Tx};

use super::first_backfill::FirstBackfill;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::jobs;

/// How long an old secret stays valid beside a new one: as long as Stripe signs with both.
pub(super) const ROTATION_MS: i64 = DAY_MS;

/// How many of the events on both sides are compared to see whether an account is known.
const COMPARED: i64 = 100;

pub(crate) fn webhook_url(engine: &Engine, token: &str) -> String {
    format!("{}/webhooks/stripe/{token}", engine.base_url())
}

pub(crate) fn secret_aad(id: &SecretId) -> String {
    format!("connection_secrets.sealed.{id}")
}

/// The endpoint token of a program without a connection: derived from the program and the
/// installation's key, so that the page can show the URL before anything is stored.
pub(super) fn first_token(engine: &Engine, program: &ProgramId) -> String {
    engine.key().fingerprint(&format!("endpoint {program}"))[..32].to_owned()
}

/// A row that is not stored yet, connected by the actor now.
pub(super) async fn new_row(
    engine: &Engine,
    conn: &mut Conn,
    actor: &MerchantActor,
    program: &ProgramId,
) -> Result<Connection> {
    let now = engine.now();
    let mut token = first_token(engine, program);
    if store::connections::by_token(conn, &token).await?.is_some() {
        token = URL_SAFE_NO_PAD.encode(engine.random().bytes::<24>());
    }
    let id = ConnectionId::new(now, engine.random());
    let connected_by = Some(actor.account_id().clone());
    Ok(Connection { connected_by, ..Connection::manual(id, program, &token, now) })
}

/// A Stripe account and mode to connect a program to.
pub(super) struct AccountToConnect<'a> {
    /// The account's id; `None` when the key may not read it.
    pub account: Option<&'a str>,
    pub livemode: bool,
    /// A row without an account id whose events came from this account.
    pub recognized: Option<&'a ConnectionId>,
}

/// The row for a connection, or why there can be none.
pub(super) enum TargetRow {
    /// A row that is stored already, or a new one.
    Row { row: Box<Connection>, is_new: bool },
    /// The account is connected to another program of this installation.
    OtherProgram(ProgramId),
    /// The program is connected to another account.
    OtherAccount(Box<Connection>),
}

/// Finds the row for an account. One row holds everything that came from one account in one
/// mode: with two, the same payment would count twice.
pub(super) async fn target_row(
    engine: &Engine,
    conn: &mut Conn,
    actor: &MerchantActor,
    program: &ProgramId,
    target: &AccountToConnect<'_>,
) -> Result<TargetRow> {
    if let Some(account) = target.account {
        let of_account = store::connections::of_account(conn, account).await?;
        let mut active = of_account.into_iter().filter(Connection::is_connected);
        let is_taken = |row: &Connection| row.livemode == Some(target.livemode) && row.program_id != *program;
        if let Some(other) = active.find(is_taken) {
            return Ok(TargetRow::OtherProgram(other.program_id));
        }
    }
    let rows = store::connections::all_of_program(conn, program).await?;
    let mut own = None;
    for row in &rows {
        if is_same(conn, row, target).await? {
            own = Some(row.clone());
            break;
        }
    }
    let present = rows.iter().find(|row| row.is_connected());
    if let Some(present) = present
        && own.as_ref().is_none_or(|own| own.id != present.id)
    {
        return Ok(TargetRow::OtherAccount(Box::new(present.clone())));
    }
    Ok(match own {
        Some(row) => TargetRow::Row { row: Box::new(row), is_new: false },
        None => {
            let row = Box::new(new_row(engine, conn, actor, program).await?);
            TargetRow::Row { row, is_new: true }
        }
    })
}

/// Whether a row belongs to an account in a mode.
async fn is_same(conn: &mut Conn, row: &Connection, target: &AccountToConnect<'_>) -> Result<bool> {
    if row.livemode.is_some_and(|livemode| livemode != target.livemode) {
        return Ok(false);
    }
    if target.recognized == Some(&row.id) {
        return Ok(true);
    }
    match (&row.stripe_account, target.account) {
        (Some(known), Some(account)) => Ok(known == account),
        // It has received nothing: as good as a new one.
        _ => Ok(store::inbox::latest_ids(conn, &row.id, 1).await?.is_empty()),
    }
}

/// The program's row whose events came from the caller's account, where the account of the
/// row is not known: the events of a manual endpoint do not name it.
pub(super) async fn recognize(
    engine: &Engine,
    caller: &Caller,
    program: &ProgramId,
) -> Result<Option<ConnectionId>> {
    let rows = store::connections::all_of_program(&mut engine.db().read().await?, program).await?;
    for row in rows.into_iter().filter(|row| row.stripe_account.is_none()) {
        if is_of(engine, caller, &row.id).await? {
            return Ok(Some(row.id));
        }
    }
    Ok(None)
}

/// Whether the account knows what a row has received: a charge of it, or an event.
async fn is_of(engine: &Engine, caller: &Caller, row: &ConnectionId) -> Result<bool> {
    let (charge, known) = {
        let mut conn = engine.db().read().await?;
        let charge = store::customers::any_charge(&mut conn, row).await?;
        (charge, store::inbox::latest_ids(&mut conn, row, COMPARED).await?)
    };
    if let Some(charge) = charge
        && let Ok(found) = charges::charge(caller, &charge).await
    {
        return Ok(found.is_some());
    }
    if known.is_empty() {
        return Ok(false);
    }
    let since = engine.now().plus_days(-events::DAYS_KEPT);
    let types = &EVENT_TYPES[..events::MOST_TYPES];
    let Ok(page) = events::page(caller, types, since, None).await else { return Ok(false) };
    let ids = page.events.iter().filter_map(|body| {
        let event: Value = serde_json::from_slice(body).ok()?;
        event.get("id")?.as_str().map(str::to_owned)
    });
    Ok(ids.into_iter().any(|id| known.contains(&id)))
}

/// Adds a signing secret; earlier ones expire, and signatures rejected before are settled.
pub(crate) async fn put_secret(
    engine: &Engine,
    tx: &mut Tx,
    connection: &ConnectionId,
    secret: &Secret,
    now: Timestamp,
) -> Result<()> {
    store::connections::expire_secrets(tx, connection, now.plus_ms(ROTATION_MS)).await?;
    let id = SecretId::new(now, engine.random());
    let sealed = engine.key().seal(secret.reveal(), &secret_aad(&id), engine.random());
    let last_four = last_four(secret.reveal());
    let new = StoredSecret { id, sealed, last_four, valid_from: now, valid_until: None };
    store::connections::put_secret(tx, connection, &new).await?;
    Ok(store::connections::settle_failures(tx, connection, now).await?)
}

/// The last four characters of a secret, by which people recognize it.
pub(super) fn last_four(secret: &str) -> String {
    let characters: Vec<char> = secret.chars().collect();
    characters[characters.len().saturating_sub(4)..].iter().collect()
}

/// Schedules fetching the events from before a connection was made: between two connections,
/// or until its endpoint was in place.
pub(super) async fn fetch_later(engine: &Engine, tx: &mut Tx, connection: &ConnectionId) -> Result<()> {
    jobs::enqueue(engine, tx, &FirstBackfill(connection.clone()), engine.now()).await?;
    Ok(())
}

/// Why an account cannot be connected that feeds another program. Names the program where
/// the actor may see it.
pub(super) async fn other_program_message(
    conn: &mut Conn,
    actor: &MerchantActor,
    other: &ProgramId,
) -> Result<String> {
    let whose = match scope::program(conn, actor, other).await {
        Ok(program) => format!("your program {}", program.name),
        Err(Error::NotFound) => "another program".to_owned(),
        Err(error) => return Err(error),
    };
    Ok(format!(
        "This Stripe account is already connected to {whose}. One account can feed only one program. Disconnect it \
         there first, or use another account"
    ))
}
