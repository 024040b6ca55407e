//! The pages, and the routes of everything that is served.

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
mod site;
mod tables;

pub use router::router;
pub use site::Settings;
