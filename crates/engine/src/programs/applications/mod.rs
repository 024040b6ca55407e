//! Applications: people who join a program by its public page.

mod apply;
mod approval;
mod confirm;
mod letters;
mod review;
mod send_application_link_job;

pub(crate) use apply::mail_link_again;
pub use apply::{
    APPLICATIONS_PER_NETWORK, APPLICATIONS_PER_PROGRAM, MAILS_PER_ADDRESS, apply, apply_by_link,
};
pub use confirm::{Confirmation, confirm, confirmation};
pub(crate) use review::waiting;
pub use review::{Counts, Review, approve, counts, decline, get, list};
pub(crate) use send_application_link_job::SendApplicationLink;
pub use store::applications::Application;
