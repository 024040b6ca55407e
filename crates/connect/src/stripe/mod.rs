//! Stripe as it really behaves: signatures over raw bytes, and events of every API
//! version since 2023-10-16.

pub mod envelope;
mod objects;
pub mod read;
pub mod signature;
#[cfg(test)]
mod tests;
