//! Platforms that accounts are connected to: their applications, the codes of OAuth, which
//! work once, and what merchants granted.

use std::collections::VecDeque;

use domain::clock::{MINUTE_MS, Timestamp};

use crate::ids::Ids;

/// How long a code works; what Stripe states for its Apps.
const CODE_MS: i64 = 5 * MINUTE_MS;

/// Codes remembered, so that a second use is known as one.
const MAX_CODES: usize = 1_000;

/// What a platform is like.
#[derive(Clone, Debug)]
pub struct Platform {
    /// The name that merchants read when they are asked.
    pub name: String,
    /// The addresses that may be returned to; the first one is used when none is named.
    /// Without any, every address may.
    pub redirect_uris: Vec<String>,
    /// Whether the scope `read_only` is granted, as it is to old extensions only.
    pub may_read_only: bool,
    /// Whether answers carry an access token beside the account's id.
    pub gives_tokens: bool,
    /// Whether it is a Stripe App: tokens of one hour, and refresh tokens that change at
    /// every use.
    pub is_app: bool,
}

impl Default for Platform {
    fn default() -> Self {
        Self {
            name: "Honeyguide".to_owned(),
            redirect_uris: Vec::new(),
            may_read_only: true,
            gives_tokens: false,
            is_app: false,
        }
    }
}

/// What an operator puts into the configuration of one mode.
#[derive(Clone, PartialEq, Eq)]
pub struct PlatformKeys {
    /// `ca_…`
    pub client_id: String,
    /// `sk_test_…` or `sk_live_…`
    pub secret_key: String,
}

impl std::fmt::Debug for PlatformKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlatformKeys").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// A platform in one mode.
#[derive(Clone)]
pub(crate) struct Application {
    pub client_id: String,
    pub account: String,
    pub livemode: bool,
    pub platform: Platform,
}

/// The authorization code for a merchant's approval.
pub(crate) struct Code {
    pub value: String,
    pub client_id: String,
    pub account: String,
    pub scope: String,
    pub expires: Timestamp,
    pub is_used: bool,
}

/// A connection between an account and an application.
#[derive(Clone)]
pub(crate) struct Grant {
    pub client_id: String,
    pub account: String,
    pub scope: String,
    /// The one refresh token that works, and until when.
    pub refresh: Option<(String, Timestamp)>,
}

/// Every application, code and grant.
#[derive(Default)]
pub(crate) struct Connections {
    applications: Vec<Application>,
    pub codes: VecDeque<Code>,
    pub grants: Vec<Grant>,
}

impl Connections {
    /// Adds the application, or replaces the one of the same account and mode.
    pub(crate) fn register(
        &mut self,
        ids: &Ids,
        account: &str,
        livemode: bool,
        platform: Platform,
    ) -> String {
        let there = self.applications.iter_mut().find(|it| it.account == account && it.livemode == livemode);
        if let Some(there) = there {
            there.platform = platform;
            return there.client_id.clone();
        }
        let client_id = format!("ca_{}", ids.letters(32));
        self.applications.push(Application {
            client_id: client_id.clone(),
            account: account.to_owned(),
            livemode,
            platform,
        });
        client_id
    }

    pub(crate) fn application(&self, client_id: &str) -> Option<&Application> {
        self.applications.iter().find(|it| it.client_id == client_id)
    }

    /// The application of that account in that mode.
    pub(crate) fn application_of(&self, account: &str, livemode: bool) -> Option<&Application> {
        self.applications.iter().find(|it| it.account == account && it.livemode == livemode)
    }

    /// A code for a merchant's approval.
    pub(crate) fn approve(
        &mut self,
        ids: &Ids,
        client_id: &str,
        account: &str,
        scope: &str,
        now: Timestamp,
    ) -> String {
        let value = format!("ac_{}", ids.letters(32));
        self.codes.push_back(Code {
            value: value.clone(),
            client_id: client_id.to_owned(),
            account: account.to_owned(),
            scope: scope.to_owned(),
            expires: now.plus_ms(CODE_MS),
            is_used: false,
        });
        if self.codes.len() > MAX_CODES {
            self.codes.pop_front();
        }
        value
    }

    pub(crate) fn grant(&self, client_id: &str, account: &str) -> Option<&Grant> {
        self.grants.iter().find(|it| it.client_id == client_id && it.account == account)
    }

    /// The applications that an account is connected to.
    pub(crate) fn applications_of(&self, account: &str) -> Vec<Application> {
        let grants = self.grants.iter().filter(|it| it.account == account);
        grants.filter_map(|it| self.application(&it.client_id)).cloned().collect()
    }

    /// Ends a connection. False when there was none.
    pub(crate) fn disconnect(&mut self, client_id: &str, account: &str) -> bool {
        let before = self.grants.len();
        self.grants.retain(|it| it.client_id != client_id || it.account != account);
        self.grants.len() < before
    }
}
