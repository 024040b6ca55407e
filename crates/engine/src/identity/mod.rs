//! Accounts, sessions, API keys, the audit trail, and the actors that stand for permissions.

pub mod accounts;
pub mod api_keys;
pub mod audit;
pub mod browser_sessions;
pub mod password_links;
pub mod passwords;
pub(crate) mod scope;
pub mod sessions;
pub mod sign_in;
pub mod single_use_links;
