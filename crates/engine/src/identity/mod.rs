//! Accounts, sessions, API keys, the audit trail, and the actors that stand for permissions.

pub mod accounts;
pub mod api_keys;
pub mod audit;
pub mod browser_sessions;
mod codes;
pub(crate) mod confirm;
pub mod devices;
pub mod email_change;
mod mail_limits;
pub mod password_links;
pub mod passwords;
pub(crate) mod scope;
pub mod second_step;
pub mod sessions;
pub mod sign_in;
pub mod sign_in_links;
pub mod single_use_links;
pub mod two_step;
