//! A stand-in for Stripe: an account in memory, its events in every API version since
//! 2023-10-16, signed deliveries with retries, a checkout page, a dashboard and enough of
//! the API for Stripe's own clients.
//!
//! [`Stripe`] is the account. It works without any server: [`Stripe::buy`] and its
//! neighbors do what Stripe does and log events; [`Stripe::events_after`] and [`render`]
//! give their bytes. [`Stripe::run_deliveries`] posts them to webhook endpoints.
#![recursion_limit = "256"]

mod accounts;
mod amounts;
mod api;
mod api_error;
mod connections;
mod deliver;
mod endpoints;
mod faults;
mod flows;
mod form;
mod idempotency;
mod ids;
mod keys;
mod model;
mod oauth;
mod outbox;
mod pages;
mod permission;
mod platform;
mod render;
mod requests;
mod shop;
mod sign;
mod state;
mod stripe;
mod table;
mod tracking;
mod version;
mod world;

pub use api::is_checked;
pub use api_error::ApiError;
pub use connections::{Platform, PlatformKeys};
pub use deliver::RetryPolicy;
pub use endpoints::{Defect, EndpointView};
pub use faults::{Failure, Fault};
pub use flows::{
    Buyer, Cancel, CustomerChange, NewEndpoint, NewPayment, NewPaymentLink, NewPrice, NewSession, Receipt,
    Verdict,
};
pub use model::{Duration, Event, Interval, Metadata};
pub use outbox::{Attempt, Delivery, DeliveryState, Order};
pub use pages::{Settings, router};
pub use permission::{Level, Permission};
pub use render::{render, render_for_connect};
pub use requests::Request;
pub use shop::Shop;
pub use sign::signature_header;
pub use stripe::Stripe;
pub use tracking::Tracking;
pub use version::ApiVersion;
