//! `/v1`: enough of Stripe's API for its own clients.

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
mod payments;
mod routes;

pub(crate) use answers::Answers;
pub(crate) use http::handle;
