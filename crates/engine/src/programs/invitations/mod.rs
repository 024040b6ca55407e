//! Inviting people to a program: by mail, many at once, or by a link that is handed out.

mod accept;
mod links;
mod manage;
mod send;
mod send_program_invitation_job;
mod tokens;

pub use store::invitation_links::InvitationLink;
pub use store::invitations::Invitation;

pub use self::accept::{Invited, accept, invited};
pub(crate) use self::links::usable as usable_link;
pub use self::links::{MOST_RUNNING_LINKS, address, create_link, link_of_token, links, revoke_link};
pub(crate) use self::manage::mail_again;
pub use self::manage::{list, resend, revoke};
pub use self::send::{INVITATIONS_A_DAY, Sent, invite, invite_one, preview};
pub(crate) use self::send_program_invitation_job::SendProgramInvitation;

/// Mails to one person within a day: nobody is to be pestered.
pub const MAILS_A_DAY: i64 = 3;
