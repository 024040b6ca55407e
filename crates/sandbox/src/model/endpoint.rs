//! Webhook endpoints, as the sandbox stores them.

use domain::clock::Timestamp;

use super::Metadata;
use crate::version::ApiVersion;

#[derive(Clone, Debug)]
pub(crate) struct Secret {
    pub value: String,
    /// Set when a newer secret replaced it.
    pub expires: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub id: String,
    pub url: String,
    pub enabled_events: Vec<String>,
    /// None: the account's version at the birth of each event.
    pub api_version: Option<ApiVersion>,
    pub connect: bool,
    pub description: Option<String>,
    pub disabled: bool,
    pub secrets: Vec<Secret>,
    pub metadata: Metadata,
    pub created: Timestamp,
}

impl Endpoint {
    /// Whether it asked for events of this type.
    pub(crate) fn wants(&self, kind: &str) -> bool {
        self.enabled_events.iter().any(|wanted| wanted == "*" || wanted == kind)
    }

    /// The secrets that sign at this moment.
    pub(crate) fn active_secrets(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        self.secrets
            .iter()
            .filter(move |secret| secret.expires.is_none_or(|at| now < at))
            .map(|secret| secret.value.as_str())
    }
}
