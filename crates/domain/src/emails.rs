//! Email addresses, folded so that equal ones compare equal.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A trimmed, lowercased address of a plausible form. Whether mail can be
/// delivered there is not checked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// The text is not an email address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter an email address, such as name@example.com")]
pub struct NotAnEmail;

/// The longest address that SMTP can carry (RFC 5321, 4.5.3.1.3).
const LONGEST: usize = 254;

impl Email {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain: what follows the `@`.
    pub fn host(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, host)| host)
    }

    /// Whether both reach the same mailbox: what follows a plus does not tell two apart.
    pub fn is_same_mailbox(&self, other: &Self) -> bool {
        let mailbox = |email: &Self| {
            let (local, host) = email.0.rsplit_once('@').unwrap_or((&email.0, ""));
            (local.split('+').next().unwrap_or(local).to_owned(), host.to_owned())
        };
        mailbox(self) == mailbox(other)
    }

    /// `m•••@•••`: enough to tell customers apart for an affiliate, who must not learn who they
    /// are. The domain of an address often names a company.
    pub fn masked(&self) -> String {
        const HIDDEN: &str = "\u{2022}\u{2022}\u{2022}";
        let first = self.0.chars().next().map(String::from).unwrap_or_default();
        format!("{first}{HIDDEN}@{HIDDEN}")
    }
}

impl FromStr for Email {
    type Err = NotAnEmail;
    fn from_str(text: &str) -> Result<Self, NotAnEmail> {
        let folded = text.trim().to_lowercase();
        let (local, host) = folded.rsplit_once('@').ok_or(NotAnEmail)?;
        let plausible = folded.len() <= LONGEST
            && !local.is_empty()
            && !local.contains('@')
            && host.split('.').all(|label| !label.is_empty())
            && host.contains('.')
            && !folded.chars().any(|c| c.is_whitespace() || c.is_control() || "<>(),;:\"\\[]".contains(c));
        if plausible { Ok(Self(folded)) } else { Err(NotAnEmail) }
    }
}
impl TryFrom<String> for Email {
    type Error = NotAnEmail;
    fn try_from(text: String) -> Result<Self, NotAnEmail> {
        text.parse()
    }
}
impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}
impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(" Mira@Example.COM ", Some("mira@example.com"))]
    #[case("a+b@sub.example.co.uk", Some("a+b@sub.example.co.uk"))]
    #[case("no-at.example.com", None)]
    #[case("@example.com", None)]
    #[case("a@b", None)]
    #[case("a@b..com", None)]
    #[case("a b@example.com", None)]
    #[case("<a@example.com>", None)]
    fn reads(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(text.parse::<Email>().ok().as_ref().map(Email::as_str), expected);
    }

    #[test]
    fn addresses_are_masked() {
        assert_eq!("mira@example.com".parse::<Email>().expect("valid").masked(), "m•••@•••");
    }
}
