//! Tracking: clicks and leads.

pub mod clicks;
