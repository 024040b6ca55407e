//! What the domain knows, turned into what a page shows.

pub mod applications;
pub mod audit;
pub mod connection_problem;
pub mod customer;
pub mod diagnostics;
pub mod explanation;
pub mod flags;
pub mod labels;
pub mod payouts;
pub mod promotion_code;
pub mod questions;
pub mod reasons;
pub mod receipt;
pub mod reconciliation;
pub mod rejection;
pub mod remedies;
pub mod repair;
pub mod rewards;
pub mod snippets;
pub mod statement;
pub mod stripe_cli;
pub mod stripe_dashboard;
pub mod stripe_links;
pub mod tables;
pub mod terms;
pub mod totals;
