//! Repair Webhooks against the stand-in: every defect, every failure, and no event lost.

mod defects;
mod failures;
mod nodes;
mod pages;
