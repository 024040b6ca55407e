//! What a program is, and where its links may lead.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::clock::Timestamp;
use crate::fields::{Problems, required};
use crate::money::Currency;

crate::word_enum! {
    /// Whether a program runs.
    pub enum ProgramStatus {
        /// Clicks count.
        Active = "active",
        /// Clicks do not count; customers that are already bound still earn.
        Paused = "paused",
        /// Nothing is credited any more.
        Archived = "archived",
    }
}

/// What a thing was when: changes in order of time. Rules ask "what was it then", so that
/// an event that arrives late is judged like one that arrived at once.
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

/// The longest URL that is kept; browsers and mail programs cut longer ones.
pub const LONGEST_URL: usize = 2_000;

/// Why a landing page is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not an address at all, or not of the web.
    #[error("Enter a web address, such as https://example.com/pricing")]
    NotWeb,
    /// With user name or password inside.
    #[error("Leave the user name and password out of the address")]
    UserInfo,
    /// Too long.
    #[error("Use an address of 2,000 characters at most")]
    TooLong,
    /// Leads away from the program.
    #[error("Links may lead to {0} and their subdomains only")]
    ForeignHost(String),
}

/// Reads a web address: http or https, with a host, without user information, control
/// characters or backslashes (browsers read those as slashes).
pub fn parse_web_url(text: &str) -> Result<Url, UrlError> {
    let text = text.trim();
    if text.len() > LONGEST_URL {
        return Err(UrlError::TooLong);
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(UrlError::NotWeb);
    }
    let url = Url::parse(text).map_err(|_| UrlError::NotWeb)?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(UrlError::NotWeb);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::UserInfo);
    }
    Ok(url)
}

/// The hosts that a program's links may lead to: those named, and their subdomains.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LandingHosts(Vec<String>);

/// How many hosts a program may name.
const MOST_HOSTS: usize = 20;

impl LandingHosts {
    /// From hosts separated by commas or white space; the website's host is always in.
    pub fn parse(text: &str, website: &Url) -> Result<Self, String> {
        let mut hosts = vec![website.host_str().unwrap_or_default().to_ascii_lowercase()];
        for word in text.split([',', ' ', '\n', '\r', '\t']).map(str::trim).filter(|w| !w.is_empty()) {
            let url = parse_web_url(&format!("https://{word}/")).ok();
            let host = url.as_ref().and_then(Url::host_str).map(str::to_ascii_lowercase);
            match host.filter(|host| host == &word.to_ascii_lowercase()) {
                Some(host) if !hosts.contains(&host) => hosts.push(host),
                Some(_) => {}
                None => {
                    return Err(format!("“{word}” is no host name. Enter hosts such as shop.example.com"));
                }
            }
        }
        if hosts.len() > MOST_HOSTS {
            return Err(format!("Name {MOST_HOSTS} hosts at most"));
        }
        Ok(Self(hosts))
    }

    /// From what the database keeps: hosts separated by commas.
    pub fn from_stored(text: &str) -> Self {
        Self(text.split(',').filter(|h| !h.is_empty()).map(str::to_owned).collect())
    }

    /// Hosts separated by commas.
    pub fn stored(&self) -> String {
        self.0.join(",")
    }

    /// The hosts.
    pub fn hosts(&self) -> &[String] {
        &self.0
    }

    /// Whether a parsed address leads to one of them. The host is compared as a whole or
    /// as a parent domain, never as a prefix of the text.
    pub fn allow(&self, url: &Url) -> bool {
        url.host_str().is_some_and(|host| {
            let host = host.to_ascii_lowercase();
            self.0.iter().any(|allowed| {
                host == *allowed
                    || host.strip_suffix(allowed.as_str()).is_some_and(|rest| rest.ends_with('.'))
            })
        })
    }

    /// Reads a landing page and checks that it stays within the program.
    pub fn landing(&self, text: &str) -> Result<Url, UrlError> {
        let url = parse_web_url(text)?;
        if self.allow(&url) { Ok(url) } else { Err(UrlError::ForeignHost(self.0.join(", "))) }
    }
}

/// The fields of the program form, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProgramInput {
    /// The program's name.
    pub name: String,
    /// The merchant's site.
    pub website: String,
    /// Further hosts that links may lead to.
    pub landing_hosts: String,
    /// Three letters.
    pub currency: String,
    /// An IANA time zone; empty means UTC.
    pub time_zone: String,
    /// `on` when affiliates are let in without being looked at.
    pub auto_approve: String,
    /// `on` when the site asks for consent before anything is stored.
    pub require_consent: String,
}

