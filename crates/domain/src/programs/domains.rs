//! Web addresses, and the domains that a program's links may lead to.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

/// The longest URL that is kept; browsers and mail programs cut longer ones.
pub const LONGEST_URL: usize = 2_000;

/// Why an address is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not an address, or not of the web.
    #[error("Enter a web address, such as https://example.com/pricing")]
    NotWeb,
    /// With user name or password inside.
    #[error("Leave the user name and password out of the address")]
    UserInfo,
    /// Too long.
    #[error("Use an address of 2,000 characters at most")]
    TooLong,
    /// Leads away from the program.
    #[error("Enter an address on {0} or a subdomain")]
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

/// The web address that a person wrote, with or without `https://`; `None` for words.
pub fn web_address(text: &str) -> Option<Url> {
    if text.contains("://") {
        return parse_web_url(text).ok();
    }
    let is_host = text.split('/').next().is_some_and(|host| host.contains('.') && !host.contains([' ', '@']));
    is_host.then(|| parse_web_url(&format!("https://{text}")).ok()).flatten()
}

/// A host name such as `shop.example.com`, in lowercase ASCII (RFC 1123, 2.1; names in other
/// scripts in their Punycode form).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainName(String);

/// Why a text is not a host name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a domain. Enter domains such as shop.example.com")]
pub struct NotADomainName(String);

impl FromStr for DomainName {
    type Err = NotADomainName;
    fn from_str(text: &str) -> Result<Self, NotADomainName> {
        let refused = || NotADomainName(text.trim().to_owned());
        let lower = text.trim().to_lowercase();
        let host = url::Host::parse(&lower).map_err(|_| refused())?.to_string();
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        // `Host::parse` turns `1` into `0.0.0.1`; only other scripts may change.
        let unchanged = !lower.is_ascii() || host == lower;
        if unchanged && host.split('.').all(is_label) { Ok(Self(host)) } else { Err(refused()) }
    }
}

/// The domains that a program's links may lead to: the website's host, further ones, and
/// their subdomains.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AllowedDomains(Vec<String>);

/// A program names more domains than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter {} domains at most", AllowedDomains::MOST)]
pub struct TooManyDomains;

impl AllowedDomains {
    /// How many domains a program may name, the website's included.
    pub const MOST: usize = 20;

    /// The website's host alone.
    pub fn of_website(website: &Url) -> Self {
        Self(vec![website.host_str().unwrap_or_default().to_ascii_lowercase()])
    }

    /// The website's host and further domains; those named twice count once.
    ///
    /// # Errors
    /// [`TooManyDomains`] for more than [`Self::MOST`].
    pub fn new(website: &Url, further: &[DomainName]) -> Result<Self, TooManyDomains> {
        let Self(mut domains) = Self::of_website(website);
        for DomainName(domain) in further {
            if !domains.contains(domain) {
                domains.push(domain.clone());
            }
        }
        if domains.len() > Self::MOST { Err(TooManyDomains) } else { Ok(Self(domains)) }
    }

    /// The same domains for a website that has moved: its host comes first, and links to the
    /// old one keep working.
    ///
    /// # Errors
    /// [`TooManyDomains`] when the new host is one too many.
    pub fn moved_to(&self, website: &Url) -> Result<Self, TooManyDomains> {
        let further: Vec<DomainName> = self.0.iter().cloned().map(DomainName).collect();
        Self::new(website, &further)
    }

    /// All domains, the website's first.
    pub fn domains(&self) -> &[String] {
        &self.0
    }

    /// The domains beside the website's.
    pub fn further(&self) -> &[String] {
        self.0.get(1..).unwrap_or_default()
    }

    /// Whether an address leads to one of them. The host is compared as a whole or as a
    /// parent domain, never as a prefix of the text.
    pub fn allow(&self, url: &Url) -> bool {
        url.host_str().is_some_and(|host| {
            let host = host.to_ascii_lowercase();
            self.0.iter().any(|allowed| {
                host == *allowed
                    || host.strip_suffix(allowed.as_str()).is_some_and(|rest| rest.ends_with('.'))
            })
        })
    }

