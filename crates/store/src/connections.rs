//! A program's connection to Stripe, and its signing secrets.

use domain::clock::Timestamp;
use domain::ids::{AccountId, ConnectionId, ProgramId, SecretId};

use crate::db::{Conn, Result, Row, args};

/// A connection.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Connection {
    pub id: ConnectionId,
    pub program_id: ProgramId,
    /// `oauth`, `key` or `manual`.
    pub mode: String,
    /// `connected`, `disconnected` or `revoked`.
    pub state: String,
    /// The last part of `/webhooks/stripe/{token}`.
    pub endpoint_token: String,
    pub stripe_account: Option<String>,
    /// `None` until the first event tells.
    pub livemode: Option<bool>,
    pub created_at: Timestamp,
    /// Since when it stands as it does; `created_at` is the first time.
    pub connected_at: Timestamp,
    pub connected_by: Option<AccountId>,
    pub disconnected_at: Option<Timestamp>,
    pub account_name: Option<String>,
    /// What OAuth granted, in Stripe's word.
    pub scope: Option<String>,
    /// Sealed: a restricted key, or the tokens of a Stripe App.
    pub credential: Option<String>,
    pub credential_last_four: Option<String>,
    /// When the access token of a Stripe App ends.
    pub token_expires_at: Option<Timestamp>,
    /// Our own endpoint on the account, as it was at `checked_at`.
    pub endpoint_id: Option<String>,
    /// `enabled` or `disabled`.
    pub endpoint_status: Option<String>,
    pub endpoint_version: Option<String>,
    pub checked_at: Option<Timestamp>,
    /// What was wrong when it was last used: a stable word.
    pub trouble: Option<String>,
    /// The same as a sentence for people.
    pub trouble_text: Option<String>,
    /// Events that deliveries had missed and a replay brought.
    pub recovered: i64,
    pub last_event_at: Option<Timestamp>,
    /// Signature failures so far.
    pub failures: i64,
    pub last_failure_at: Option<Timestamp>,
    pub last_failure_code: Option<String>,
}

impl Connection {
    /// A first connection by hand.
    pub fn by_hand(id: ConnectionId, program: &ProgramId, endpoint_token: &str, now: Timestamp) -> Self {
        Self {
            id,
            program_id: program.clone(),
            mode: "manual".to_owned(),
            state: "connected".to_owned(),
            endpoint_token: endpoint_token.to_owned(),
            stripe_account: None,
            livemode: None,
            created_at: now,
            connected_at: now,
            connected_by: None,
            disconnected_at: None,
            account_name: None,
            scope: None,
            credential: None,
            credential_last_four: None,
            token_expires_at: None,
            endpoint_id: None,
            endpoint_status: None,
            endpoint_version: None,
            checked_at: None,
            trouble: None,
            trouble_text: None,
            recovered: 0,
            last_event_at: None,
            failures: 0,
            last_failure_at: None,
            last_failure_code: None,
        }
    }

    /// Whether events are taken in and credited.
    pub fn is_connected(&self) -> bool {
        self.state == "connected"
    }
}

fn connection(row: &Row) -> Result<Connection> {
    Ok(Connection {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        mode: row.get("mode")?,
        state: row.get("state")?,
        endpoint_token: row.get("endpoint_token")?,
        stripe_account: row.get("stripe_account")?,
        livemode: row.get("livemode")?,
        created_at: row.get("created_at")?,
        connected_at: row.get("connected_at")?,
        connected_by: row.get("connected_by")?,
        disconnected_at: row.get("disconnected_at")?,
        account_name: row.get("account_name")?,
        scope: row.get("scope")?,
        credential: row.get("credential")?,
        credential_last_four: row.get("credential_last_four")?,
        token_expires_at: row.get("token_expires_at")?,
        endpoint_id: row.get("endpoint_id")?,
        endpoint_status: row.get("endpoint_status")?,
        endpoint_version: row.get("endpoint_version")?,
        checked_at: row.get("checked_at")?,
        trouble: row.get("trouble")?,
        trouble_text: row.get("trouble_text")?,
        recovered: row.get("recovered")?,
        last_event_at: row.get("last_event_at")?,
        failures: row.get("failures")?,
        last_failure_at: row.get("last_failure_at")?,
        last_failure_code: row.get("last_failure_code")?,
    })
}

