//! The pages and the router that holds everything together.

mod actions;
mod card;
mod checkout;
mod dashboard;
mod html;
mod links;
mod money;
mod router;
mod shop;
mod tables;

pub use router::{Settings, Tracking, router};
pub use shop::Shop;
