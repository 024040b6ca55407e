//! The whole of Honeyguide, tested from outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod api;
mod arrows;
mod canary;
mod checks;
mod crash;
mod harness;
mod ledger;
mod normaliser;
mod outside;
mod peers;
mod seeing;
mod server;
mod site;
mod stripe;
