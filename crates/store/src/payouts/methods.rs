//! The payout methods of accounts.

use domain::clock::Timestamp;
use domain::ids::AccountId;
use domain::payouts::MethodKind;

use crate::db::{Conn, Result, args};

/// How a person is paid, as stored.
#[derive(Debug, Clone)]
pub struct StoredMethod {
    /// Its kind.
    pub kind: MethodKind,
    /// What is shown of it.
    pub hint: String,
    /// All of it, encrypted JSON.
    pub sealed: String,
    /// When it was set.
    pub changed_at: Timestamp,
}

/// How a person is paid.
pub async fn method(conn: &mut Conn, account: &AccountId) -> Result<Option<StoredMethod>> {
    let sql = "SELECT * FROM payout_methods WHERE account_id = $1";
    let read = |row: &crate::db::Row| {
        Ok(StoredMethod {
            kind: row.word("method")?,
            hint: row.get("hint")?,
            sealed: row.get("details")?,
            changed_at: row.get("changed_at")?,
        })
    };
    conn.first(sql, &args![account], read).await
}

/// Sets how a person is paid.
pub async fn put_method(conn: &mut Conn, account: &AccountId, new: &StoredMethod) -> Result<()> {
    let sql = "INSERT INTO payout_methods (account_id, method, hint, details, changed_at) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (account_id) DO UPDATE SET method = $2, hint = $3, details = $4, changed_at = $5";
    conn.run_one(sql, &args![account, new.kind.word(), &new.hint, &new.sealed, new.changed_at]).await
}