/// A signing secret, encrypted.
#[derive(Debug, Clone)]
pub struct Secret {
    /// Its id; part of the encryption's associated data.
    pub id: SecretId,
    /// The sealed text.
    pub sealed: String,
    /// What it ends in.
    pub last_four: String,
    /// Since when.
    pub valid_from: Timestamp,
    /// Until when, if a newer one has come.
    pub valid_until: Option<Timestamp>,
}

fn secret(row: &Row) -> Result<Secret> {
    Ok(Secret {
        id: row.get("id")?,
        sealed: row.get("sealed")?,
        last_four: row.get("last_four")?,
        valid_from: row.get("valid_from")?,
        valid_until: row.get("valid_until")?,
    })
}

/// Adds a connection.
pub async fn put(conn: &mut Conn, new: &Connection) -> Result<()> {
    let sql = "INSERT INTO connections (id, program_id, mode, state, endpoint_token, stripe_account, livemode, \
               created_at, created_by, connected_at, connected_by, account_name, scope, credential, \
               credential_last_four, token_expires_at, endpoint_id, endpoint_status, endpoint_version, checked_at, failures) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 0)";
    let args = args![
        &new.id,
        &new.program_id,
        &new.mode,
        &new.state,
        &new.endpoint_token,
        new.stripe_account.as_deref(),
        new.livemode,
        new.connected_at,
        new.connected_by.as_ref(),
        new.account_name.as_deref(),
        new.scope.as_deref(),
        new.credential.as_deref(),
        new.credential_last_four.as_deref(),
        new.token_expires_at,
        new.endpoint_id.as_deref(),
        new.endpoint_status.as_deref(),
        new.endpoint_version.as_deref(),
        new.checked_at
    ];
    conn.run_one(sql, &args).await
}

/// Connects a row anew, in this or another way; what it has received stays with it.
pub async fn connect(conn: &mut Conn, new: &Connection) -> Result<()> {
    let sql = "UPDATE connections SET mode = $2, state = 'connected', stripe_account = $3, livemode = $4, \
               connected_at = $5, connected_by = $6, account_name = $7, scope = $8, credential = $9, \
               credential_last_four = $10, token_expires_at = $11, token_leased_until = 0, endpoint_id = $12, \
               endpoint_status = $13, endpoint_version = $14, checked_at = $15, disconnected_at = NULL, \
               trouble = NULL, trouble_text = NULL WHERE id = $1";
    let args = args![
        &new.id,
        &new.mode,
        new.stripe_account.as_deref(),
        new.livemode,
        new.connected_at,
        new.connected_by.as_ref(),
        new.account_name.as_deref(),
        new.scope.as_deref(),
        new.credential.as_deref(),
        new.credential_last_four.as_deref(),
        new.token_expires_at,
        new.endpoint_id.as_deref(),
        new.endpoint_status.as_deref(),
        new.endpoint_version.as_deref(),
        new.checked_at
    ];
    conn.run_one(sql, &args).await
}

/// The connection of an endpoint's token, whatever its state.
pub async fn by_token(conn: &mut Conn, token: &str) -> Result<Option<Connection>> {
    conn.first("SELECT * FROM connections WHERE endpoint_token = $1", &args![token], connection).await
}

/// A connection.
pub async fn get(conn: &mut Conn, id: &ConnectionId) -> Result<Option<Connection>> {
    conn.first("SELECT * FROM connections WHERE id = $1", &args![id], connection).await
}

/// A program's present connection: the one at work, else the one that ended last.
pub async fn of_program(conn: &mut Conn, program: &ProgramId) -> Result<Option<Connection>> {
    let sql = "SELECT * FROM connections WHERE program_id = $1 \
               ORDER BY CASE WHEN state = 'connected' THEN 0 ELSE 1 END, connected_at DESC, id DESC LIMIT 1";
    conn.first(sql, &args![program], connection).await
}

