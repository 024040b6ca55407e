//! A program's connection to Stripe, and its signing secrets.

mod connection;
mod secrets;

use domain::clock::Timestamp;
use domain::connections::ConnectionProblem;
use domain::deliveries::SignatureError;
use domain::ids::{ConnectionId, ProgramId};

pub use self::connection::{Connection, ConnectionKind, OwnEndpoint, SealedTokens};
use self::connection::{connection, written};
pub use self::secrets::{Secret, expire_secrets, put_secret, secrets};
use crate::db::{Conn, Result, Value, args, json};

/// Adds a connection, connected as of `connected_at`.
pub async fn put(conn: &mut Conn, new: &Connection) -> Result<()> {
    let sql = "INSERT INTO connections (id, kind, stripe_account, account_name, livemode, connected_at, connected_by, \
               scope, credential, credential_last_four, token_expires_at, endpoint_id, endpoint_status, \
               endpoint_version, checked_at, created_at, created_by, program_id, endpoint_token, status, failures) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $6, $7, $16, $17, 'connected', 0)";
    let [program, token] = args![&new.program_id, &new.endpoint_token];
    let args: Vec<Value> = written(new).into_iter().chain([program, token]).collect();
    conn.run_one(sql, &args).await
}

/// Connects a stored connection again, by the same or another method. What it has received
/// stays with it; its problem and its health, which were those of the earlier method, do not.
pub async fn reconnect(conn: &mut Conn, connection: &Connection) -> Result<()> {
    let sql = "UPDATE connections SET kind = $2, stripe_account = $3, account_name = $4, livemode = $5, \
               connected_at = $6, connected_by = $7, scope = $8, credential = $9, credential_last_four = $10, \
               token_expires_at = $11, endpoint_id = $12, endpoint_status = $13, endpoint_version = $14, \
               checked_at = $15, status = 'connected', token_leased_until = 0, disconnected_at = NULL, \
               problem = NULL, events_account = NULL, other_account = NULL, check_asked_at = NULL, recovered = 0, \
               failures = 0, last_failure_at = NULL, last_failure_reason = NULL, settled_at = NULL WHERE id = $1";
    conn.run_one(sql, &written(connection)).await
}

/// The connection of an endpoint's token, whatever its status.
pub async fn by_token(conn: &mut Conn, token: &str) -> Result<Option<Connection>> {
    conn.first("SELECT * FROM connections WHERE endpoint_token = $1", &args![token], connection).await
}

/// A connection.
pub async fn get(conn: &mut Conn, id: &ConnectionId) -> Result<Option<Connection>> {
    conn.first("SELECT * FROM connections WHERE id = $1", &args![id], connection).await
}

/// A program's current connection: the active one, otherwise the one that ended last.
pub async fn of_program(conn: &mut Conn, program: &ProgramId) -> Result<Option<Connection>> {
    let sql = "SELECT * FROM connections WHERE program_id = $1 \
               ORDER BY CASE WHEN status = 'connected' THEN 0 ELSE 1 END, connected_at DESC, id DESC LIMIT 1";
    conn.first(sql, &args![program], connection).await
}

/// Every connection that a program ever had, the current one first.
pub async fn all_of_program(conn: &mut Conn, program: &ProgramId) -> Result<Vec<Connection>> {
    let sql = "SELECT * FROM connections WHERE program_id = $1 \
               ORDER BY CASE WHEN status = 'connected' THEN 0 ELSE 1 END, connected_at DESC, id DESC LIMIT 100";
    conn.all(sql, &args![program], connection).await
}

/// The connections of a Stripe account, active ones first, then the newest.
pub async fn of_account(conn: &mut Conn, account: &str) -> Result<Vec<Connection>> {
    let sql = "SELECT * FROM connections WHERE stripe_account = $1 \
               ORDER BY CASE WHEN status = 'connected' THEN 0 ELSE 1 END, connected_at DESC, id DESC LIMIT 100";
    conn.all(sql, &args![account], connection).await
}

