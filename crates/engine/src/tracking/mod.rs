//! What happens before a payment: clicks and leads.

pub mod clicks;
