//! Tracking: clicks and leads.

pub mod clicks;
pub mod flags;
mod landing;
pub mod leads;
mod verifiers;
mod visitors;