/// The first of the connections that share the platform's endpoint of a mode.
pub async fn first_on_platform(conn: &mut Conn, livemode: bool) -> Result<Option<ConnectionId>> {
    let sql = "SELECT id FROM connections WHERE kind = 'oauth' AND status = 'connected' AND livemode = $1 \
               ORDER BY id LIMIT 1";
    conn.first(sql, &args![livemode], |row| row.get("id")).await
}

/// Disconnects: the credentials and signing secrets are deleted, the history stays.
pub async fn disconnect(conn: &mut Conn, id: &ConnectionId, now: Timestamp) -> Result<()> {
    let sql = "UPDATE connections SET status = 'disconnected', disconnected_at = $2, credential = NULL, \
               credential_last_four = NULL, token_expires_at = NULL, endpoint_id = NULL, endpoint_status = NULL, \
               endpoint_version = NULL, checked_at = NULL, problem = NULL \
               WHERE id = $1 AND status IN ('connected', 'revoked')";
    conn.run_one(sql, &args![id, now]).await?;
    conn.run("DELETE FROM connection_secrets WHERE connection_id = $1", &args![id]).await.map(drop)
}

/// Records that Stripe ended our access; `false` when the connection is not active. The
/// credentials are deleted, the signing secrets stay: an endpoint on the account still works.
pub async fn revoke(
    conn: &mut Conn,
    id: &ConnectionId,
    problem: &ConnectionProblem,
    now: Timestamp,
) -> Result<bool> {
    let sql = "UPDATE connections SET status = 'revoked', disconnected_at = $3, credential = NULL, \
               token_expires_at = NULL, problem = $2 WHERE id = $1 AND status = 'connected'";
    Ok(conn.run(sql, &args![id, json("connections.problem", problem)?, now]).await? == 1)
}

/// Records our endpoint on the account as Stripe describes it now; `None` when there is none.
pub async fn set_endpoint(
    conn: &mut Conn,
    id: &ConnectionId,
    endpoint: Option<&OwnEndpoint>,
    now: Timestamp,
) -> Result<()> {
    let sql = "UPDATE connections SET endpoint_id = $2, endpoint_status = $3, endpoint_version = $4, \
               checked_at = $5 WHERE id = $1";
    let args = args![
        id,
        endpoint.map(|endpoint| endpoint.id.as_str()),
        endpoint.map(|endpoint| endpoint.status.word()),
        endpoint.and_then(|endpoint| endpoint.api_version.as_deref()),
        now,
    ];
    conn.run_one(sql, &args).await
}

/// Records when Stripe was last asked about a connection's endpoint.
pub async fn set_checked(conn: &mut Conn, id: &ConnectionId, now: Timestamp) -> Result<()> {
    conn.run_one("UPDATE connections SET checked_at = $2 WHERE id = $1", &args![id, now]).await
}

