//! Repair Webhooks against the sandbox: every defect, every failure, and no event lost.

mod defects;
mod failures;
mod nodes;
mod pages;
