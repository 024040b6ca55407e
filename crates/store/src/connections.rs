//! A program's connection to Stripe, and its signing secrets.

use domain::clock::Timestamp;
use domain::connections::{ConnectionMethod, ConnectionProblem, ConnectionStatus, EndpointStatus};
use domain::deliveries::{SignatureError, SignatureFailures};
use domain::ids::{AccountId, ConnectionId, ProgramId, SecretId};

use crate::db::{Conn, Result, Row, Value, args, json};

/// A connection.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// The program that it feeds.
    pub program_id: ProgramId,
    /// How it was made, and what belongs to that.
    pub kind: ConnectionKind,
    /// Its status.
    pub status: ConnectionStatus,
    /// The last part of `/webhooks/stripe/{token}`.
    pub endpoint_token: String,
    /// The Stripe account, where it is known.
    pub stripe_account: Option<String>,
    /// The name of the account.
    pub account_name: Option<String>,
    /// Live or test; `None` until the first event.
    pub livemode: Option<bool>,
    /// When it was connected for the first time.
    pub created_at: Timestamp,
    /// When it was connected last.
    pub connected_at: Timestamp,
    /// Who connected it last.
    pub connected_by: Option<AccountId>,
    /// When it was disconnected or revoked.
    pub disconnected_at: Option<Timestamp>,
    /// What was wrong when it was last used.
    pub problem: Option<ConnectionProblem>,
    /// Events that were never delivered and were fetched by a backfill.
    pub recovered: i64,
    /// When the last event was delivered.
    pub last_event_at: Option<Timestamp>,
    /// Rejected signatures at its own endpoint.
    pub signature_failures: SignatureFailures,
}

/// How a connection was made, and what belongs to that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectionKind {
    /// By signing in with Stripe.
    OAuth {
        /// The scope that was granted, in Stripe's word.
        scope: Option<String>,
        /// The tokens of a Stripe App; classic Connect needs none.
        tokens: Option<SealedTokens>,
    },
    /// With a restricted key.
    Key {
        /// The key, encrypted; `None` once access has ended.
        sealed: Option<String>,
        /// The last four characters of the key.
        last_four: Option<String>,
        /// Our endpoint on the account.
        endpoint: Option<OwnEndpoint>,
    },
    /// With an endpoint that the merchant added in Stripe's dashboard.
    Manual,
}

/// The tokens of a Stripe App.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedTokens {
    /// Access and refresh token, encrypted.
    pub sealed: String,
    /// When the access token expires.
    pub expires_at: Option<Timestamp>,
}

/// Our webhook endpoint on a merchant's account, as Stripe last described it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnEndpoint {
    /// Its id at Stripe, `we_…`.
    pub id: String,
    /// Its status.
    pub status: EndpointStatus,
    /// The API version of its events.
    pub api_version: Option<String>,
    /// When Stripe was last asked about it.
    pub checked_at: Timestamp,
}

impl ConnectionKind {
    /// The method, without what belongs to it.
    pub const fn method(&self) -> ConnectionMethod {
        match self {
            Self::OAuth { .. } => ConnectionMethod::OAuth,
            Self::Key { .. } => ConnectionMethod::Key,
            Self::Manual => ConnectionMethod::Manual,
        }
    }

    /// What is encrypted in it: a key, or tokens.
    pub fn sealed(&self) -> Option<&str> {
        match self {
            Self::OAuth { tokens, .. } => tokens.as_ref().map(|tokens| tokens.sealed.as_str()),
            Self::Key { sealed, .. } => sealed.as_deref(),
            Self::Manual => None,
        }
    }
}

impl Connection {
    /// A first, manual connection.
    pub fn manual(id: ConnectionId, program: &ProgramId, endpoint_token: &str, now: Timestamp) -> Self {
        Self {
            id,
            program_id: program.clone(),
            kind: ConnectionKind::Manual,
            status: ConnectionStatus::Connected,
            endpoint_token: endpoint_token.to_owned(),
            stripe_account: None,
            account_name: None,
            livemode: None,
            created_at: now,
            connected_at: now,
            connected_by: None,
            disconnected_at: None,
            problem: None,
            recovered: 0,
            last_event_at: None,
            signature_failures: SignatureFailures::default(),
        }
    }

    /// How it was made.
    pub const fn method(&self) -> ConnectionMethod {
        self.kind.method()
    }

