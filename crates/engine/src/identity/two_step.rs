//! Two-step sign-in of an account: setting it up, its recovery codes, turning it off, and
//! requiring it of a company's members.

use domain::audit::AuditAction;
use domain::clock::{HOUR_MS, Timestamp};
use domain::emails::Email;
use domain::fields::Problems;
use domain::ids::AccountId;
use domain::mails::MailKind;
use store::accounts::Account;
use store::db::{Tx, again};

pub use super::codes::RECOVERY_CODES;
use super::sessions::MerchantActor;
use super::{audit, codes, confirm};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::mail::{self, Letter};

/// How long a key waits for its first code, milliseconds.
const SET_UP_MS: i64 = HOUR_MS;
const WRONG_CODE: &str = "Incorrect code. Enter the one that the app shows now";

/// Two-step sign-in that is on.
#[derive(Debug, Clone)]
pub struct TwoStep {
    /// Since when.
    pub since: Timestamp,
    /// Recovery codes that are left.
    pub codes_left: i64,
}

/// A key for an authenticator app, to be shown until a first code confirms it.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// To be typed into the app.
    pub key: String,
    /// The same as an address, `otpauth://…`, for a QR code.
    pub address: String,
}

/// Whether two-step sign-in is on.
///
/// Needs no actor: it is the account of the session.
pub async fn state(engine: &Engine, account: &AccountId) -> Result<Option<TwoStep>> {
    let mut conn = engine.db().read().await?;
    let found = store::two_step::get(&mut conn, account).await?;
    let Some(since) = found.and_then(|found| found.confirmed_at) else { return Ok(None) };
    Ok(Some(TwoStep { since, codes_left: store::two_step::codes_left(&mut conn, account).await? }))
}

/// Begins to set two-step sign-in up, with a new key.
///
/// Needs no actor: every account may do so, and its password is asked for.
///
/// # Errors
/// [`Error::Invalid`] for a wrong password, [`Error::TooMany`] after too many.
pub async fn begin(engine: &Engine, account: &AccountId, password: &str) -> Result<()> {
    confirm::confirm(engine, account, password).await?;
    let sealed = codes::new_key(engine, account);
    store::two_step::begin(&mut engine.db().write().await?, account, &sealed, engine.now()).await?;
    Ok(())
}

/// The key that waits for its first code.
///
/// Needs no actor: it is the account of the session.
pub async fn new_key(engine: &Engine, account: &AccountId) -> Result<Option<NewKey>> {
    let mut conn = engine.db().read().await?;
    let Some(account) = store::accounts::get(&mut conn, account).await? else { return Ok(None) };
    let Some(sealed) = waiting(engine, &mut conn, &account.id).await? else { return Ok(None) };
    let app = codes::app_of(engine, &account, &sealed)?;
    let address = app.to_url().map_err(|error| Error::Broken(error.to_string()))?;
    Ok(Some(NewKey { key: app.secret().to_base32(), address }))
}

async fn waiting(engine: &Engine, conn: &mut store::db::Conn, account: &AccountId) -> Result<Option<String>> {
    let found = store::two_step::get(conn, account).await?;
    let found = found
        .filter(|found| found.confirmed_at.is_none() && engine.now().since_ms(found.created_at) < SET_UP_MS);
    Ok(found.map(|found| found.sealed))
}

/// Turns two-step sign-in on with a first code of the app, ends all sessions, and returns the
/// recovery codes, which are shown once. Tries are not limited: whoever makes them sees the key.
///
/// Needs no actor: every account may do so, and its password was asked for.
///
/// # Errors
/// [`Error::NotFound`] when nothing waits for a code; [`Error::Invalid`] for a wrong one.
pub async fn turn_on(engine: &Engine, account: &AccountId, code: &str) -> Result<Vec<String>> {
    const SUBJECT: &str = "Two-step sign-in is on";
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let stored = store::accounts::get(&mut tx, account).await?.ok_or(Error::NotFound)?;
        let sealed = waiting(engine, &mut tx, account).await?.ok_or(Error::NotFound)?;
        let app = codes::app_of(engine, &stored, &sealed)?;
        let step = codes::step_of(&app, code, now).ok_or_else(|| Error::field("code", WRONG_CODE))?;
        store::two_step::confirm(&mut tx, account, step, now).await?;
        let (shown, hashes) = codes::new_recovery_codes(engine.random());
        store::two_step::put_codes(&mut tx, account, &hashes).await?;
        store::sessions::delete_all(&mut tx, account).await?;
        note(engine, &mut tx, &stored, AuditAction::TwoStepTurnedOn).await?;
        let what = "Two-step sign-in was turned on: signing in now takes a code of your authenticator app.";
        tell(engine, &mut tx, &stored, SUBJECT, what).await?;
        tx.commit().await?;
        Ok(shown)
    })
    .await
}

