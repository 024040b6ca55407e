//! A program's public page.

mod application;
mod apply;
mod calculator;
mod form;
mod frame;
mod offer;

pub use application::{ApplicationPage, ConfirmApplication, confirm_application};
pub use apply::{ApplicationSent, ApplyPage};
pub use form::{SendApplication, send_application};
pub use offer::JoinPage;
