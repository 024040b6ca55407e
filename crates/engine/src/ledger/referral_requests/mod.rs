//! "Missing a referral?": what an affiliate can see of it by themselves, the request to the company,
//! and the answer.
//!
//! Nothing here that an affiliate calls reads payments, customers or leads. So neither the answer nor
//! the time it takes says whether a payment exists.

mod answer;
mod ask;

pub use store::referral_requests::ReferralRequest;

pub use self::answer::{RequestRow, credit, decline, list, of_program};
pub use self::ask::{OwnChecks, RequestDraft, own, own_checks, send};
