//! How a person is paid. It belongs to the person, for all programs they are in.

use domain::audit::AuditAction;
use domain::clock::Timestamp;
use domain::ids::AccountId;
use domain::mails::MailKind;
use domain::payouts::PayoutMethod;
use store::db::{Conn, again};
use store::payouts::StoredMethod;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::sessions::AffiliateActor;
use crate::identity::{audit, confirm};
use crate::mail::{self, Letter};

fn aad(account: &AccountId) -> String {
    format!("payout_methods.details.{account}")
}

/// How a person is paid, decrypted, and since when.
pub(super) async fn load(
    engine: &Engine,
    conn: &mut Conn,
    account: &AccountId,
) -> Result<Option<(PayoutMethod, Timestamp)>> {
    let Some(stored) = store::payouts::method(conn, account).await? else { return Ok(None) };
    let json =
        engine.key().open(&stored.sealed, &aad(account)).map_err(|error| Error::Broken(error.to_string()))?;
    let method = serde_json::from_str(&json).map_err(|error| Error::Broken(error.to_string()))?;
    Ok(Some((method, stored.changed_at)))
}

async fn put(engine: &Engine, conn: &mut Conn, account: &AccountId, new: &PayoutMethod) -> Result<()> {
    let json = serde_json::to_string(new).map_err(|error| Error::Broken(error.to_string()))?;
    let stored = StoredMethod {
        kind: new.kind(),
        hint: new.hint(),
        sealed: engine.key().seal(&json, &aad(account), engine.random()),
        changed_at: engine.now(),
    };
    Ok(store::payouts::put_method(conn, account, &stored).await?)
}

/// Sets how an account is paid, without its password.
///
/// Needs no actor: it is for the demo, where the people are made up.
pub async fn set_method_of(engine: &Engine, account: &AccountId, new: &PayoutMethod) -> Result<()> {
    put(engine, &mut engine.db().write().await?, account, new).await
}

/// Sets how the actor is paid. The password, or a code of two-step
/// sign-in, is asked for, and a mail goes to the account's
/// address: whoever finds an open browser must not be able to redirect money unseen.
///
/// # Errors
/// [`Error::Invalid`] for a wrong password, [`Error::TooMany`] after too many.
pub async fn set_own_method(
    engine: &Engine,
    actor: &AffiliateActor,
    new: &PayoutMethod,
    password: &str,
) -> Result<()> {
    let account = actor.account_id();
    confirm::confirm(engine, account, password).await?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let before = store::payouts::method(&mut tx, account).await?;
        put(engine, &mut tx, account, new).await?;
        let line = audit::line(account.as_str(), AuditAction::PayoutMethodChanged);
        audit::put(engine, &mut tx, line.by(account)).await?;
        if before.is_some() {
            let letter = Letter::new(MailKind::Account, "Your payout method was changed")
                .text(
                    "The way you are paid was changed. If this was you, there is nothing to do; payouts wait some \
                     days after a change.",
                )
                .text("If it wasn’t you, choose another password at once and write to the programs that pay you.")
                .link("Choose another password", engine.url(engine.pages().forgot_password));
            mail::put(engine, &mut tx, actor.email(), &letter).await?;
        }
        Ok(tx.commit().await?)
    })
    .await
}
