//! Tracking: clicks and leads.

pub mod clicks;
pub mod leads;
mod verifiers;
mod visitors;
