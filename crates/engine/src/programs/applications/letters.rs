//! Mails to applicants. None has the name that an applicant entered: whoever fills in the form
//! must not write into mails to someone else's address.

use domain::applications::{REAPPLY_DAYS, UNCONFIRMED_DAYS};
use domain::clock::{DAY_MS, Timestamp};
use domain::mails::MailKind;
use store::links::Link;
use store::programs::Program;

use crate::engine::Engine;
use crate::mail::Letter;

/// Asks to confirm the address.
pub(super) fn confirm(engine: &Engine, program: &Program, merchant: &str, token: &str) -> Letter {
    let subject = format!("Confirm your application to {}", program.name);
    Letter::new(MailKind::ApplicationLink, subject)
        .of(&program.id)
        .text(format!("This address was used to apply to {}, the affiliate program of {merchant}.", program.name))
        .link("Confirm your application", engine.url(&(engine.pages().confirm_application)(token)))
        .note(format!(
            "The link works for {UNCONFIRMED_DAYS} days. If you didn’t apply, ignore this message: the application \
             is then deleted."
        ))
}

/// To someone who is in the program.
pub(super) fn already_in(engine: &Engine, program: &Program) -> Letter {
    let letter = Letter::new(MailKind::ApplicationReceived, format!("You are already in {}", program.name))
        .of(&program.id)
        .text(format!(
            "Someone, probably you, applied to {} with this address. It is already in the program, so there is \
             nothing to do.",
            program.name
        ));
    with_ways_in(engine, letter)
}

/// To someone who waits for a decision.
pub(super) fn already_applied(program: &Program, merchant: &str) -> Letter {
    Letter::new(MailKind::ApplicationReceived, format!("We have your application to {}", program.name))
        .of(&program.id)
        .text(format!(
            "Someone, probably you, applied to {} again with this address. {merchant} is still reviewing the first \
             application and will write to you.",
            program.name
        ))
}

/// To someone who was declined a short while ago.
pub(super) fn too_early(program: &Program, again_at: Timestamp, now: Timestamp) -> Letter {
    let days = (again_at.since_ms(now) + DAY_MS - 1) / DAY_MS;
    let when = if days == 1 { "in 1 day".to_owned() } else { format!("in {days} days") };
    Letter::new(MailKind::ApplicationReceived, format!("Your application to {}", program.name))
        .of(&program.id)
        .text(format!(
            "An application to {} from this address was declined. You can apply again {when}.",
            program.name
        ))
}

/// To someone who is in from now on.
pub(super) fn approved(engine: &Engine, program: &Program, link: &Link) -> Letter {
    let letter = Letter::new(MailKind::ApplicationApproved, format!("You are in {}", program.name))
        .of(&program.id)
        .text(format!("Your application to {} was approved.", program.name))
        .row("Your link", format!("{}/r/{}", engine.base_url(), link.code));
    with_ways_in(engine, letter)
}

/// To someone who was not accepted.
pub(super) fn declined(engine: &Engine, program: &Program, merchant: &str, reason: &str) -> Letter {
    Letter::new(MailKind::ApplicationDeclined, format!("Your application to {}", program.name))
        .of(&program.id)
        .text(format!("{merchant} declined your application to {}. The reason:", program.name))
        .quote(reason)
        .text(format!("You can apply again after {REAPPLY_DAYS} days."))
        .link(format!("See {}", program.name), engine.url(&(engine.pages().join)(&program.slug)))
}

/// Adds how to sign in, with and without a password.
fn with_ways_in(engine: &Engine, letter: Letter) -> Letter {
    let pages = engine.pages();
    letter
        .link("Sign in with this address", engine.url(pages.sign_in))
        .text("If you have no password yet, choose one.")
        .link("Choose a password", engine.url(pages.forgot_password))
}
