//! The layouts around pages, filled from the request: who is signed in, which program,
//! which tasks and messages are pending.

mod account;
pub mod actions;
mod affiliate;
pub mod document;
mod merchant;
mod sheet;

pub use affiliate::{AffiliatePage, AffiliateProgramPage, AffiliateSection};
pub use document::{Preview, public_head, title};
pub use merchant::{AffiliatesTab, MerchantPage, ProgramPage, Section};
pub use sheet::{Sheet, link_is_over};
