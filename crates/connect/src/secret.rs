//! A text that must not be shown: a key, a token, a signing secret.

use std::fmt;

/// A secret. It has no `Display` and no serialization, and its `Debug` prints none of it,
/// so that it cannot get into a log, an error or a page by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for encrypting it, and for sending it to its owner.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The last four characters, by which people recognize it. A short secret shows nothing,
    /// because four letters would then be much of it.
    pub fn last_four(&self) -> String {
        const SHORT: usize = 12;
        let length = self.0.chars().count();
        if length < SHORT { String::new() } else { self.0.chars().skip(length - 4).collect() }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_secret_is_printed() {
        let secret = Secret::new("rk_live_canary_1234".to_owned());
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)), "Secret(…) Some(\n    Secret(…),\n)");
        assert_eq!(secret.last_four(), "1234");
        assert_eq!(Secret::new("short".to_owned()).last_four(), "");
    }
}
