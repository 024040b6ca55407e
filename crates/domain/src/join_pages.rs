//! A program's public page, where people read the offer and apply.

use crate::colors::Color;
use crate::fields::lines_of_text;

/// What a merchant sets of the page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JoinPage {
    /// Whether the page is there.
    pub is_on: bool,
    /// The accent color; `None` is ink on paper.
    pub color: Option<Color>,
    /// The merchant's own words.
    pub introduction: Introduction,
}

/// The merchant's own words about the program: plain text in paragraphs; may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Introduction(String);

impl Introduction {
    /// The longest introduction, in characters: a screen of text.
    pub const LONGEST: usize = 2_000;

    /// Reads an introduction.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        lines_of_text(text, "an introduction", Self::LONGEST).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
