//! Companies and their members.

use domain::clock::Timestamp;
use domain::emails::Email;
use domain::ids::{AccountId, MerchantId};
use domain::members::Role;

use crate::db::{Conn, Result, args};

/// A membership.
#[derive(Debug, Clone)]
pub struct Member {
    /// The company.
    pub merchant_id: MerchantId,
    /// Its name.
    pub merchant_name: String,
    /// What the member may do.
    pub role: Role,
    /// Whether the company requires two-step sign-in.
    pub requires_two_step: bool,
    /// Whether the member has turned two-step sign-in on.
    pub has_two_step: bool,
}

/// Adds a company with its first member.
pub async fn put(
    conn: &mut Conn,
    id: &MerchantId,
    name: &str,
    owner: &AccountId,
    now: Timestamp,
) -> Result<()> {
    conn.run_one("INSERT INTO merchants (id, name, created_at) VALUES ($1, $2, $3)", &args![id, name, now])
        .await?;
    let sql = "INSERT INTO members (merchant_id, account_id, role, created_at) VALUES ($1, $2, $4, $3)";
    conn.run_one(sql, &args![id, owner, now, Role::Owner.word()]).await
}

/// The company that an account works for; the oldest, if there are several.
pub async fn of_account(conn: &mut Conn, account: &AccountId) -> Result<Option<Member>> {
    let sql = "SELECT m.merchant_id, m.role, c.name, c.require_two_step, t.confirmed_at \
               FROM members m JOIN merchants c ON c.id = m.merchant_id \
               LEFT JOIN authenticators t ON t.account_id = m.account_id \
               WHERE m.account_id = $1 ORDER BY m.created_at, m.merchant_id LIMIT 1";
    conn.first(sql, &args![account], |row| {
        Ok(Member {
            merchant_id: row.get("merchant_id")?,
            merchant_name: row.get("name")?,
            role: row.word("role")?,
            requires_two_step: row.get("require_two_step")?,
            has_two_step: row.get::<Option<Timestamp>>("confirmed_at")?.is_some(),
        })
    })
    .await
}

/// The owner who has been there longest.
pub async fn first_owner(conn: &mut Conn, id: &MerchantId) -> Result<Option<AccountId>> {
    let sql = "SELECT account_id FROM members WHERE merchant_id = $1 AND role = 'owner' \
               ORDER BY created_at, account_id LIMIT 1";
    conn.first(sql, &args![id], |row| row.get("account_id")).await
}

/// The name of a company.
pub async fn name(conn: &mut Conn, id: &MerchantId) -> Result<Option<String>> {
    conn.first("SELECT name FROM merchants WHERE id = $1", &args![id], |row| row.get("name")).await
}

/// Changes the name of a company.
pub async fn set_name(conn: &mut Conn, id: &MerchantId, name: &str) -> Result<()> {
    conn.run_one("UPDATE merchants SET name = $2 WHERE id = $1", &args![id, name]).await
}

/// Sets whether the members of a company must use two-step sign-in.
pub async fn set_require_two_step(conn: &mut Conn, id: &MerchantId, required: bool) -> Result<()> {
    conn.run_one("UPDATE merchants SET require_two_step = $2 WHERE id = $1", &args![id, required]).await
}

/// The addresses of a company's owners.
pub async fn owners(conn: &mut Conn, id: &MerchantId) -> Result<Vec<Email>> {
    let sql = "SELECT a.email FROM members m JOIN accounts a ON a.id = m.account_id \
               WHERE m.merchant_id = $1 AND m.role = 'owner' ORDER BY m.created_at, a.id LIMIT 20";
    conn.all(sql, &args![id], |row| row.get("email")).await
}