/// Every connection that a program ever had, the present one first.
pub async fn all_of_program(conn: &mut Conn, program: &ProgramId) -> Result<Vec<Connection>> {
    let sql = "SELECT * FROM connections WHERE program_id = $1 \
               ORDER BY CASE WHEN state = 'connected' THEN 0 ELSE 1 END, connected_at DESC, id DESC LIMIT 100";
    conn.all(sql, &args![program], connection).await
}

/// The connections of an account of Stripe, those at work first, then the newest.
pub async fn of_account(conn: &mut Conn, account: &str) -> Result<Vec<Connection>> {
    let sql = "SELECT * FROM connections WHERE stripe_account = $1 \
               ORDER BY CASE WHEN state = 'connected' THEN 0 ELSE 1 END, connected_at DESC, id DESC LIMIT 100";
    conn.all(sql, &args![account], connection).await
}

/// Ends a connection; its secrets go, its history stays.
pub async fn disconnect(conn: &mut Conn, id: &ConnectionId, now: Timestamp) -> Result<()> {
    let sql = "UPDATE connections SET state = 'disconnected', disconnected_at = $2, credential = NULL, \
               credential_last_four = NULL, token_expires_at = NULL, endpoint_id = NULL, endpoint_status = NULL, \
               trouble = NULL, trouble_text = NULL WHERE id = $1 AND state IN ('connected', 'revoked')";
    conn.run_one(sql, &args![id, now]).await?;
    conn.run("DELETE FROM connection_secrets WHERE connection_id = $1", &args![id]).await.map(drop)
}

/// Notes that Stripe does not let us in any more; `false` when it is not connected. What
/// cannot be used goes, the signing secrets stay: an endpoint on the account still works.
pub async fn revoke(
    conn: &mut Conn,
    id: &ConnectionId,
    trouble: &str,
    text: &str,
    now: Timestamp,
) -> Result<bool> {
    let sql = "UPDATE connections SET state = 'revoked', disconnected_at = $4, credential = NULL, \
               token_expires_at = NULL, trouble = $2, trouble_text = $3 WHERE id = $1 AND state = 'connected'";
    Ok(conn.run(sql, &args![id, trouble, text, now]).await? == 1)
}

/// Takes a disconnected connection up again by hand, with the URL that Stripe knows.
pub async fn reconnect(
    conn: &mut Conn,
    id: &ConnectionId,
    by: Option<&AccountId>,
    now: Timestamp,
) -> Result<()> {
    let sql = "UPDATE connections SET state = 'connected', mode = 'manual', connected_at = $2, connected_by = $3, \
               disconnected_at = NULL, credential = NULL, credential_last_four = NULL, token_expires_at = NULL, \
               endpoint_id = NULL, endpoint_status = NULL, endpoint_version = NULL, scope = NULL, \
               trouble = NULL, trouble_text = NULL WHERE id = $1";
    conn.run_one(sql, &args![id, now, by]).await
}

/// Notes how our endpoint on the account stands.
pub async fn note_endpoint(
    conn: &mut Conn,
    id: &ConnectionId,
    endpoint: Option<(&str, &str, Option<&str>)>,
    now: Timestamp,
) -> Result<()> {
    let sql = "UPDATE connections SET endpoint_id = $2, endpoint_status = $3, endpoint_version = $4, checked_at = $5 \
               WHERE id = $1";
    let (endpoint_id, status, version) = match endpoint {
        Some((id, status, version)) => (Some(id), Some(status), version),
        None => (None, None, None),
    };
    conn.run_one(sql, &args![id, endpoint_id, status, version, now]).await
}

/// Notes what is wrong with a connection, or that nothing is.
pub async fn note_trouble(conn: &mut Conn, id: &ConnectionId, trouble: Option<(&str, &str)>) -> Result<()> {
    let sql = "UPDATE connections SET trouble = $2, trouble_text = $3 WHERE id = $1";
    conn.run_one(sql, &args![id, trouble.map(|(word, _)| word), trouble.map(|(_, text)| text)]).await
}

