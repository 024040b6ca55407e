//! `/v1`: enough of Stripe's API for its own clients.

mod authorization;
mod billing;
mod call;
mod catalog;
mod checkout;
mod customers;
mod endpoints;
mod events;
mod http;
mod invoices;
mod listing;
mod parameters;
mod payment_links;
mod payment_methods;
mod payments;
mod reply;
mod routes;

pub(crate) use call::{bearer, text};
pub(crate) use http::handle;
pub use parameters::is_checked;
pub(crate) use reply::{Reply, recorded};
