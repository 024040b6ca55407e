//! Mails to applicants. None has the name that an applicant entered: whoever fills in the form
//! must not write into mails to someone else's address.

use domain::applications::{REAPPLY_DAYS, UNCONFIRMED_DAYS};
use domain::clock::{DAY_MS, Timestamp};
use store::links::Link;
use store::programs::Program;

use crate::engine::Engine;

/// A mail without its recipient.
pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) text: String,
}

/// Asks to confirm the address.
pub(super) fn confirm(engine: &Engine, program: &Program, merchant: &str, token: &str) -> Letter {
    let url = format!("{}{}", engine.base_url(), (engine.pages().confirm_application)(token));
    Letter {
        subject: format!("Confirm your application to {}", program.name),
        text: format!(
            "Hello,\n\nThis address was used to apply to {}, the affiliate program of {merchant}. Confirm it \
             here:\n{url}\n\nThe link works for {UNCONFIRMED_DAYS} days. If you didn’t apply, ignore this \
             message: the application is then deleted.\n",
            program.name
        ),
    }
}

/// To someone who is in the program.
pub(super) fn already_in(engine: &Engine, program: &Program) -> Letter {
    Letter {
        subject: format!("You are already in {}", program.name),
        text: format!(
            "Hello,\n\nSomeone, probably you, applied to {} with this address. It is already in the program, so \
             there is nothing to do.\n\n{}",
            program.name,
            ways_in(engine)
        ),
    }
}

/// To someone who waits for a decision.
pub(super) fn already_applied(program: &Program, merchant: &str) -> Letter {
    Letter {
        subject: format!("We have your application to {}", program.name),
        text: format!(
            "Hello,\n\nSomeone, probably you, applied to {} again with this address. {merchant} is still \
             reviewing the first application and will write to you.\n",
            program.name
        ),
    }
}

/// To someone who was declined a short while ago.
pub(super) fn too_early(program: &Program, again_at: Timestamp, now: Timestamp) -> Letter {
    let days = (again_at.since_ms(now) + DAY_MS - 1) / DAY_MS;
    let when = if days == 1 { "in 1 day".to_owned() } else { format!("in {days} days") };
    Letter {
        subject: format!("Your application to {}", program.name),
        text: format!(
            "Hello,\n\nAn application to {} from this address was declined. You can apply again {when}.\n",
            program.name
        ),
    }
}

/// To someone who is in from now on.
pub(super) fn approved(engine: &Engine, program: &Program, link: &Link) -> Letter {
    Letter {
        subject: format!("You are in {}", program.name),
        text: format!(
            "Hello,\n\nYour application to {} was approved. Your link:\n{}/r/{}\n\n{}",
            program.name,
            engine.base_url(),
            link.code,
            ways_in(engine)
        ),
    }
}

/// To someone who was not accepted.
pub(super) fn declined(engine: &Engine, program: &Program, merchant: &str, reason: &str) -> Letter {
    Letter {
        subject: format!("Your application to {}", program.name),
        text: format!(
            "Hello,\n\n{merchant} declined your application to {}. The reason:\n\n{reason}\n\nYou can apply again \
             after {REAPPLY_DAYS} days:\n{}{}\n",
            program.name,
            engine.base_url(),
            (engine.pages().join)(&program.slug)
        ),
    }
}

/// How to sign in, with and without a password.
fn ways_in(engine: &Engine) -> String {
    let (base, pages) = (engine.base_url(), engine.pages());
    format!(
        "Sign in with this address:\n{base}{}\n\nIf you have no password yet, choose one:\n{base}{}\n",
        pages.sign_in, pages.forgot_password
    )
}
