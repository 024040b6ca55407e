//! Program Settings > Stripe: connecting, losing access, repairing, seeing.

mod asking;
mod connecting;
mod connecting_api;
mod connecting_key;
mod connecting_oauth;
mod disconnecting;
mod reconciliation;
mod repair;
mod shop;
mod stage;
mod what_goes_wrong;