/// What a program is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramDraft {
    /// The program's name.
    pub name: String,
    /// The merchant's site.
    pub website: String,
    /// Where links may lead.
    pub landing_hosts: LandingHosts,
    /// The currency of fixed commissions, minimum payout and reports.
    pub currency: Currency,
    /// An IANA time zone.
    pub time_zone: String,
    /// Whether affiliates are let in at once.
    pub auto_approve: bool,
    /// Whether the script waits for consent.
    pub require_consent: bool,
}

/// The longest name of a program or a person.
pub const LONGEST_NAME: usize = 80;

/// Whether a checkbox was ticked; the API may send `true`.
pub fn ticked(value: &str) -> bool {
    matches!(value, "on" | "true" | "1")
}

impl ProgramInput {
    /// Reads the form, noting every problem.
    pub fn parse(&self, problems: &mut Problems) -> Option<ProgramDraft> {
        let name = problems.keep("name", required(&self.name, "a name for the program", LONGEST_NAME));
        let website = problems.keep("website", parse_web_url(&self.website));
        let landing_hosts = website.as_ref().and_then(|website| {
            problems.keep("landing_hosts", LandingHosts::parse(&self.landing_hosts, website))
        });
        let currency = problems.keep("currency", self.currency.parse());
        let zone = if self.time_zone.trim().is_empty() { "UTC" } else { self.time_zone.trim() };
        let time_zone = problems.keep(
            "time_zone",
            jiff::tz::TimeZone::get(zone)
                .map(|_| zone.to_owned())
                .map_err(|_| "Enter a time zone such as Europe/Berlin"),
        );
        Some(ProgramDraft {
            name: name?,
            website: website?.to_string(),
            landing_hosts: landing_hosts?,
            currency: currency?,
            time_zone: time_zone?,
            auto_approve: ticked(&self.auto_approve),
            require_consent: ticked(&self.require_consent),
        })
    }
}

/// A name made fit for a URL: lowercase ASCII letters, digits and single dashes.
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
    use rstest::rstest;

    use super::*;

    fn hosts() -> LandingHosts {
        let website = parse_web_url("https://example.com").expect("a url");
        LandingHosts::parse("shop.example.net, localhost", &website).expect("hosts")
    }

    #[rstest]
    #[case("https://example.com/pricing?a=1#b", true)]
    #[case("https://docs.example.com/", true)]
    #[case("http://localhost:4000/shop", true)]
    #[case("https://SHOP.example.net", true)]
    #[case("https://example.com.evil.test/", false)]
    #[case("https://notexample.com/", false)]
    #[case("https://evil.test/?example.com", false)]
    #[case("https://example.com@evil.test/", false)]
    #[case("https://user:pw@example.com/", false)]
    #[case("//example.com/", false)]
    #[case("https:\\\\example.com", false)]
    #[case("javascript:alert(1)//example.com", false)]
    #[case("https://example.com/\r\nLocation: x", false)]
    #[case("data:text/html,x", false)]
    fn links_stay_within_the_program(#[case] url: &str, #[case] allowed: bool) {
        assert_eq!(hosts().landing(url).is_ok(), allowed);
    }

    #[test]
    fn hosts_survive_the_database() {
        assert_eq!(LandingHosts::from_stored(&hosts().stored()), hosts());
        assert_eq!(hosts().hosts(), ["example.com", "shop.example.net", "localhost"]);
    }

    #[test]
    fn a_host_with_a_path_is_refused() {
        let website = parse_web_url("https://example.com").expect("a url");
        assert!(LandingHosts::parse("shop.example.net/x", &website).is_err());
        let many: Vec<String> = (0..30).map(|n| format!("h{n}.example.com")).collect();
        assert!(LandingHosts::parse(&many.join(","), &website).is_err());
    }

    #[test]
    fn slugs() {
        assert_eq!(slug("Lumen Partners!"), "lumen-partners");
        assert_eq!(slug("  Ünïcode  "), "n-code");
        assert_eq!(slug("!!!"), "program");
    }

    #[test]
    fn history_answers_for_any_moment() {
        let history = History::new(vec![(Timestamp(20), 'b'), (Timestamp(10), 'a')]);
        assert_eq!(history.at(Timestamp(5)), None);
        assert_eq!(history.at(Timestamp(10)), Some('a'));
        assert_eq!(history.at(Timestamp(99)), Some('b'));
    }
}
