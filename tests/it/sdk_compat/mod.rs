//! Clients that are not ours: Stripe's own libraries sign what Honeyguide takes in, and use
//! the sandbox that the other tests rely on; a SEPA file is compared with the bank's schema. They are installed by `script/test`.

mod journeys;
mod ledger;
mod programs;
mod sandbox;
mod sepa;
mod signatures;
mod triggers;
