//! The log of mails that were sent in the name of programs, and addresses that take none.

use domain::clock::Timestamp;
use domain::emails::Email;
use domain::ids::{MailId, ProgramId};
use domain::mails::{MailKind, MailStatus, Reply};

use crate::db::{AFTER_ALL_IDS, Conn, Result, Row, args};

/// A mail of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct LoggedMail {
    pub id: MailId,
    pub program_id: ProgramId,
    pub kind: MailKind,
    pub email: Email,
    pub subject: String,
    pub letter: Option<String>,
    pub about: Option<String>,
    pub status: MailStatus,
    pub reply: Option<Reply>,
    pub created_at: Timestamp,
    pub settled_at: Option<Timestamp>,
}

fn reply(row: &Row) -> Result<Option<Reply>> {
    let (code, text): (Option<i64>, Option<String>) = (row.get("reply_code")?, row.get("reply")?);
    Ok(code.map(|code| Reply { code, text: text.unwrap_or_default() }))
}

fn mail(row: &Row) -> Result<LoggedMail> {
    Ok(LoggedMail {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        kind: row.word("kind")?,
        email: row.get("email")?,
        subject: row.get("subject")?,
        letter: row.get("letter")?,
        about: row.get("about")?,
        status: row.word("status")?,
        reply: reply(row)?,
        created_at: row.get("created_at")?,
        settled_at: row.get("settled_at")?,
    })
}

/// Adds a mail, unless it is there.
pub async fn put(conn: &mut Conn, new: &LoggedMail) -> Result<()> {
    let sql = "INSERT INTO mails (id, program_id, kind, email, subject, letter, about, status, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING";
    let args = args![
        &new.id,
        &new.program_id,
        new.kind.word(),
        &new.email,
        &new.subject,
        new.letter.as_deref(),
        new.about.as_deref(),
        new.status.word(),
        new.created_at
    ];
    conn.run(sql, &args).await.map(drop)
}

/// A mail of a program.
pub async fn get(conn: &mut Conn, program: &ProgramId, id: &MailId) -> Result<Option<LoggedMail>> {
    conn.first("SELECT * FROM mails WHERE program_id = $1 AND id = $2", &args![program, id], mail).await
}

/// Which mails of a program are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Narrowing {
    /// All of them.
    #[default]
    All,
    /// Those with a status.
    Status(MailStatus),
    /// Those to an address.
    To(Email),
}

/// A program's mails, newest first, before one of them.
pub async fn list(
    conn: &mut Conn,
    program: &ProgramId,
    of: &Narrowing,
    before: Option<&MailId>,
    limit: i64,
) -> Result<Vec<LoggedMail>> {
    let before = before.map_or(AFTER_ALL_IDS, MailId::as_str);
    match of {
        Narrowing::All => {
            let sql = "SELECT * FROM mails WHERE program_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
            conn.all(sql, &args![program, before, limit], mail).await
        }
        Narrowing::Status(status) => {
            let sql = "SELECT * FROM mails WHERE program_id = $1 AND status = $4 AND id < $2 \
                       ORDER BY id DESC LIMIT $3";
            conn.all(sql, &args![program, before, limit, status.word()], mail).await
        }
        Narrowing::To(email) => {
            let sql = "SELECT * FROM mails WHERE program_id = $1 AND email = $4 AND id < $2 \
                       ORDER BY id DESC LIMIT $3";
            conn.all(sql, &args![program, before, limit, email], mail).await
        }
    }
}

/// Notes what became of a mail, and what the server answered if it did not take it.
pub async fn settle(
    conn: &mut Conn,
    id: &MailId,
    status: MailStatus,
    reply: Option<&Reply>,
    now: Timestamp,
) -> Result<()> {
    let sql = "UPDATE mails SET status = $2, reply_code = $3, reply = $4, settled_at = $5 WHERE id = $1";
    let (code, text) = (reply.map(|reply| reply.code), reply.map(|reply| reply.text.as_str()));
    conn.run(sql, &args![id, status.word(), code, text, now]).await.map(drop)
}

/// Notes what the server answered to a mail that is tried again later.
pub async fn delay(conn: &mut Conn, id: &MailId, reply: &Reply) -> Result<()> {
    let sql = "UPDATE mails SET reply_code = $2, reply = $3 WHERE id = $1 AND status = 'waiting'";
    conn.run(sql, &args![id, reply.code, reply.text.as_str()]).await.map(drop)
}

/// Notes that a mail will not be tried again; the answer of the server stays.
pub async fn give_up(conn: &mut Conn, id: &MailId, now: Timestamp) -> Result<()> {
    let sql = "UPDATE mails SET status = 'failed', settled_at = $2 WHERE id = $1 AND status = 'waiting'";
    conn.run(sql, &args![id, now]).await.map(drop)
}

/// Lets a mail wait to be sent again; `false` when it waits already.
pub async fn wait_again(conn: &mut Conn, id: &MailId) -> Result<bool> {
    let sql = "UPDATE mails SET status = 'waiting', reply_code = NULL, reply = NULL, settled_at = NULL \
               WHERE id = $1 AND status <> 'waiting'";
    Ok(conn.run(sql, &args![id]).await? == 1)
}

/// Deletes up to `limit` mails from before a time, and returns how many.
pub async fn delete_before(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64> {
    let sql = "DELETE FROM mails WHERE id IN (SELECT id FROM mails WHERE created_at < $1 ORDER BY created_at LIMIT $2)";
    conn.run(sql, &args![before, limit]).await
}

/// An address that takes no mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedAddress {
    /// The address.
    pub email: Email,
    /// What the mail server said.
    pub reply: Reply,
    /// When it said so last.
    pub at: Timestamp,
}

/// Notes that a mail server rejected an address for good.
pub async fn refuse_address(conn: &mut Conn, email: &Email, reply: &Reply, now: Timestamp) -> Result<()> {
    let sql = "INSERT INTO refused_addresses (email, reply_code, reply, refused_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (email) DO UPDATE SET reply_code = $2, reply = $3, refused_at = $4";
    conn.run_one(sql, &args![email, reply.code, reply.text.as_str(), now]).await
}

/// Notes that an address takes mail.
pub async fn accept_address(conn: &mut Conn, email: &Email) -> Result<()> {
    conn.run("DELETE FROM refused_addresses WHERE email = $1", &args![email]).await.map(drop)
}

/// What is known against an address.
pub async fn refused_address(conn: &mut Conn, email: &Email) -> Result<Option<RefusedAddress>> {
    conn.first("SELECT * FROM refused_addresses WHERE email = $1", &args![email], |row| {
        let text: String = row.get("reply")?;
        let reply = Reply { code: row.get("reply_code")?, text };
        Ok(RefusedAddress { email: row.get("email")?, reply, at: row.get("refused_at")? })
    })
    .await
}

/// Forgets addresses that were rejected before a time.
pub async fn delete_refused_before(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    conn.run("DELETE FROM refused_addresses WHERE refused_at < $1", &args![before]).await
}
