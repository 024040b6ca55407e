//! Who someone is and what they may do: accounts, sessions, API keys, the audit trail.

pub mod accounts;
pub mod api_keys;
pub mod audit;
pub mod passwords;
pub(crate) mod scope;
pub mod sessions;
