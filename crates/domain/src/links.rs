//! Tracking links and their codes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::clock::Random;

/// The last part of `/r/{code}`: lowercase letters, digits, dash and underscore.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LinkCode(String);

/// Why a text is no link code.
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

/// The fields of the form that makes a link, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkInput {
    /// The code wished for; empty means one made from the affiliate's name.
    pub code: String,
    /// Where it leads; empty means the program's website.
    pub landing_url: String,
    /// A word that tells placements apart.
    pub sub_id: String,
}

/// A sub-id: at most 64 visible characters.
pub fn parse_sub_id(text: &str) -> Result<Option<String>, &'static str> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        Ok(None)
    } else if trimmed.chars().count() > 64 || trimmed.chars().any(char::is_control) {
        Err("Use 64 characters at most")
    } else {
        Ok(Some(trimmed.to_owned()))
    }
}