/// Notes what Stripe says about the account.
pub async fn note_account(
    conn: &mut Conn,
    id: &ConnectionId,
    account: &str,
    name: Option<&str>,
) -> Result<()> {
    let sql = "UPDATE connections SET stripe_account = $2, account_name = $3 WHERE id = $1";
    conn.run_one(sql, &args![id, account, name]).await
}

/// Counts events that a replay brought.
pub async fn count_recovered(conn: &mut Conn, id: &ConnectionId, events: i64) -> Result<()> {
    conn.run_one("UPDATE connections SET recovered = recovered + $2 WHERE id = $1", &args![id, events]).await
}

/// Takes the right to renew a token until a moment; `false` when another node has it.
pub async fn lease_token(
    conn: &mut Conn,
    id: &ConnectionId,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool> {
    let sql = "UPDATE connections SET token_leased_until = $3 WHERE id = $1 AND token_leased_until <= $2";
    Ok(conn.run(sql, &args![id, now, until]).await? == 1)
}

/// Keeps renewed tokens and gives the right to renew back.
pub async fn renew_token(
    conn: &mut Conn,
    id: &ConnectionId,
    sealed: &str,
    expires_at: Option<Timestamp>,
) -> Result<()> {
    let sql =
        "UPDATE connections SET credential = $2, token_expires_at = $3, token_leased_until = 0 WHERE id = $1";
    conn.run_one(sql, &args![id, sealed, expires_at]).await
}

/// Gives the right to renew a token back.
pub async fn release_token(conn: &mut Conn, id: &ConnectionId) -> Result<()> {
    conn.run_one("UPDATE connections SET token_leased_until = 0 WHERE id = $1", &args![id]).await
}

/// Learns live or test from the first event.
pub async fn set_livemode(conn: &mut Conn, id: &ConnectionId, livemode: bool) -> Result<()> {
    let sql = "UPDATE connections SET livemode = $2 WHERE id = $1 AND livemode IS NULL";
    conn.run(sql, &args![id, livemode]).await.map(drop)
}

/// Notes when the last event came.
pub async fn touch_last_event(conn: &mut Conn, id: &ConnectionId, at: Timestamp) -> Result<()> {
    let sql = "UPDATE connections SET last_event_at = $2 WHERE id = $1 AND (last_event_at IS NULL OR last_event_at < $2)";
    conn.run(sql, &args![id, at]).await.map(drop)
}

/// Counts refused signatures.
pub async fn refused(
    conn: &mut Conn,
    id: &ConnectionId,
    code: &str,
    deliveries: i64,
    at: Timestamp,
) -> Result<()> {
    let sql = "UPDATE connections SET failures = failures + $4, last_failure_at = $3, last_failure_code = $2 WHERE id = $1";
    conn.run_one(sql, &args![id, code, at, deliveries]).await
}

/// Adds a signing secret.
pub async fn put_secret(conn: &mut Conn, connection: &ConnectionId, new: &Secret) -> Result<()> {
    let sql = "INSERT INTO connection_secrets (id, connection_id, sealed, last_four, valid_from, valid_until) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let args = args![&new.id, connection, &new.sealed, &new.last_four, new.valid_from, new.valid_until];
    conn.run_one(sql, &args).await
}

/// Lets the secrets that have no end yet run out.
pub async fn expire_secrets(conn: &mut Conn, connection: &ConnectionId, until: Timestamp) -> Result<u64> {
    let sql =
        "UPDATE connection_secrets SET valid_until = $2 WHERE connection_id = $1 AND valid_until IS NULL";
    conn.run(sql, &args![connection, until]).await
}

/// The secrets that are good at a moment, newest first.
pub async fn secrets(conn: &mut Conn, connection: &ConnectionId, now: Timestamp) -> Result<Vec<Secret>> {
    let sql = "SELECT * FROM connection_secrets WHERE connection_id = $1 AND (valid_until IS NULL OR valid_until > $2) \
               ORDER BY valid_from DESC, id DESC LIMIT 10";
    conn.all(sql, &args![connection, now], secret).await
}
