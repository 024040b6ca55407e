//! Accounts: the first owner, single-use links, passwords.

use domain::audit::AuditAction;
use domain::clock::{MINUTE_MS, Timestamp};
use domain::emails::Email;
use domain::fields::{Name, Problems};
use domain::ids::{AccountId, MerchantId};
use domain::members::Role;
use domain::single_use_links::LinkPurpose;
use store::accounts::Account;
use store::db::again;

use super::password_links::set_password;
use super::second_step::{self, Entry};
use super::sessions::MerchantActor;
use super::{audit, confirm, passwords, single_use_links};
use crate::engine::Engine;
use crate::error::{Error, Result};

/// How long the setup link of a new installation works, milliseconds.
const SETUP_LINK_MS: i64 = 30 * MINUTE_MS;

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

/// Creates a link with which the first owner creates their account. It works once, for 30
/// minutes.
///
/// Needs no actor: it is for the operator, who starts the server or can open the database.
pub async fn setup_link(engine: &Engine) -> Result<String> {
    let until = engine.now().plus_ms(SETUP_LINK_MS);
    let mut conn = engine.db().write().await?;
    let link = single_use_links::create(engine, &mut conn, LinkPurpose::Setup, None, None, until).await?;
    let token = single_use_links::token(engine, &link.id);
    Ok(format!("{}{}", engine.base_url(), (engine.pages().setup)(&token)))
}

/// Whether a setup link would still work.
///
/// Needs no actor: the token of the link is secret, and proof enough.
pub async fn setup_link_works(engine: &Engine, token: &str) -> Result<bool> {
    let mut conn = engine.db().read().await?;
    Ok(single_use_links::find(engine, &mut conn, token, LinkPurpose::Setup).await?.is_some())
}

/// Creates the first owner's account by a setup link, and signs in.
///
/// Needs no actor: the token of the link is secret, and proof enough.
///
/// # Errors
/// [`Error::NotFound`] when the link was used or has expired; [`Error::Invalid`] when the
/// password is too weak or the address has an account.
pub async fn set_up(engine: &Engine, token: &str, draft: &OwnerDraft) -> Result<Entry> {
    let new = new_owner(engine, draft).await?;
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let link = single_use_links::find(engine, &mut tx, token, LinkPurpose::Setup).await?;
        let link = link.ok_or(Error::NotFound)?;
        if !store::single_use_links::mark_used(&mut tx, &link.id, now).await? {
            return Err(Error::NotFound);
        }
        put_owner(engine, &mut tx, &new, now).await?;
        let entry = second_step::after_first(engine, &mut tx, &new.account).await?;
        tx.commit().await?;
        Ok(entry)
    })
    .await
}

/// Creates an owner's account without a link, for `ADMIN_EMAIL` and the demo. Returns the
/// existing account when the address has one.
///
/// Needs no actor: it is for commands, which anyone who can open the database may run.
pub async fn add_owner(engine: &Engine, draft: &OwnerDraft) -> Result<AccountId> {
    if let Some(account) = store::accounts::by_email(&mut engine.db().read().await?, &draft.email).await? {
        return Ok(account.id);
    }
    let new = new_owner(engine, draft).await?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        // Another node that starts at the same moment may have been first.
        if let Some(account) = store::accounts::by_email(&mut tx, &draft.email).await? {
            return Ok(account.id);
        }
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

/// Adds an owner with their company. From then on no setup link works, however the owner came.
async fn put_owner(engine: &Engine, tx: &mut store::db::Tx, new: &NewOwner, now: Timestamp) -> Result<()> {
    store::single_use_links::end_setups(tx, now).await?;
    if !store::accounts::put(tx, &new.account, now).await? {
        return Err(Error::field("email", "This address already has an account. Sign in instead"));
    }
    let merchant = MerchantId::new(now, engine.random());
    store::merchants::put(tx, &merchant, new.company.as_str(), &new.account.id, now).await?;
    let line = audit::line(
        new.account.id.as_str(),
        AuditAction::AccountCreated { name: new.account.name.to_string(), company: new.company.to_string() },
    );
    audit::put(engine, tx, line.by(&new.account.id).of_merchant(&merchant)).await
}

/// Changes the password of a signed-in person and ends all their sessions and links.
///
/// Needs no actor: every account may change its own password, and the current one is asked for.
///
/// # Errors
/// [`Error::TooMany`] after too many wrong current passwords; [`Error::Invalid`] when the
/// current one is wrong or the new one too weak.
pub async fn change_password(engine: &Engine, account: &AccountId, current: &str, new: &str) -> Result<()> {
    let (stored, is_current) = confirm::try_password(engine, account, current).await?;
    let mut problems = Problems::new();
    if !is_current {
        problems.add("old_password", "Incorrect password");
    }
    passwords::check(new, &[&stored.name, stored.email.as_str()], &mut problems);
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let hash = engine.hasher().hash(new, engine.random()).await?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        set_password(engine, &mut tx, &stored, &hash).await?;
        store::sessions::forget_attempts(&mut tx, &confirm::tries_of(engine, account)).await?;
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// Sets the password of an account that was created for someone.
///
/// Needs no actor: it is for commands and the demo, where whoever can open the database may
/// do so.
///
/// # Errors
/// [`Error::NotFound`] for an unknown address, [`Error::Invalid`] for a weak password.
pub async fn set_first_password(engine: &Engine, email: &Email, password: &str) -> Result<()> {
    let mut problems = Problems::new();
    passwords::check(password, &[email.as_str()], &mut problems);
    problems.or(())?;
    let hash = engine.hasher().hash(password, engine.random()).await?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let account = store::accounts::by_email(&mut tx, email).await?.ok_or(Error::NotFound)?;
        set_password(engine, &mut tx, &account, &hash).await?;
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// What a person reads of their own account.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Their name.
    pub name: String,
    /// What they sign in with.
    pub email: Email,
    /// Whether they have chosen a password; without one, they sign in by links in mails.
    pub has_password: bool,
}

/// The profile of an account.
///
/// Needs no actor: it is the account of the session.
pub async fn profile(engine: &Engine, account: &AccountId) -> Result<Profile> {
    let mut conn = engine.db().read().await?;
    let account = store::accounts::get(&mut conn, account).await?.ok_or(Error::NotFound)?;
    Ok(Profile { name: account.name, email: account.email, has_password: account.password_hash.is_some() })
}

/// Changes the name of a signed-in person.
///
/// Needs no actor: every account may change its own name.
pub async fn rename(engine: &Engine, account: &AccountId, name: &Name) -> Result<()> {
    let mut conn = engine.db().write().await?;
    Ok(store::accounts::set_name(&mut conn, account, name.as_str()).await?)
}

/// Changes the name of a company.
///
/// # Errors
/// [`Error::Forbidden`] for anyone but an owner.
pub async fn rename_company(engine: &Engine, actor: &MerchantActor, name: &Name) -> Result<()> {
    if actor.role() != Role::Owner {
        return Err(Error::Forbidden("Only an owner can change the company’s name."));
    }
    again(|| async {
        let mut tx = engine.db().begin().await?;
        store::merchants::set_name(&mut tx, actor.merchant_id(), name.as_str()).await?;
        let action =
            AuditAction::CompanyRenamed { from: actor.merchant_name().to_owned(), to: name.to_string() };
        let line = audit::line(actor.merchant_id().as_str(), action);
        audit::put(engine, &mut tx, line.by_actor(actor)).await?;
        tx.commit().await?;
        Ok(())
    })
    .await
}
