//! What a program is, and where its links may lead.

mod domains;

use std::str::FromStr;

use url::Url;

pub use self::domains::{
    AllowedDomains, DomainName, LONGEST_URL, NotADomainName, TooManyDomains, UrlError, parse_web_url,
    web_address,
};
use crate::clock::Timestamp;
use crate::fields::Name;
use crate::leads::BrowserLeads;
use crate::money::Currency;

crate::word_enum! {
    /// Whether a program runs.
    pub enum ProgramStatus {
        /// Clicks count.
        Active = "active",
        /// Clicks do not count; customers that are already bound still earn.
        Paused = "paused",
        /// No payments are credited.
        Archived = "archived",
    }
}

/// The changes of a state, in order of time. Rules ask for the state at a moment, so that an
/// event that arrives late is judged like one that arrived at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History<S>(Vec<(Timestamp, S)>);

impl<S: Copy + PartialEq> History<S> {
    /// From changes in any order.
    pub fn new(mut changes: Vec<(Timestamp, S)>) -> Self {
        changes.sort_by_key(|(at, _)| *at);
        Self(changes)
    }

    /// The state at a moment; `None` before the first change.
    pub fn at(&self, moment: Timestamp) -> Option<S> {
        self.0.iter().rev().find(|(at, _)| *at <= moment).map(|(_, state)| *state)
    }
}

/// A time zone of the IANA database, such as `Europe/Berlin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeZoneName(String);

/// Why a text is not a time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter a time zone such as Europe/Berlin")]
pub struct NotATimeZone;

impl TimeZoneName {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self("UTC".to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TimeZoneName {
    type Err = NotATimeZone;
    fn from_str(text: &str) -> Result<Self, NotATimeZone> {
        let name = text.trim();
        jiff::tz::TimeZone::get(name).map(|_| Self(name.to_owned())).map_err(|_| NotATimeZone)
    }
}

/// What a new program is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramDraft {
    /// The program's name.
    pub name: Name,
    /// The merchant's site.
    pub website: Url,
    /// Where links may lead.
    pub allowed_domains: AllowedDomains,
    /// The currency of fixed commissions, minimum payout and reports; it cannot be changed.
    pub currency: Currency,
    /// Days and months of reports are counted in it.
    pub time_zone: TimeZoneName,
    /// Whether applications are approved without a decision.
    pub auto_approve: bool,
    /// Whether the script waits for the visitor's consent before it stores anything.
    pub require_consent: bool,
    /// Whether visitors whose browser sends Global Privacy Control are left alone.
    pub respect_gpc: bool,
    /// What becomes of leads that only a page vouches for.
    pub browser_leads: BrowserLeads,
}

impl ProgramDraft {
    /// What is chosen for [`ProgramDraft::auto_approve`] where nothing is said, in the form
    /// and by the API.
    pub const AUTO_APPROVE: bool = true;

    /// A program in UTC whose links lead to its website only, which approves applications and
    /// needs no consent.
    pub fn new(name: Name, website: Url, currency: Currency) -> Self {
        Self {
            name,
            allowed_domains: AllowedDomains::of_website(&website),
            website,
            currency,
            time_zone: TimeZoneName::utc(),
            auto_approve: Self::AUTO_APPROVE,
            require_consent: false,
            respect_gpc: false,
            browser_leads: BrowserLeads::Count,
        }
    }
}

/// A change of a program: what is `None` stays. The currency cannot be changed, and terms
/// are changed by a new version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProgramChange {
    /// The program's name.
    pub name: Option<Name>,
    /// The merchant's site.
    pub website: Option<Url>,
    /// All domains that links may lead to, beside the website's.
    pub further_domains: Option<Vec<DomainName>>,
    /// Days and months of reports are counted in it.
    pub time_zone: Option<TimeZoneName>,
    /// Whether applications are approved without a decision.
    pub auto_approve: Option<bool>,
    /// Whether the script waits for consent.
    pub require_consent: Option<bool>,
    /// Whether Global Privacy Control is respected.
    pub respect_gpc: Option<bool>,
    /// What becomes of leads that only a page vouches for.
    pub browser_leads: Option<BrowserLeads>,
    /// Whether the program runs.
    pub status: Option<ProgramStatus>,
}

impl ProgramChange {
    /// A change of the status alone.
    pub fn status(status: ProgramStatus) -> Self {
        Self { status: Some(status), ..Self::default() }
    }

    /// Whether it changes more than the status.
    pub fn has_settings(&self) -> bool {
        *self != Self { status: self.status, ..Self::default() }
    }
}

/// A name as a part of a URL: lowercase ASCII letters, digits and single dashes.
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let slug: String = slug.trim_matches('-').chars().take(48).collect();
    if slug.is_empty() { "program".to_owned() } else { slug.trim_matches('-').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_status_keeps_the_settings() {
        assert!(!ProgramChange::status(ProgramStatus::Paused).has_settings());
        let both = ProgramChange { auto_approve: Some(true), ..ProgramChange::status(ProgramStatus::Paused) };
        assert!(both.has_settings());
    }

    #[test]
    fn slugs_are_letters_digits_and_hyphens() {
        assert_eq!(slug("Lumen Partners!"), "lumen-partners");
        assert_eq!(slug("  Ünïcode  "), "n-code");
        assert_eq!(slug("!!!"), "program");
    }

    #[test]
    fn a_status_history_has_a_value_for_any_time() {
        let history = History::new(vec![(Timestamp(20), 'b'), (Timestamp(10), 'a')]);
        assert_eq!(history.at(Timestamp(5)), None);
        assert_eq!(history.at(Timestamp(10)), Some('a'));
        assert_eq!(history.at(Timestamp(99)), Some('b'));
    }
}
