//! A program's public page.

mod application;
mod apply;
mod calculator;
mod form;
mod frame;
mod invite;
mod offer;

pub use application::{ApplicationPage, ConfirmApplication, confirm_application};
pub use apply::{ApplicationSent, ApplyPage};
pub use form::{SendApplication, send_application};
pub use invite::{AcceptInvite, InvitePage, UseInvitationLink, accept_invite, use_invitation_link};
pub use offer::JoinPage;
