//! Clients that are not ours: Stripe's own libraries sign what Honeyguide takes in, and use
//! the stand-in that the other tests rely on. They are installed by `script/test`.

mod journeys;
mod ledger;
mod programs;
mod sandbox;
mod signatures;
