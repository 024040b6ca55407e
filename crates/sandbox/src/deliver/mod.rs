//! Signed deliveries with retries: what is waiting, what was tried, and the task that
//! tries it.

mod controls;
mod worker;

pub use worker::RetryPolicy;
