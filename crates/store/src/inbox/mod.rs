//! Stripe events as received: stored before they are processed, processed at most once.

mod attempts;
mod bodies;
mod event;
mod list;
mod outcomes;
mod receive;

pub use self::attempts::{Attempt, attempts, put_attempt};
pub use self::bodies::{empty_bodies, get, newest_body, with_bodies, with_body};
pub use self::event::{
    InboxEvent, about_payment, backlog, count, counts, is_coupon_deleted, kept_of_account, latest_ids,
    newest_version, subscription_end, types,
};
pub use self::list::{Filter, list};
pub use self::outcomes::{note_failure, receive_again, record_outcome, record_outcomes};
pub use self::receive::{NewEvent, put_all, put_history};
