//! Keys of the REST API, and responses stored for repeated requests.

use domain::clock::Timestamp;
use domain::ids::{AccountId, ApiKeyId, MerchantId, ProgramId};

use crate::db::{Conn, Result, Row, args};

/// An API key; the key itself is not kept.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Whose.
    pub merchant_id: MerchantId,
    /// Who made it.
    pub account_id: AccountId,
    /// The one program it is good for, if it is limited.
    pub program_id: Option<ProgramId>,
    /// What it ends in.
    pub last_four: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

fn api_key(row: &Row) -> Result<ApiKey> {
    Ok(ApiKey {
        id: row.get("id")?,
        merchant_id: row.get("merchant_id")?,
        account_id: row.get("account_id")?,
        program_id: row.get("program_id")?,
        last_four: row.get("last_four")?,
        created_at: row.get("created_at")?,
        last_used_at: row.get("last_used_at")?,
    })
}

/// Keeps a key by the SHA-256 of its text.
pub async fn put(conn: &mut Conn, key: &ApiKey, key_hash: &str) -> Result<()> {
    let sql = "INSERT INTO api_keys (id, merchant_id, account_id, program_id, key_hash, last_four, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let args = args![
        &key.id,
        &key.merchant_id,
        &key.account_id,
        key.program_id.as_ref(),
        key_hash,
        &key.last_four,
        key.created_at
    ];
    conn.run_one(sql, &args).await
}

/// The key with this hash, unless it was revoked.
pub async fn by_hash(conn: &mut Conn, key_hash: &str) -> Result<Option<ApiKey>> {
    let sql = "SELECT * FROM api_keys WHERE key_hash = $1 AND revoked_at IS NULL";
    conn.first(sql, &args![key_hash], api_key).await
}

/// The keys of a merchant, newest first.
pub async fn list(conn: &mut Conn, merchant: &MerchantId) -> Result<Vec<ApiKey>> {
    let sql =
        "SELECT * FROM api_keys WHERE merchant_id = $1 AND revoked_at IS NULL ORDER BY id DESC LIMIT 100";
    conn.all(sql, &args![merchant], api_key).await
}

/// Ends a key; `false` when it is not there.
pub async fn revoke(conn: &mut Conn, merchant: &MerchantId, id: &ApiKeyId, now: Timestamp) -> Result<bool> {
    let sql = "UPDATE api_keys SET revoked_at = $3 WHERE merchant_id = $1 AND id = $2 AND revoked_at IS NULL";
    Ok(conn.run(sql, &args![merchant, id, now]).await? == 1)
}

/// Notes that a key was used.
pub async fn touch(conn: &mut Conn, id: &ApiKeyId, now: Timestamp) -> Result<()> {
    conn.run("UPDATE api_keys SET last_used_at = $2 WHERE id = $1", &args![id, now]).await.map(drop)
}

/// A request under an idempotency key, and the response to it.
#[derive(Debug, Clone)]
pub struct StoredResponse {
    /// SHA-256 of method, path and body.
    pub request_hash: String,
    /// The HTTP status; `None` while the request is under way.
    pub status: Option<i64>,
    /// The body.
    pub body: Option<String>,
}

/// Reserves an idempotency key for a new request: `None` when it was free, otherwise what is
/// known of the request that used it.
pub async fn begin_request(
    conn: &mut Conn,
    key: &ApiKeyId,
    idempotency_key: &str,
    request_hash: &str,
    now: Timestamp,
) -> Result<Option<StoredResponse>> {
    let sql = "INSERT INTO idempotency_keys (key_id, idempotency_key, request_hash, created_at) \
               VALUES ($1, $2, $3, $4) ON CONFLICT (key_id, idempotency_key) DO NOTHING";
    if conn.run(sql, &args![key, idempotency_key, request_hash, now]).await? == 1 {
        return Ok(None);
    }
    let sql =
        "SELECT request_hash, status, body FROM idempotency_keys WHERE key_id = $1 AND idempotency_key = $2";
    conn.first(sql, &args![key, idempotency_key], |row| {
        Ok(StoredResponse {
            request_hash: row.get("request_hash")?,
            status: row.get("status")?,
            body: row.get("body")?,
        })
    })
    .await
}

/// Stores the response, or frees the key again when there is none.
pub async fn store_response(
    conn: &mut Conn,
    key: &ApiKeyId,
    idempotency_key: &str,
    response: Option<(i64, &str)>,
) -> Result<()> {
    match response {
        Some((status, body)) => {
            let sql = "UPDATE idempotency_keys SET status = $3, body = $4 WHERE key_id = $1 AND idempotency_key = $2";
            conn.run_one(sql, &args![key, idempotency_key, status, body]).await
        }
        None => {
            let sql =
                "DELETE FROM idempotency_keys WHERE key_id = $1 AND idempotency_key = $2 AND status IS NULL";
            conn.run(sql, &args![key, idempotency_key]).await.map(drop)
        }
    }
}

/// Deletes responses to requests from before one time, and keys without a response, whose
/// request never ended, from before another.
pub async fn delete_responses(conn: &mut Conn, answered: Timestamp, unanswered: Timestamp) -> Result<u64> {
    let sql = "DELETE FROM idempotency_keys WHERE created_at < $1 OR (status IS NULL AND created_at < $2)";
    conn.run(sql, &args![answered, unanswered]).await
}
