//! The storage of browser sessions: rows by the hash of their id, with encrypted data.
//!
//! A session ends when it is not used for a while, and in any case after
//! [`LONGEST_SESSION_MS`] (ASVS 5.0, 7.3.1 and 7.3.2).

use domain::clock::{DAY_MS, HOUR_MS, Timestamp};
use domain::ids::AccountId;
use store::sessions::Alive;

use super::sessions::hash_of;
use crate::engine::Engine;
use crate::error::{Error, Result};

/// A browser that is not used for this long signs in again, milliseconds.
pub const IDLE_SESSION_MS: i64 = 14 * DAY_MS;
/// After this long every browser signs in again, milliseconds. Cookies live as long.
pub const LONGEST_SESSION_MS: i64 = 60 * DAY_MS;
/// How exactly the last use is known, milliseconds.
const SEEN_EVERY_MS: i64 = HOUR_MS;
/// Sessions of one account that are listed.
const MOST_LISTED: i64 = 50;

/// A browser that is signed in.
#[derive(Debug, Clone)]
pub struct BrowserSession {
    /// Names it in a form; not a secret.
    pub handle: String,
    /// What the session layer keeps, as JSON.
    pub data: String,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the hour.
    pub seen_at: Timestamp,
}

/// Names the place of a sealed value, so that it opens nowhere else.
fn place(id_hash: &str) -> String {
    format!("sessions.data.{id_hash}")
}

fn seal(engine: &Engine, id_hash: &str, data: &str) -> String {
    engine.key().seal(data, &place(id_hash), engine.random())
}

fn alive(engine: &Engine) -> Alive {
    let now = engine.now();
    Alive { now, seen_after: now.plus_ms(-IDLE_SESSION_MS), created_after: now.plus_ms(-LONGEST_SESSION_MS) }
}

/// Makes a session; `false` when the id is taken.
///
/// Needs no actor: a browser has a session before anyone signs in.
pub async fn create(
    engine: &Engine,
    id: &str,
    account: Option<&AccountId>,
    data: &str,
    expires_at: Timestamp,
) -> Result<bool> {
    let id_hash = hash_of(id);
    let data = seal(engine, &id_hash, data);
    let mut conn = engine.db().write().await?;
    Ok(store::sessions::put(&mut conn, &id_hash, account, &data, expires_at, engine.now()).await?)
}

/// Changes a session that exists; `false` when it has ended meanwhile.
///
/// Needs no actor: the id of a session is secret, and proof enough.
pub async fn save(
    engine: &Engine,
    id: &str,
    account: Option<&AccountId>,
    data: &str,
    expires_at: Timestamp,
) -> Result<bool> {
    let id_hash = hash_of(id);
    let data = seal(engine, &id_hash, data);
    let mut conn = engine.db().write().await?;
    Ok(store::sessions::save(&mut conn, &id_hash, account, &data, expires_at, engine.now()).await?)
}

/// A session's data and end. A session that was sealed under another key has ended.
///
/// Needs no actor: the id of a session is secret, and proof enough.
pub async fn load(engine: &Engine, id: &str) -> Result<Option<(String, Timestamp)>> {
    let id_hash = hash_of(id);
    let mut conn = engine.db().read().await?;
    let session = store::sessions::get(&mut conn, &id_hash, alive(engine)).await?;
    drop(conn);
    if session.as_ref().is_some_and(|session| engine.now().since_ms(session.seen_at) > SEEN_EVERY_MS) {
        note_use(engine, &id_hash).await;
    }
    Ok(session.and_then(|session| {
        let data = engine.key().open(&session.data, &place(&id_hash)).ok()?;
        Some((data, session.expires_at))
    }))
}

/// Puts the end of an idle session off. A page can be shown without it.
async fn note_use(engine: &Engine, id_hash: &str) {
    let written = async {
        let mut conn = engine.db().write().await?;
        store::sessions::note_use(&mut conn, id_hash, engine.now()).await
    };
    if let Err(error) = written.await {
        tracing::warn!(%error, "the use of a session could not be noted");
    }
}

/// Ends a session.
///
/// Needs no actor: the id of a session is secret, and proof enough.
pub async fn delete(engine: &Engine, id: &str) -> Result<()> {
    Ok(store::sessions::delete(&mut engine.db().write().await?, &hash_of(id)).await?)
}

/// The handle of a session, by its id.
pub fn handle(id: &str) -> String {
    hash_of(id)
}

/// The browsers on which an account is signed in, most recently used first.
///
/// Needs no actor: it is the account of the session.
pub async fn list(engine: &Engine, account: &AccountId) -> Result<Vec<BrowserSession>> {
    let mut conn = engine.db().read().await?;
    let rows = store::sessions::of_account(&mut conn, account, alive(engine), MOST_LISTED).await?;
    let opened = rows.into_iter().filter_map(|row| {
        let data = engine.key().open(&row.data, &place(&row.id_hash)).ok()?;
        Some(BrowserSession { handle: row.id_hash, data, created_at: row.created_at, seen_at: row.seen_at })
    });
    Ok(opened.collect())
}

/// Ends one session of an account.
///
/// Needs no actor: every account may end its own sessions.
///
/// # Errors
/// [`Error::NotFound`] when the account has no such session.
pub async fn end(engine: &Engine, account: &AccountId, handle: &str) -> Result<()> {
    let mut conn = engine.db().write().await?;
    match store::sessions::delete_of_account(&mut conn, account, handle).await? {
        true => Ok(()),
        false => Err(Error::NotFound),
    }
}

/// Removes sessions that have ended.
///
/// Needs no actor: it is part of the maintenance of the installation.
pub async fn delete_expired(engine: &Engine) -> Result<u64> {
    Ok(store::sessions::delete_expired(&mut engine.db().write().await?, engine.now()).await?)
}
