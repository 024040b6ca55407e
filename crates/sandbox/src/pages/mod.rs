//! The pages and the router that holds everything together.

mod access;
mod actions;
mod authorize;
mod card;
mod checkout;
mod dashboard;
mod failures;
mod html;
mod links;
mod money;
mod object;
mod router;
mod shop;
mod tables;

pub use router::{Settings, Tracking, router};
pub use shop::Shop;
