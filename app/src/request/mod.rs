//! What a request says: who asks, and what the address asks for.

pub mod access;
pub mod href;
pub mod queries;
pub mod site;
