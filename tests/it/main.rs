//! Integration tests of the whole product.

#![expect(clippy::unwrap_used, reason = "a test may panic, and says where")]

mod api;
mod attacks;
mod checks;
mod connections;
mod crash;
mod dependencies;
mod documents;
mod event_log;
mod faults;
mod harness;
mod jobs;
mod ledger;
mod operations;
mod other_version;
mod parsing;
mod printed_commands;
mod retention;
mod sdk_compat;
mod secret_leaks;
mod server;
mod services;
mod site;
mod stripe;
