//! The form of a link by which people join.

use serde::{Deserialize, Serialize};

/// The fields as they were entered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InvitationLinkForm {
    /// What the company calls it.
    pub label: String,
    /// How many people can join by it.
    pub uses: String,
    /// Its last day, in the program's time zone.
    pub until: String,
}
