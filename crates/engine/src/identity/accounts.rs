//! Accounts: the first owner, single-use links, passwords.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::clock::{MINUTE_MS, Timestamp};
use domain::emails::Email;
use domain::fields::{Name, Problems};
use domain::ids::{AccountId, MerchantId};
use domain::jobs::Queue;
use domain::single_use_links::LinkPurpose;
use store::accounts::Account;
use store::db::{Conn, again};

use super::passwords;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::sessions::hash_of;
use crate::mail;

/// How long the set-up link of a new installation works, milliseconds.
const SETUP_LINK_MS: i64 = 30 * MINUTE_MS;

/// How long the link for a forgotten password works, milliseconds.
const FORGOTTEN_LINK_MS: i64 = 30 * MINUTE_MS;
/// E-mails for forgotten passwords to one account: enough for a person who looks into the
/// wrong folder first, too few to fill a mailbox.
const MAILS_PER_ACCOUNT: i64 = 3;
/// The same from one network address, behind which an office may be.
const MAILS_PER_ADDRESS: i64 = 20;
const MAILS_WINDOW_MS: i64 = 15 * MINUTE_MS;

/// An owner and their company.
#[derive(Clone)]
pub struct OwnerDraft {
    /// The person's name.
    pub name: Name,
    /// The address that they sign in with.
    pub email: Email,
    /// The password, exactly as entered.
    pub password: String,
    /// The company's name.
    pub company: Name,
}

/// Whether the installation has an account.
///
/// Needs no actor: the answer decides what a visitor sees before signing in.
pub async fn is_set_up(engine: &Engine) -> Result<bool> {
    Ok(store::accounts::exists(&mut engine.db().read().await?).await?)
}

/// 32 random bytes for a link.
pub(crate) fn link_token(engine: &Engine) -> String {
    URL_SAFE_NO_PAD.encode(engine.random().bytes::<32>())
}

/// Creates a link with which the first owner creates their account. It works once, for 30
/// minutes.
///
/// Needs no actor: it is for whoever starts the server or can open the database.
pub async fn setup_link(engine: &Engine) -> Result<String> {
    let token = link_token(engine);
    let until = engine.now().plus_ms(SETUP_LINK_MS);
    let mut conn = engine.db().write().await?;
    store::accounts::put_link(&mut conn, &hash_of(&token), LinkPurpose::Setup, None, until).await?;
    Ok(format!("{}/setup/{token}", engine.base_url()))
}

/// Whether a set-up link would still work.
///
/// Needs no actor: the token of the link is secret, and proof enough.
pub async fn setup_link_works(engine: &Engine, token: &str) -> Result<bool> {
    let mut conn = engine.db().read().await?;
    Ok(store::accounts::find_link(&mut conn, &hash_of(token), LinkPurpose::Setup, engine.now())
        .await?
        .is_some())
}

/// Creates the first owner's account by a set-up link.
///
/// Needs no actor: the token of the link is secret, and proof enough.
///
/// # Errors
/// [`Error::NotFound`] when the link was used or has expired; [`Error::Invalid`] when the
/// password is too weak or the address has an account.
pub async fn set_up(engine: &Engine, token: &str, draft: &OwnerDraft) -> Result<AccountId> {
    let new = new_owner(engine, draft).await?;
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        if !store::accounts::use_link(&mut tx, &hash_of(token), LinkPurpose::Setup, now).await? {
            return Err(Error::NotFound);
        }
        put_owner(engine, &mut tx, &new, now).await?;
        tx.commit().await?;
        Ok(new.account.id.clone())
    })
    .await
}

/// Creates an owner's account without a link: for `ADMIN_EMAIL` and the demo. Where the
/// address has an account already, nothing is changed.
///
/// Needs no actor: it is for commands, where whoever can open the database may do so.
pub async fn add_owner(engine: &Engine, draft: &OwnerDraft) -> Result<AccountId> {
    if let Some(account) = store::accounts::by_email(&mut engine.db().read().await?, &draft.email).await? {
        return Ok(account.id);
    }
    let new = new_owner(engine, draft).await?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        put_owner(engine, &mut tx, &new, engine.now()).await?;
        tx.commit().await?;
        Ok(new.account.id.clone())
    })
    .await
}

struct NewOwner {
    account: Account,
    company: Name,
}

async fn new_owner(engine: &Engine, draft: &OwnerDraft) -> Result<NewOwner> {
    let mut problems = Problems::new();
    let own_words = [draft.email.as_str(), draft.name.as_str(), draft.company.as_str()];
    passwords::check(&draft.password, &own_words, &mut problems);
    problems.or(())?;
    let account = Account {
        id: AccountId::new(engine.now(), engine.random()),
        email: draft.email.clone(),
        name: draft.name.to_string(),
        password_hash: Some(engine.hasher().hash(&draft.password, engine.random()).await?),
    };
    Ok(NewOwner { account, company: draft.company.clone() })
}

async fn put_owner(engine: &Engine, tx: &mut store::db::Tx, new: &NewOwner, now: Timestamp) -> Result<()> {
    if !store::accounts::put(tx, &new.account, now).await? {
        return Err(Error::field("email", "There is an account with this address already. Sign in instead"));
    }
    let merchant = MerchantId::new(now, engine.random());
    store::merchants::put(tx, &merchant, new.company.as_str(), &new.account.id, now).await?;
    let line = audit::line(
        "account.created",
        new.account.id.as_str(),
        format!("{} set up {}.", new.account.name, new.company),
    );
    audit::put(engine, tx, line.by(&new.account.id).of_merchant(&merchant)).await
}

