//! The layouts around pages, filled from the request: who is signed in, which program,
//! what waits, which messages are due.

mod account;
pub mod actions;
mod affiliate;
pub mod assets;
pub mod document;
mod merchant;

pub use affiliate::{AffiliatePage, AffiliateProgramPage, AffiliateSection};
pub use document::title;
pub use merchant::{MerchantPage, ProgramPage, Section};
