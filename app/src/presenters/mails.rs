//! Mails: what they are about and what became of them, in words.

use domain::mails::{MailKind, MailStatus, Reply};
use engine::mail_log::{LoggedMail, RefusedAddress};

use crate::components::State;

/// What a mail is about.
pub const fn kind_word(kind: MailKind) -> &'static str {
    match kind {
        MailKind::Account => "Account",
        MailKind::ApplicationLink => "Application to confirm",
        MailKind::ApplicationReceived => "Application received",
        MailKind::ApplicationApproved => "Application approved",
        MailKind::ApplicationDeclined => "Application declined",
        MailKind::Invitation => "Invitation",
        MailKind::PayoutPaid => "Payout",
        MailKind::PayoutFailed => "Failed payout",
        MailKind::RunDrafted => "Payout run drafted",
        MailKind::StripeProblem => "Stripe problem",
    }
}

/// What became of a mail.
pub const fn status_state(status: MailStatus) -> State {
    match status {
        MailStatus::Waiting => State::MAIL_WAITING,
        MailStatus::Sent => State::MAIL_SENT,
        MailStatus::Refused => State::MAIL_REFUSED,
        MailStatus::Failed => State::FAILED,
    }
}

/// Why a mail was not taken, or not yet.
pub fn status_note(mail: &LoggedMail) -> String {
    let reply = mail.reply.as_ref().map(Reply::to_string);
    match (mail.status, reply) {
        (MailStatus::Sent, _) | (MailStatus::Waiting, None) => String::new(),
        (MailStatus::Waiting, Some(reply)) => format!("Will be tried again. The mail server said: {reply}"),
        (MailStatus::Refused | MailStatus::Failed, Some(reply)) => format!("The mail server said: {reply}"),
        (MailStatus::Refused, None) => "The address is not valid.".to_owned(),
        (MailStatus::Failed, None) => "The mail server could not be reached.".to_owned(),
    }
}

/// What a mail server says against an address.
pub fn refused_text(refused: &RefusedAddress) -> String {
    format!("The mail server for {} says: {}", refused.email, refused.reply)
}
