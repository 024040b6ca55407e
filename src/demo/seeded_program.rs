//! A program of the demo that was created.

use std::collections::BTreeMap;

use domain::ids::{AffiliateId, LinkId, ProgramId};

/// A program that was created, with what its plan needs of it.
pub struct SeededProgram {
    pub program: ProgramId,
    pub website: String,
    /// Affiliate and first link by code.
    pub links: BTreeMap<&'static str, (AffiliateId, LinkId)>,
}