    /// Whether it is active.
    pub fn is_connected(&self) -> bool {
        self.status == ConnectionStatus::Connected
    }

    /// Whether it was made by OAuth: then its events come through the platform's endpoint.
    pub fn is_oauth(&self) -> bool {
        self.method() == ConnectionMethod::OAuth
    }

    /// Whether Honeyguide can call Stripe's API with it.
    pub fn can_call_stripe(&self) -> bool {
        self.is_connected() && self.method().can_call_stripe()
    }

    /// Whether deliveries are accepted. After a key was revoked its endpoint still exists at
    /// Stripe, and the events that it sends must not be lost.
    pub fn accepts_deliveries(&self) -> bool {
        match self.status {
            ConnectionStatus::Connected => true,
            ConnectionStatus::Revoked => self.method() == ConnectionMethod::Key,
            ConnectionStatus::Disconnected => false,
        }
    }

    /// Our own endpoint on the merchant's account.
    pub const fn own_endpoint(&self) -> Option<&OwnEndpoint> {
        match &self.kind {
            ConnectionKind::Key { endpoint, .. } => endpoint.as_ref(),
            ConnectionKind::OAuth { .. } | ConnectionKind::Manual => None,
        }
    }
}

fn connection(row: &Row) -> Result<Connection> {
    Ok(Connection {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        kind: kind(row)?,
        status: row.word("status")?,
        endpoint_token: row.get("endpoint_token")?,
        stripe_account: row.get("stripe_account")?,
        account_name: row.get("account_name")?,
        livemode: row.get("livemode")?,
        created_at: row.get("created_at")?,
        connected_at: row.get("connected_at")?,
        connected_by: row.get("connected_by")?,
        disconnected_at: row.get("disconnected_at")?,
        problem: row.optional_json("problem")?,
        recovered: row.get("recovered")?,
        last_event_at: row.get("last_event_at")?,
        signature_failures: SignatureFailures {
            count: row.get("failures")?,
            last: row
                .get::<Option<Timestamp>>("last_failure_at")?
                .zip(row.optional_word("last_failure_reason")?),
        },
    })
}

fn kind(row: &Row) -> Result<ConnectionKind> {
    let sealed: Option<String> = row.get("credential")?;
    Ok(match row.word("kind")? {
        ConnectionMethod::OAuth => {
            let expires_at = row.get("token_expires_at")?;
            let tokens = sealed.map(|sealed| SealedTokens { sealed, expires_at });
            ConnectionKind::OAuth { scope: row.get("scope")?, tokens }
        }
        ConnectionMethod::Key => ConnectionKind::Key {
            sealed,
            last_four: row.get("credential_last_four")?,
            endpoint: own_endpoint(row)?,
        },
        ConnectionMethod::Manual => ConnectionKind::Manual,
    })
}

fn own_endpoint(row: &Row) -> Result<Option<OwnEndpoint>> {
    let Some(id) = row.get("endpoint_id")? else { return Ok(None) };
    Ok(Some(OwnEndpoint {
        id,
        status: row.word("endpoint_status")?,
        api_version: row.get("endpoint_version")?,
        checked_at: row.get("endpoint_checked_at")?,
    }))
}

/// The values of the columns that a new connection and a renewed one write: `$1` to `$15`.
fn written(connection: &Connection) -> [Value; 15] {
    let (scope, tokens, last_four, endpoint) = match &connection.kind {
        ConnectionKind::OAuth { scope, tokens } => (scope.as_deref(), tokens.as_ref(), None, None),
        ConnectionKind::Key { last_four, endpoint, .. } => {
            (None, None, last_four.as_deref(), endpoint.as_ref())
        }
        ConnectionKind::Manual => (None, None, None, None),
    };
    args![
        &connection.id,
        connection.method().word(),
        connection.stripe_account.as_deref(),
        connection.account_name.as_deref(),
        connection.livemode,
        connection.connected_at,
        connection.connected_by.as_ref(),
        scope,
        connection.kind.sealed(),
        last_four,
        tokens.and_then(|tokens| tokens.expires_at),
        endpoint.map(|endpoint| endpoint.id.as_str()),
        endpoint.map(|endpoint| endpoint.status.word()),
        endpoint.and_then(|endpoint| endpoint.api_version.as_deref()),
        endpoint.map(|endpoint| endpoint.checked_at),
    ]
}

