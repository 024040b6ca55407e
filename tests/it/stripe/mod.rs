//! Program Settings > Stripe: connecting, losing access, repairing, seeing.

mod connecting;
mod repair;
mod shop;
