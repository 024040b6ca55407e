//! Accounts: the first owner, single-use links, passwords.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::clock::MINUTE_MS;
use domain::emails::Email;
use domain::fields::{Problems, required};
use domain::ids::{AccountId, MerchantId};
use domain::programs::LONGEST_NAME;
use store::accounts::Account;
use store::db::again;

use crate::audit;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::passwords;
use crate::sessions::hash_of;

/// How long the set-up link of a new installation works.
const SETUP_LINK_MS: i64 = 30 * MINUTE_MS;

/// The fields of the set-up form, as typed.
#[derive(Debug, Clone, Default)]
pub struct SetupInput {
    /// The person's name.
    pub name: String,
    /// What they sign in with.
    pub email: String,
    /// The password, taken as it is.
    pub password: String,
    /// The company's name.
    pub company: String,
}

/// Whether anybody can sign in yet.
pub async fn is_set_up(engine: &Engine) -> Result<bool> {
    Ok(store::accounts::any(&mut engine.0.db.read().await?).await?)
}

/// 32 random bytes for a link.
pub(crate) fn link_token(engine: &Engine) -> String {
    URL_SAFE_NO_PAD.encode(engine.0.random.bytes::<32>())
}

/// A link with which the first owner makes their account; works once, for 30 minutes.
pub async fn setup_link(engine: &Engine) -> Result<String> {
    let token = link_token(engine);
    let until = engine.now().plus_ms(SETUP_LINK_MS);
    let mut conn = engine.0.db.write().await?;
    store::accounts::put_link(&mut conn, &hash_of(&token), "setup", None, until).await?;
    Ok(format!("{}/setup/{token}", engine.base_url()))
}

/// Whether a set-up link would still work.
pub async fn setup_link_works(engine: &Engine, token: &str) -> Result<bool> {
    let mut conn = engine.0.db.read().await?;
    Ok(store::accounts::find_link(&mut conn, &hash_of(token), "setup", engine.now()).await?.is_some())
}

/// Makes the first owner's account by a set-up link.
///
/// # Errors
/// [`Error::NotFound`] when the link was used or has run out; [`Error::Invalid`] with the
/// problems of the form.
pub async fn set_up(engine: &Engine, token: &str, input: &SetupInput) -> Result<AccountId> {
    let new = new_owner(engine, input).await?;
    again(|| async {
        let now = engine.now();
        let mut tx = engine.0.db.begin().await?;
        if !store::accounts::use_link(&mut tx, &hash_of(token), "setup", now).await? {
            return Err(Error::NotFound);
        }
        put_owner(engine, &mut tx, &new, now).await?;
        tx.commit().await?;
        Ok(new.account.id.clone())
    })
    .await
}

/// Makes an owner's account at once: for `ADMIN_EMAIL` and the demo. Nothing happens when
/// the address has an account.
pub async fn add_owner(engine: &Engine, input: &SetupInput) -> Result<AccountId> {
    if let Ok(email) = input.email.parse::<Email>()
        && let Some(account) = store::accounts::by_email(&mut engine.0.db.read().await?, &email).await?
    {
        return Ok(account.id);
    }
    let new = new_owner(engine, input).await?;
    again(|| async {
        let mut tx = engine.0.db.begin().await?;
        put_owner(engine, &mut tx, &new, engine.now()).await?;
        tx.commit().await?;
        Ok(new.account.id.clone())
    })
    .await
}

struct NewOwner {
    account: Account,
    company: String,
}

async fn new_owner(engine: &Engine, input: &SetupInput) -> Result<NewOwner> {
    let mut problems = Problems::new();
    let company =
        problems.keep("company", required(&input.company, "the name of your company", LONGEST_NAME));
    let name = problems.keep("name", required(&input.name, "your name", LONGEST_NAME));
    let email: Option<Email> = problems.keep("email", input.email.parse());
    passwords::check(&input.password, &[&input.email, &input.name, &input.company], &mut problems);
    let (Some(company), Some(name), Some(email), true) = (company, name, email, problems.is_empty()) else {
        return Err(problems.into());
    };
    let hash = engine.0.hasher.hash(&input.password, &engine.0.random).await?;
    let id = AccountId::new(engine.now(), &engine.0.random);
    Ok(NewOwner { account: Account { id, email, name, password_hash: Some(hash) }, company })
}

async fn put_owner(
    engine: &Engine,
    tx: &mut store::db::Tx,
    new: &NewOwner,
    now: domain::clock::Timestamp,
) -> Result<()> {
    if !store::accounts::put(tx, &new.account, now).await? {
        return Err(Error::field("email", "There is an account with this address already. Sign in instead"));
    }
    let merchant = MerchantId::new(now, &engine.0.random);
    store::merchants::put(tx, &merchant, &new.company, &new.account.id, now).await?;
    let line = audit::line(
        "account.created",
        new.account.id.as_str(),
        format!("{} set up {}.", new.account.name, new.company),
    );
    audit::put(engine, tx, line.by(&new.account.id).of_merchant(&merchant)).await
}

/// For whom an invitation link is: the name and address of the account it will set a
/// password for.
pub async fn invited(engine: &Engine, token: &str) -> Result<Option<(String, Email)>> {
    let mut conn = engine.0.db.read().await?;
    let found = store::accounts::find_link(&mut conn, &hash_of(token), "invitation", engine.now()).await?;
    let Some(Some(account)) = found else { return Ok(None) };
    Ok(store::accounts::get(&mut conn, &account).await?.map(|account| (account.name, account.email)))
}

/// Sets the password of an invited account, ends its other sessions, and answers whose it
/// is.
pub async fn accept_invitation(engine: &Engine, token: &str, password: &str) -> Result<AccountId> {
    let (name, email) = invited(engine, token).await?.ok_or(Error::NotFound)?;
    let mut problems = Problems::new();
    passwords::check(password, &[&name, email.as_str()], &mut problems);
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let hash = engine.0.hasher.hash(password, &engine.0.random).await?;
    again(|| async {
        let now = engine.now();
        let mut tx = engine.0.db.begin().await?;
        let found = store::accounts::find_link(&mut tx, &hash_of(token), "invitation", now).await?;
        let account = found.flatten().ok_or(Error::NotFound)?;
        if !store::accounts::use_link(&mut tx, &hash_of(token), "invitation", now).await? {
            return Err(Error::NotFound);
        }
        store::accounts::set_password(&mut tx, &account, &hash).await?;
        store::sessions::delete_all(&mut tx, &account).await?;
        tx.commit().await?;
        Ok(account)
    })
    .await
}

/// Changes the password of a signed-in person and ends all their sessions.
pub async fn change_password(engine: &Engine, account: &AccountId, old: &str, new: &str) -> Result<()> {
    let stored =
        store::accounts::get(&mut engine.0.db.read().await?, account).await?.ok_or(Error::NotFound)?;
    let mut problems = Problems::new();
    if !engine.0.hasher.verify(old, stored.password_hash.as_deref()).await? {
        problems.add("old_password", "This is not your present password");
    }
    passwords::check(new, &[&stored.name, stored.email.as_str()], &mut problems);
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let hash = engine.0.hasher.hash(new, &engine.0.random).await?;
    again(|| async {
        let mut tx = engine.0.db.begin().await?;
        store::accounts::set_password(&mut tx, account, &hash).await?;
        store::sessions::delete_all(&mut tx, account).await?;
        tx.commit().await?;
        Ok(())
    })
    .await
}
