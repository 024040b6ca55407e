//! The edges that speak to machines: visitors' browsers, Stripe, monitors.

pub mod csv;
pub mod health;
pub mod pace;
pub mod stripe;
pub mod tracking;
