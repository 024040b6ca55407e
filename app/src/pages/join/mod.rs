//! A program's public page.

mod calculator;
mod offer;

pub use offer::JoinPage;
