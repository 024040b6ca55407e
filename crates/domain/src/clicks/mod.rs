//! Clicks: their tokens, the detection of bots, and the kind of device.

mod bots;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::clock::{Random, Timestamp};

pub use bots::looks_like_a_bot;

/// The public name of a click, and its key: `hgc_`, the time, then 128 random bits.
///
/// It begins with the time, so that inserts go to the right edge of one index, and it
/// cannot be guessed. It fits Stripe's `client_reference_id` in every carrier: letters,
/// digits and underscores, 40 characters of the 200 allowed (Stripe docs: payment links,
/// URL parameters).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClickToken(String);

/// The text is not a click token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a click token")]
pub struct NotAClickToken;

const PREFIX: &str = "hgc_";
/// Crockford's base 32: its order is that of the bytes.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LONGEST: usize = 64;
const SHORTEST: usize = 20;

impl ClickToken {
    /// A new token.
    pub fn new(now: Timestamp, random: &Random) -> Self {
        let mut text = Self::beginning(now);
        let bits = u128::from_be_bytes(random.bytes());
        for digit in (0..26).rev() {
            text.push(char::from(DIGITS[((bits >> (digit * 5)) & 31) as usize]));
        }
        Self(text)
    }

    /// The beginning of the tokens of a moment: tokens of earlier clicks sort before it, and
    /// those of later clicks after it.
    pub fn beginning(at: Timestamp) -> String {
        let mut text = String::with_capacity(LONGEST);
        text.push_str(PREFIX);
        let time = at.0.unsigned_abs();
        for digit in (0..10).rev() {
            text.push(char::from(DIGITS[((time >> (digit * 5)) & 31) as usize]));
        }
        text
    }

    /// When the click was made, as the token says; `None` when it says nothing readable.
    pub fn at(&self) -> Option<Timestamp> {
        let digits = self.0.get(PREFIX.len()..PREFIX.len() + 10)?;
        let value = |digit| DIGITS.iter().position(|known| *known == digit);
        let time = digits.bytes().try_fold(0, |time: i64, digit| Some((time << 5) | value(digit)? as i64));
        time.map(Timestamp)
    }

    /// The token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClickToken {
    type Err = NotAClickToken;
    fn from_str(text: &str) -> Result<Self, NotAClickToken> {
        let fits = text.starts_with(PREFIX)
            && (SHORTEST..=LONGEST).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if fits { Ok(Self(text.to_owned())) } else { Err(NotAClickToken) }
    }
}
impl TryFrom<String> for ClickToken {
    type Error = NotAClickToken;
    fn try_from(text: String) -> Result<Self, NotAClickToken> {
        text.parse()
    }
}
impl From<ClickToken> for String {
    fn from(token: ClickToken) -> Self {
        token.0
    }
}
impl fmt::Display for ClickToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for ClickToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A visitor of a day, in hashes under the day's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Of network and browser.
    pub visitor: String,
    /// Of the network alone.
    pub network: String,
}

crate::word_enum! {
    /// A coarse kind of device.
    pub enum Device {
        /// A computer.
        Desktop = "desktop",
        /// A phone.
        Mobile = "mobile",
        /// A tablet.
        Tablet = "tablet",
        /// Unknown.
        Unknown = "unknown",
    }
}

impl Device {
    /// Reads a `User-Agent`.
    pub fn of(user_agent: &str) -> Self {
        let has = |word| user_agent.contains(word);
        if user_agent.is_empty() {
            Self::Unknown
        } else if has("iPad") || has("Tablet") || (has("Android") && !has("Mobile")) {
            Self::Tablet
        } else if has("Mobi") || has("iPhone") {
            Self::Mobile
        } else {
            Self::Desktop
        }
    }
}

/// Cuts a text to what a column takes, at a character's edge, without control characters.
pub fn clipped(text: &str, longest: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(longest).collect()
}

/// A country as ISO 3166-1 code of two capitals; `None` for anything else, and for the
/// codes by which proxies say that they do not know (`XX`) or that it is Tor (`T1`).
pub fn country(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    let is_code = code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()) && code != "XX";
    is_code.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_two_letters() {
        assert_eq!(country(" de"), Some("DE".to_owned()));
        for nothing in ["", "XX", "T1", "DEU", "d€", "--"] {
            assert_eq!(country(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_token_reads_back_and_sorts_by_time() {
        let random = Random::seeded(7);
        let early = ClickToken::new(Timestamp(1_000), &random);
        let late = ClickToken::new(Timestamp(1_001), &random);
        assert_eq!(early.as_str().parse(), Ok(early.clone()));
        assert_eq!(early.as_str().len(), 40);
        assert_eq!(late.at(), Some(Timestamp(1_001)));
        assert_eq!("hgc_unreadable_0123456789".parse::<ClickToken>().unwrap().at(), None);
        assert!(early < late);
    }

    #[test]
    fn other_text_is_not_a_token() {
        for text in [
            "",
            "hgc_",
            "user_42",
            "hgc_short",
            "hgc_0123456789012345678-",
            &format!("hgc_{}", "a".repeat(61)),
        ] {
            assert_eq!(text.parse::<ClickToken>(), Err(NotAClickToken), "{text}");
        }
    }

    #[test]
    fn devices_are_recognized() {
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit Mobile/15E148 Safari";
        assert_eq!(Device::of(phone), Device::Mobile);
        assert_eq!(Device::of("Mozilla/5.0 (X11; Linux x86_64) Firefox/140"), Device::Desktop);
        assert_eq!(Device::of(""), Device::Unknown);
    }
}
