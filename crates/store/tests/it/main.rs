//! The database layer and every store function, on the database that `TEST_DATABASE_URL`
//! names or on a SQLite file.

#![expect(clippy::unwrap_used, reason = "a test may panic, and says where")]

mod clicks;
mod database;
mod fixture;
mod joining;
mod money;
mod payouts;
mod people;
mod plans;
mod programs;
mod stripe;
mod sums;
mod waiting;
mod write_ahead_log;