/// A signing secret, encrypted.
#[derive(Debug, Clone)]
pub struct Secret {
    /// Its id; part of the encryption's associated data.
    pub id: SecretId,
    /// The secret, encrypted.
    pub sealed: String,
    /// Its last four characters.
    pub last_four: String,
    /// When it became valid.
    pub valid_from: Timestamp,
    /// When it expires, once a newer one was added.
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

/// Adds a connection, connected as of `connected_at`.
pub async fn put(conn: &mut Conn, new: &Connection) -> Result<()> {
    let sql = "INSERT INTO connections (id, kind, stripe_account, account_name, livemode, connected_at, connected_by, \
               scope, credential, credential_last_four, token_expires_at, endpoint_id, endpoint_status, \
               endpoint_version, endpoint_checked_at, created_at, created_by, program_id, endpoint_token, status, failures) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $6, $7, $16, $17, 'connected', 0)";
    let [program, token] = args![&new.program_id, &new.endpoint_token];
    let args: Vec<Value> = written(new).into_iter().chain([program, token]).collect();
    conn.run_one(sql, &args).await
}

/// Connects a stored connection again, by the same or another method. What it has received
/// stays with it; its last problem does not.
pub async fn reconnect(conn: &mut Conn, connection: &Connection) -> Result<()> {
    let sql = "UPDATE connections SET kind = $2, stripe_account = $3, account_name = $4, livemode = $5, \
               connected_at = $6, connected_by = $7, scope = $8, credential = $9, credential_last_four = $10, \
               token_expires_at = $11, endpoint_id = $12, endpoint_status = $13, endpoint_version = $14, \
               endpoint_checked_at = $15, status = 'connected', token_leased_until = 0, disconnected_at = NULL, \
               problem = NULL WHERE id = $1";
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

/// Disconnects: the credentials and signing secrets are deleted, the history stays.
pub async fn disconnect(conn: &mut Conn, id: &ConnectionId, now: Timestamp) -> Result<()> {
    let sql = "UPDATE connections SET status = 'disconnected', disconnected_at = $2, credential = NULL, \
               credential_last_four = NULL, token_expires_at = NULL, endpoint_id = NULL, endpoint_status = NULL, \
               endpoint_version = NULL, endpoint_checked_at = NULL, problem = NULL \
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

/// Records the status of our endpoint on the account; `None` when there is none.
pub async fn set_endpoint(conn: &mut Conn, id: &ConnectionId, endpoint: Option<&OwnEndpoint>) -> Result<()> {
    let sql = "UPDATE connections SET endpoint_id = $2, endpoint_status = $3, endpoint_version = $4, \
               endpoint_checked_at = $5 WHERE id = $1";
    let args = args![
        id,
        endpoint.map(|endpoint| endpoint.id.as_str()),
        endpoint.map(|endpoint| endpoint.status.word()),
        endpoint.and_then(|endpoint| endpoint.api_version.as_deref()),
        endpoint.map(|endpoint| endpoint.checked_at),
    ];
    conn.run_one(sql, &args).await
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

/// Adds a signing secret.
pub async fn put_secret(conn: &mut Conn, connection: &ConnectionId, new: &Secret) -> Result<()> {
    let sql = "INSERT INTO connection_secrets (id, connection_id, sealed, last_four, valid_from, valid_until) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let args = args![&new.id, connection, &new.sealed, &new.last_four, new.valid_from, new.valid_until];
    conn.run_one(sql, &args).await
}

/// Sets the expiry of the secrets that have none yet.
pub async fn expire_secrets(conn: &mut Conn, connection: &ConnectionId, until: Timestamp) -> Result<u64> {
    let sql =
        "UPDATE connection_secrets SET valid_until = $2 WHERE connection_id = $1 AND valid_until IS NULL";
    conn.run(sql, &args![connection, until]).await
}

/// The secrets that are valid at a time, newest first.
pub async fn secrets(conn: &mut Conn, connection: &ConnectionId, now: Timestamp) -> Result<Vec<Secret>> {
    let sql = "SELECT * FROM connection_secrets WHERE connection_id = $1 AND (valid_until IS NULL OR valid_until > $2) \
               ORDER BY valid_from DESC, id DESC LIMIT 10";
    conn.all(sql, &args![connection, now], secret).await
}
