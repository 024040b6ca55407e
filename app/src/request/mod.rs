//! What a request contains: who sent it, and the parameters of its address.

pub mod access;
pub mod cookies;
pub mod href;
pub mod queries;
pub mod site;
pub mod theme;
