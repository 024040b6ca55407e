//! The mails about a change of address. None has a name in it: someone else may have typed it.

use connect::mail::Mail;
use domain::clock::HOUR_MS;
use domain::emails::Email;
use store::db::Tx;
use store::email_changes::EmailChange;

use super::{CONFIRM_MS, UNDO_DAYS};
use crate::engine::Engine;
use crate::error::Result;
use crate::mail;

fn letter(to: &Email, subject: &str, text: String) -> Mail {
    Mail { to: to.as_str().to_owned(), subject: subject.to_owned(), text }
}

/// To the new mailbox: the link that confirms.
pub(super) fn to_new(engine: &Engine, change: &EmailChange, token: &str) -> Mail {
    let text = format!(
        "Hello,\n\nConfirm that you want to sign in to Honeyguide with {}:\n{}\n\nThe link works once, for {} \
         hours. If you didn’t ask for it, ignore this message: nothing changes.\n",
        change.to,
        engine.url(&(engine.pages().confirm_email)(token)),
        CONFIRM_MS / HOUR_MS
    );
    letter(&change.to, "Confirm your new email address", text)
}

/// To the new mailbox of somebody who has an account already.
pub(super) fn taken(engine: &Engine, change: &EmailChange) -> Mail {
    let text = format!(
        "Hello,\n\nSomeone asked to use {} for another account at {}. It belongs to your account, so nothing \
         changes.\n\nTo sign in to your account:\n{}\n",
        change.to,
        engine.base_url(),
        engine.url(engine.pages().sign_in)
    );
    letter(&change.to, "Your email address has an account already", text)
}

/// To the old mailbox: the link that cancels, and later undoes.
pub(super) fn to_old(engine: &Engine, change: &EmailChange, token: &str) -> Mail {
    let text = format!(
        "Hello,\n\nSomeone asked to change the email address of your account at {} from {} to {}. If this was you, \
         there is nothing to do here.\n\nIf it wasn’t you, keep your address with this link. It works for {} days, \
         also after the change:\n{}\n",
        engine.base_url(),
        change.from,
        change.to,
        UNDO_DAYS,
        engine.url(&(engine.pages().undo_email)(token))
    );
    letter(&change.from, "Your email address is being changed", text)
}

/// To the old mailbox, when the change holds.
pub(super) async fn put_changed(engine: &Engine, tx: &mut Tx, change: &EmailChange) -> Result<()> {
    let text = format!(
        "Hello,\n\nYou now sign in at {} with {}, and every browser was signed out. If this wasn’t you, use the link \
         in our message “Your email address is being changed”: it works for {} days after it was sent.\n",
        engine.base_url(),
        change.to,
        UNDO_DAYS
    );
    mail::put(engine, tx, &change.from, "Your email address was changed", &text).await
}
