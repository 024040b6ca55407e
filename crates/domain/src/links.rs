//! Tracking links and their codes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::clock::Random;
use crate::fields::line_of_text;

/// The last part of `/r/{code}`: lowercase letters, digits, dash and underscore.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LinkCode(String);

/// Why a text is not a link code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Use 2 to 40 letters, digits, dashes or underscores")]
pub struct NotALinkCode;

impl LinkCode {
    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A code from a name and, from the second try on, a few random letters.
    pub fn suggest(name: &str, attempt: u32, random: &Random) -> Self {
        let first = crate::programs::slug(name.split_whitespace().next().unwrap_or(name));
        let stem: String = if first.len() < 2 { "link".into() } else { first.chars().take(24).collect() };
        if attempt == 0 {
            return Self(stem);
        }
        const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
        let tail: String = random
            .bytes::<5>()
            .iter()
            .map(|b| char::from(LETTERS[usize::from(*b) % LETTERS.len()]))
            .collect();
        Self(format!("{stem}-{tail}"))
    }
}

impl FromStr for LinkCode {
    type Err = NotALinkCode;
    fn from_str(text: &str) -> Result<Self, NotALinkCode> {
        let folded = text.trim().to_ascii_lowercase();
        let fits = (2..=40).contains(&folded.len())
            && folded.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
        if fits { Ok(Self(folded)) } else { Err(NotALinkCode) }
    }
}
impl TryFrom<String> for LinkCode {
    type Error = NotALinkCode;
    fn try_from(text: String) -> Result<Self, NotALinkCode> {
        text.parse()
    }
}
impl From<LinkCode> for String {
    fn from(code: LinkCode) -> Self {
        code.0
    }
}
impl fmt::Display for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a link is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkDraft {
    /// The code; `None` makes one from the affiliate's name.
    pub code: Option<LinkCode>,
    /// The page that it leads to; `None` is the program's website.
    pub destination: Option<Url>,
    /// Where the link is used.
    pub placement: Option<Placement>,
}

/// A word of the affiliate's that tells placements of links apart, such as "newsletter": 1 to
/// 64 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement(String);

impl Placement {
    /// The longest placement, in characters.
    const LONGEST: usize = 64;

    /// The placement.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Placement {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        line_of_text(text, "a placement", Self::LONGEST).map(Self)
    }
}