/// Notes that a check of a connection's endpoint was asked for; `false` when one was asked for
/// or ended since these moments.
pub async fn ask_check(
    conn: &mut Conn,
    id: &ConnectionId,
    (not_asked_since, not_checked_since): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<bool> {
    let sql = "UPDATE connections SET check_asked_at = $3 WHERE id = $1 AND status = 'connected' \
               AND kind <> 'manual' AND (check_asked_at IS NULL OR check_asked_at < $2) AND (checked_at IS NULL OR checked_at < $4)";
    Ok(conn.run(sql, &args![id, not_asked_since, now, not_checked_since]).await? == 1)
}

/// Notes that the signatures rejected so far are settled.
pub async fn settle_failures(conn: &mut Conn, id: &ConnectionId, now: Timestamp) -> Result<()> {
    conn.run_one("UPDATE connections SET settled_at = $2 WHERE id = $1", &args![id, now]).await
}

/// Records what is wrong with a connection, or that nothing is.
pub async fn set_problem(
    conn: &mut Conn,
    id: &ConnectionId,
    problem: Option<&ConnectionProblem>,
) -> Result<()> {
    let problem = problem.map(|problem| json("connections.problem", problem)).transpose()?;
    conn.run_one("UPDATE connections SET problem = $2 WHERE id = $1", &args![id, problem]).await
}

/// Records the account as Stripe describes it.
pub async fn set_account(
    conn: &mut Conn,
    id: &ConnectionId,
    account: &str,
    name: Option<&str>,
) -> Result<()> {
    let sql = "UPDATE connections SET stripe_account = $2, account_name = $3 WHERE id = $1";
    conn.run_one(sql, &args![id, account, name]).await
}

/// Counts events that a backfill recovered.
pub async fn count_recovered(conn: &mut Conn, id: &ConnectionId, events: i64) -> Result<()> {
    conn.run_one("UPDATE connections SET recovered = recovered + $2 WHERE id = $1", &args![id, events]).await
}

/// Leases the right to renew a token; `false` while another node holds it.
pub async fn lease_token(
    conn: &mut Conn,
    id: &ConnectionId,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool> {
    let sql = "UPDATE connections SET token_leased_until = $3 WHERE id = $1 AND token_leased_until <= $2";
    Ok(conn.run(sql, &args![id, now, until]).await? == 1)
}

/// Stores renewed tokens and releases the lease.
pub async fn renew_token(conn: &mut Conn, id: &ConnectionId, tokens: &SealedTokens) -> Result<()> {
    let sql =
        "UPDATE connections SET credential = $2, token_expires_at = $3, token_leased_until = 0 WHERE id = $1";
    conn.run_one(sql, &args![id, &tokens.sealed, tokens.expires_at]).await
}

/// Releases the lease without new tokens.
pub async fn release_token(conn: &mut Conn, id: &ConnectionId) -> Result<()> {
    conn.run_one("UPDATE connections SET token_leased_until = 0 WHERE id = $1", &args![id]).await
}

/// Sets live or test from the first event.
pub async fn set_livemode(conn: &mut Conn, id: &ConnectionId, livemode: bool) -> Result<()> {
    let sql = "UPDATE connections SET livemode = $2 WHERE id = $1 AND livemode IS NULL";
    conn.run(sql, &args![id, livemode]).await.map(drop)
}

/// Takes the account of an event as the connection's own, if none is known.
pub async fn learn_account(conn: &mut Conn, id: &ConnectionId, account: &str) -> Result<()> {
    let sql = "UPDATE connections SET events_account = $2 WHERE id = $1 AND events_account IS NULL";
    conn.run(sql, &args![id, account]).await.map(drop)
}

/// Notes another account whose events arrived.
pub async fn note_other_account(conn: &mut Conn, id: &ConnectionId, account: &str) -> Result<()> {
    let sql = "UPDATE connections SET other_account = $2 WHERE id = $1 AND (other_account IS NULL OR other_account <> $2)";
    conn.run(sql, &args![id, account]).await.map(drop)
}

/// Counts the events of the other account from now on, and no longer those of the first.
/// `false` when that is not the other account.
pub async fn choose_account(conn: &mut Conn, id: &ConnectionId, account: &str) -> Result<bool> {
    let sql = "UPDATE connections SET events_account = $2, other_account = NULL WHERE id = $1 AND other_account = $2";
    Ok(conn.run(sql, &args![id, account]).await? == 1)
}

/// Records when the last event was delivered.
pub async fn touch_last_event(conn: &mut Conn, id: &ConnectionId, at: Timestamp) -> Result<()> {
    let sql = "UPDATE connections SET last_event_at = $2 WHERE id = $1 AND (last_event_at IS NULL OR last_event_at < $2)";
    conn.run(sql, &args![id, at]).await.map(drop)
}

/// Counts deliveries with a rejected signature.
pub async fn count_signature_failures(
    conn: &mut Conn,
    id: &ConnectionId,
    error: SignatureError,
    deliveries: i64,
    last_at: Timestamp,
) -> Result<()> {
    let sql = "UPDATE connections SET failures = failures + $4, last_failure_at = $3, last_failure_reason = $2 \
               WHERE id = $1";
    conn.run_one(sql, &args![id, error.word(), last_at, deliveries]).await
}

/// The ids of all connections after one of them.
pub async fn ids_after(conn: &mut Conn, after: &str, limit: i64) -> Result<Vec<ConnectionId>> {
    let sql = "SELECT id FROM connections WHERE id > $1 ORDER BY id LIMIT $2";
    conn.all(sql, &args![after, limit], |row| row.get("id")).await
}
