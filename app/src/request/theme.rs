//! The theme of the pages, kept in a cookie.

use http::header::COOKIE;
use http::request::Parts;
use leptos::prelude::use_context;

/// The cookie that holds the chosen theme.
pub const THEME_COOKIE: &str = "theme";

/// The theme that a visitor has chosen: light, dark, or as the browser prefers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// What the browser prefers.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// All of them, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The value in the cookie, in the form and in `data-theme`.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// From a value of the cookie or the form; what is unknown means the browser's choice.
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|theme| theme.name() == name).unwrap_or_default()
    }

    /// From a `Cookie` header.
    pub fn from_cookies(header: &str) -> Self {
        let mut pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs
            .find(|(name, _)| *name == THEME_COOKIE)
            .map_or(Self::System, |(_, value)| Self::from_name(value))
    }

    /// From the request that is being answered.
    pub fn of_request() -> Self {
        let cookies = use_context::<Parts>()
            .and_then(|parts| parts.headers.get(COOKIE)?.to_str().map(str::to_owned).ok());
        cookies.map_or(Self::System, |header| Self::from_cookies(&header))
    }

    /// `data-theme`; the browser's choice needs none.
    pub fn attribute(self) -> Option<&'static str> {
        (self != Self::System).then(|| self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_is_one_of_three_words() {
        assert_eq!(Theme::from_cookies("a=b; theme=dark; c=d"), Theme::Dark);
        assert_eq!(Theme::from_cookies("theme=light"), Theme::Light);
        assert_eq!(Theme::from_cookies("theme=\"><script>"), Theme::System);
        assert_eq!(Theme::from_cookies(""), Theme::System);
    }
}
