//! Settings > Stripe: connecting, losing access, repairing, reconciling.

mod asking;
mod connecting;
mod connecting_api;
mod connecting_key;
mod connecting_oauth;
mod disconnecting;
mod failure_modes;
mod promotion_codes;
mod reconciliation;
mod repair;
mod shop;
mod stripe_site;
mod subscription_end;