/// Turns two-step sign-in off and ends all sessions.
///
/// Needs no actor: every account may do so; its password and a code are asked for.
///
/// # Errors
/// [`Error::Invalid`] for a wrong password or code, [`Error::TooMany`] after too many.
pub async fn turn_off(engine: &Engine, account: &AccountId, password: &str, code: &str) -> Result<()> {
    const SUBJECT: &str = "Two-step sign-in is off";
    let (stored, is_right) = confirm::try_password(engine, account, password).await?;
    if !is_right {
        return Err(Error::field("password", "Incorrect password"));
    }
    if !codes::accept(engine, &stored, code).await? {
        return Err(Error::field("code", "Incorrect code. Each code works once"));
    }
    again(|| async {
        let mut tx = engine.db().begin().await?;
        if store::two_step::delete(&mut tx, account).await? {
            store::sessions::delete_all(&mut tx, account).await?;
            store::sessions::forget_attempts(&mut tx, &confirm::tries_of(engine, account)).await?;
            note(engine, &mut tx, &stored, AuditAction::TwoStepTurnedOff).await?;
            let what = "Two-step sign-in was turned off: signing in takes no code anymore.";
            tell(engine, &mut tx, &stored, SUBJECT, what).await?;
        }
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// Turns two-step sign-in off for somebody who lost their phone and recovery codes, and ends all
/// sessions; `false` if it was off.
///
/// Needs no actor: it is for a command, which anyone who can open the database may run.
///
/// # Errors
/// [`Error::NotFound`] without an account of that address.
pub async fn reset(engine: &Engine, email: &Email) -> Result<bool> {
    const SUBJECT: &str = "Two-step sign-in is off";
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let account = store::accounts::by_email(&mut tx, email).await?.ok_or(Error::NotFound)?;
        let was_on = store::two_step::delete(&mut tx, &account.id).await?;
        if was_on {
            store::sessions::delete_all(&mut tx, &account.id).await?;
            store::sessions::forget_attempts(&mut tx, &confirm::tries_of(engine, &account.id)).await?;
            let line = audit::line(account.id.as_str(), AuditAction::TwoStepReset);
            audit::put(engine, &mut tx, line).await?;
            let what =
                "The operator of the server turned two-step sign-in off: signing in takes no code anymore.";
            tell(engine, &mut tx, &account, SUBJECT, what).await?;
        }
        tx.commit().await?;
        Ok(was_on)
    })
    .await
}

/// Makes new recovery codes, which are shown once; the ones before end.
///
/// Needs no actor: every account may do so; its password or a code is asked for.
///
/// # Errors
/// [`Error::NotFound`] without two-step sign-in; [`Error::Invalid`] for a wrong password or code,
/// [`Error::TooMany`] after too many.
pub async fn replace_codes(engine: &Engine, account: &AccountId, password: &str) -> Result<Vec<String>> {
    const SUBJECT: &str = "New recovery codes for your Honeyguide account";
    let stored = confirm::confirm(engine, account, password).await?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let found = store::two_step::get(&mut tx, account).await?;
        if found.is_none_or(|found| found.confirmed_at.is_none()) {
            return Err(Error::NotFound);
        }
        let (shown, hashes) = codes::new_recovery_codes(engine.random());
        store::two_step::put_codes(&mut tx, account, &hashes).await?;
        note(engine, &mut tx, &stored, AuditAction::RecoveryCodesReplaced).await?;
        tell(engine, &mut tx, &stored, SUBJECT, "New recovery codes were made. Earlier ones no longer work.")
            .await?;
        tx.commit().await?;
        Ok(shown)
    })
    .await
}

/// Sets whether everyone in the actor's company must use two-step sign-in. Who has not set it up
/// reaches no page of the company until they have; API keys work as before.
///
/// # Errors
/// [`Error::Forbidden`] for anyone but an owner; [`Error::Invalid`] when the owner does not use it.
pub async fn require_of_team(engine: &Engine, actor: &MerchantActor, required: bool) -> Result<()> {
    actor.may_own("Only an owner can require two-step sign-in.")?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let own = store::two_step::get(&mut tx, actor.account_id()).await?;
        if required && own.is_none_or(|own| own.confirmed_at.is_none()) {
            let problem = Problems::one("required", "Set up two-step sign-in for yourself first");
            return Err(problem.into());
        }
        store::merchants::set_require_two_step(&mut tx, actor.merchant_id(), required).await?;
        let action = AuditAction::TwoStepRequirementChanged { required };
        let line = audit::line(actor.merchant_id().as_str(), action);
        audit::put(engine, &mut tx, line.by_actor(actor)).await?;
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// Whether everyone in the actor's company must use two-step sign-in.
pub async fn is_required(engine: &Engine, actor: &MerchantActor) -> Result<bool> {
    let mut conn = engine.db().read().await?;
    let member = store::merchants::of_account(&mut conn, actor.account_id()).await?;
    Ok(member.is_some_and(|member| member.requires_two_step))
}

async fn note(engine: &Engine, tx: &mut Tx, account: &Account, action: AuditAction) -> Result<()> {
    audit::put(engine, tx, audit::line(account.id.as_str(), action).by(&account.id)).await
}

async fn tell(engine: &Engine, tx: &mut Tx, account: &Account, subject: &str, what: &str) -> Result<()> {
    let letter = Letter::new(MailKind::Account, subject)
        .text(format!("{what} This is about your account at {}.", engine.base_url()))
        .text("If this wasn’t you, choose another password now.")
        .link("Choose another password", engine.url(engine.pages().forgot_password));
    mail::put(engine, tx, &account.email, &letter).await
}