/// A link with which a person chooses a password, and the account that it is for.
async fn password_link(
    conn: &mut Conn,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<(LinkPurpose, AccountId)>> {
    for purpose in [LinkPurpose::Invitation, LinkPurpose::Password] {
        let found = store::accounts::find_link(conn, token_hash, purpose, now).await?;
        if let Some(account) = found.flatten() {
            return Ok(Some((purpose, account)));
        }
    }
    Ok(None)
}

/// The name and e-mail address of the account that an invitation link, or a link for a
/// forgotten password, sets a password for.
///
/// Needs no actor: the token of the link is secret, and proof enough.
pub async fn invited(engine: &Engine, token: &str) -> Result<Option<(String, Email)>> {
    let mut conn = engine.db().read().await?;
    let found = password_link(&mut conn, &hash_of(token), engine.now()).await?;
    let Some((_, account)) = found else { return Ok(None) };
    Ok(store::accounts::get(&mut conn, &account).await?.map(|account| (account.name, account.email)))
}

/// Sets the password of an account with such a link, ends its other sessions, and returns
/// the account's id.
///
/// Needs no actor: the token of the link is secret, and proof enough.
pub async fn accept_invitation(engine: &Engine, token: &str, password: &str) -> Result<AccountId> {
    let (name, email) = invited(engine, token).await?.ok_or(Error::NotFound)?;
    let mut problems = Problems::new();
    passwords::check(password, &[&name, email.as_str()], &mut problems);
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let hash = engine.hasher().hash(password, engine.random()).await?;
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let found = password_link(&mut tx, &hash_of(token), now).await?;
        let (purpose, account) = found.ok_or(Error::NotFound)?;
        if !store::accounts::use_link(&mut tx, &hash_of(token), purpose, now).await? {
            return Err(Error::NotFound);
        }
        store::accounts::set_password(&mut tx, &account, &hash).await?;
        store::sessions::delete_all(&mut tx, &account).await?;
        tx.commit().await?;
        Ok(account)
    })
    .await
}

/// Sends an e-mail with a link to choose a new password, if the address has an account. The
/// result is the same where it has none, so that the form does not reveal who has an account.
///
/// Needs no actor: it is for people who cannot sign in; attempts are limited.
///
/// # Errors
/// [`Error::Invalid`] for an invalid address, [`Error::TooMany`] after too many requests.
pub async fn forgot_password(engine: &Engine, email: &str, network_address: &str) -> Result<()> {
    let email: Email = email
        .parse()
        .map_err(|error: domain::emails::NotAnEmail| Error::field("email", error.to_string()))?;
    let account_key = engine.key().fingerprint(&format!("forgotten account {email}"));
    let address_key = engine.key().fingerprint(&format!("forgotten address {network_address}"));
    let (token, sent) = (link_token(engine), "Choose a new password for Honeyguide");
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let by_address = store::sessions::count_attempt(&mut tx, &address_key, MAILS_WINDOW_MS, now).await?;
        if by_address > MAILS_PER_ADDRESS {
            return Err(Error::TooMany { minutes: MAILS_WINDOW_MS / MINUTE_MS });
        }
        let by_account = store::sessions::count_attempt(&mut tx, &account_key, MAILS_WINDOW_MS, now).await?;
        let account = store::accounts::by_email(&mut tx, &email).await?;
        if let Some(account) = account.filter(|_| by_account <= MAILS_PER_ACCOUNT) {
            let until = now.plus_ms(FORGOTTEN_LINK_MS);
            let hash = hash_of(&token);
            store::accounts::put_link(&mut tx, &hash, LinkPurpose::Password, Some(&account.id), until).await?;
            let text = format!(
                "Hello {},\n\nsomebody asked for a new password for your account. If it was you, choose one here:\n\
                 {}/welcome/{token}\n\nThe link works once, for 30 minutes. If it was not you, nothing has to be \
                 done: the password stays as it is.\n",
                account.name,
                engine.base_url()
            );
            mail::put(engine, &mut tx, &email, sent, &text).await?;
        }
        tx.commit().await?;
        Ok(())
    })
    .await?;
    engine.wake(Queue::External);
    Ok(())
}

/// Changes the password of a signed-in person and ends all their sessions.
///
/// Needs no actor: every account may change its own password, and the old one is asked for.
pub async fn change_password(engine: &Engine, account: &AccountId, old: &str, new: &str) -> Result<()> {
    let stored =
        store::accounts::get(&mut engine.db().read().await?, account).await?.ok_or(Error::NotFound)?;
    let mut problems = Problems::new();
    if !engine.hasher().verify(old, stored.password_hash.as_deref()).await? {
        problems.add("old_password", "This is not your present password");
    }
    passwords::check(new, &[&stored.name, stored.email.as_str()], &mut problems);
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let hash = engine.hasher().hash(new, engine.random()).await?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        store::accounts::set_password(&mut tx, account, &hash).await?;
        store::sessions::delete_all(&mut tx, account).await?;
        tx.commit().await?;
        Ok(())
    })
    .await
}