    /// Checks that an address stays within the program.
    ///
    /// # Errors
    /// [`UrlError::ForeignHost`] when it does not.
    pub fn check(&self, url: &Url) -> Result<(), UrlError> {
        if self.allow(url) { Ok(()) } else { Err(UrlError::ForeignHost(self.0.join(", "))) }
    }

    /// Reads a link's destination and checks that it stays within the program.
    ///
    /// # Errors
    /// [`UrlError`] says what is wrong with it.
    pub fn destination(&self, text: &str) -> Result<Url, UrlError> {
        let url = parse_web_url(text)?;
        self.check(&url).map(|()| url)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn website() -> Url {
        parse_web_url("https://example.com").expect("a url")
    }

    fn domains(texts: &[&str]) -> Vec<DomainName> {
        texts.iter().map(|text| text.parse().expect("a domain")).collect()
    }

    fn allowed() -> AllowedDomains {
        AllowedDomains::new(&website(), &domains(&["Shop.example.net", "localhost"])).expect("domains")
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
    fn links_stay_within_the_program(#[case] url: &str, #[case] taken: bool) {
        assert_eq!(allowed().destination(url).is_ok(), taken);
    }

    #[test]
    fn domains_survive_the_database() {
        let json = serde_json::to_string(&allowed()).unwrap();
        assert_eq!(serde_json::from_str::<AllowedDomains>(&json).unwrap(), allowed());
        assert_eq!(allowed().domains(), ["example.com", "shop.example.net", "localhost"]);
        assert_eq!(allowed().further(), ["shop.example.net", "localhost"]);
    }

    #[rstest]
    #[case("shop.example.net", Some("shop.example.net"))]
    #[case(" Shop.Example.Net ", Some("shop.example.net"))]
    #[case("localhost", Some("localhost"))]
    #[case("127.0.0.1", Some("127.0.0.1"))]
    #[case("münchen.example", Some("xn--mnchen-3ya.example"))]
    #[case("not a host!", None)]
    #[case("host!", None)]
    #[case("shop.example.net/x", None)]
    #[case("shop.example.net:8080", None)]
    #[case("https://shop.example.net", None)]
    #[case("-a.example", None)]
    #[case("a..example", None)]
    #[case("1", None)]
    #[case("", None)]
    fn domain_names(#[case] text: &str, #[case] expected: Option<&str>) {
        let parsed = text.parse::<DomainName>();
        assert_eq!(parsed.as_ref().ok().map(|domain| domain.0.as_str()), expected);
        if let Err(error) = parsed {
            assert!(error.to_string().contains(text.trim()), "the entry is named: {error}");
        }
    }

    #[test]
    fn a_program_can_have_twenty_domains() {
        let many: Vec<DomainName> =
            (0..30).map(|n| format!("h{n}.example.com").parse().expect("a domain")).collect();
        assert_eq!(AllowedDomains::new(&website(), &many), Err(TooManyDomains));
        assert!(AllowedDomains::new(&website(), &many[..19]).is_ok());
    }

    #[test]
    fn links_to_the_old_website_keep_working_when_it_moves() {
        let website = parse_web_url("https://new.example").expect("a url");
        let moved = allowed().moved_to(&website).expect("domains");
        assert_eq!(moved.domains(), ["new.example", "example.com", "shop.example.net", "localhost"]);
    }

    #[test]
    fn a_website_is_an_address_or_words() {
        for (text, address) in [
            ("slowpages.example/letters", Some("https://slowpages.example/letters")),
            ("http://slowpages.example", Some("http://slowpages.example/")),
            ("Zettel und Tee on YouTube", None),
            ("me@slowpages.example", None),
            ("javascript:alert(1)", None),
            ("javascript://a.b/%0aalert(1)", None),
        ] {
            assert_eq!(web_address(text).as_ref().map(Url::as_str), address, "{text}");
        }
    }
}
