//! `/v1`: enough of Stripe's API for its own clients.

mod admission;
mod answers;
mod billing;
mod call;
mod catalog;
mod checkout;
mod customers;
mod endpoints;
mod events;
mod http;
mod listing;
mod parameters;
mod payments;
mod reply;
mod routes;

pub(crate) use answers::Answers;
pub(crate) use call::{bearer, text};
pub(crate) use http::handle;
pub use parameters::is_checked;
pub(crate) use reply::{Reply, noted};
