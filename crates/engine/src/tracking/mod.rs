//! Tracking: clicks and leads.

pub mod clicks;
pub mod flags;
mod landing;
pub mod leads;
pub mod trial;
mod verifiers;
mod visitors;
