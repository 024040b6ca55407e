//! Signed deliveries with retries: what is waiting, what was tried, and the task that
//! tries it.

mod controls;
mod outbox;
mod worker;

pub(crate) use outbox::Outbox;
pub use outbox::{Attempt, Delivery, DeliveryState, Order};
pub use worker::RetryPolicy;
