//! Accounts, sessions, API keys, the audit trail, and the actors that stand for permissions.

pub mod accounts;
pub mod api_keys;
pub mod audit;
pub mod passwords;
pub(crate) mod scope;
pub mod sessions;
