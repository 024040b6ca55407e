//! The mails about a change of address. None has a name in it: someone else may have typed it.

use domain::clock::HOUR_MS;
use domain::mails::MailKind;
use store::db::Tx;
use store::email_changes::EmailChange;

use super::{CONFIRM_MS, UNDO_DAYS};
use crate::engine::Engine;
use crate::error::Result;
use crate::mail::{self, Letter};

fn letter(subject: &str) -> Letter {
    Letter::new(MailKind::Account, subject)
}

/// To the new mailbox: the link that confirms.
pub(super) fn to_new(engine: &Engine, change: &EmailChange, token: &str) -> Letter {
    letter("Confirm your new email address")
        .text(format!("Confirm that you want to sign in to Honeyguide with {}.", change.to))
        .link("Confirm email address", engine.url(&(engine.pages().confirm_email)(token)))
        .note(format!(
            "The link works once, for {} hours. If you didn’t ask for it, ignore this message: nothing changes.",
            CONFIRM_MS / HOUR_MS
        ))
}

/// To the new mailbox of somebody who has an account already.
pub(super) fn taken(engine: &Engine, change: &EmailChange) -> Letter {
    letter("Your email address has an account already")
        .text(format!(
            "Someone asked to use {} for another account at {}. It belongs to your account, so nothing changes.",
            change.to,
            engine.base_url()
        ))
        .link("Sign in to your account", engine.url(engine.pages().sign_in))
}

/// To the old mailbox: the link that cancels, and later undoes.
pub(super) fn to_old(engine: &Engine, change: &EmailChange, token: &str) -> Letter {
    letter("Your email address is being changed")
        .text(format!(
            "Someone asked to change the email address of your account at {} from {} to {}. If this was you, there \
             is nothing to do here.",
            engine.base_url(),
            change.from,
            change.to
        ))
        .text(format!(
            "If it wasn’t you, keep your address. The link works for {UNDO_DAYS} days, also after the change."
        ))
        .link("Keep my address", engine.url(&(engine.pages().undo_email)(token)))
}

/// To the old mailbox, when the change holds.
pub(super) async fn put_changed(engine: &Engine, tx: &mut Tx, change: &EmailChange) -> Result<()> {
    let letter = letter("Your email address was changed").text(format!(
        "You now sign in at {} with {}, and every browser was signed out. If this wasn’t you, use the link in our \
         message “Your email address is being changed”: it works for {UNDO_DAYS} days after it was sent.",
        engine.base_url(),
        change.to
    ));
    mail::put(engine, tx, &change.from, &letter).await
}
