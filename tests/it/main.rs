//! The whole of Honeyguide, tested from outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod arrows;
mod harness;
mod ledger;
mod normaliser;
