//! What a company gives its affiliates to promote it with: files, and texts in which their own link is
//! filled in.

use crate::fields::{line_of_text, lines_of_text};

/// Files and texts of a program: a page shows them all.
pub const MOST_RESOURCES: i64 = 100;

crate::word_enum! {
    /// What a resource is.
    pub enum ResourceKind {
        /// A file to download.
        File = "file",
        /// A text to copy.
        Text = "text",
    }
}

/// Where the affiliate's link is filled in.
const LINK: &str = "{{link}}";
/// Where the code of the affiliate's link is filled in.
const CODE: &str = "{{code}}";

/// A text for affiliates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextDraft {
    /// What it is for.
    pub title: ResourceTitle,
    /// The text.
    pub text: Template,
}

/// What a text is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceTitle(String);

impl ResourceTitle {
    /// The longest title, in characters.
    pub const LONGEST: usize = 100;

    /// Reads a title.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn parse(text: &str) -> Result<Self, String> {
        line_of_text(text, "a title", Self::LONGEST).map(Self)
    }

    /// The title.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text with places for the link and the code of the affiliate who reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(String);

impl Template {
    /// The longest text, in characters.
    pub const LONGEST: usize = 5_000;

    /// Reads a text.
    ///
    /// # Errors
    /// A sentence that says what to do, also when something else than the link or the code is to be
    /// filled in.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = lines_of_text(text, "a text", Self::LONGEST)?;
        let rest = text.replace(LINK, "").replace(CODE, "");
        match rest.split_once("{{").and_then(|(_, rest)| rest.split_once("}}")) {
            Some((name, _)) if !name.contains('\n') => {
                let name: String = name.chars().take(20).collect();
                Err(format!("{{{{{name}}}}} cannot be filled in. Use {LINK} and {CODE}"))
            }
            _ => Ok(Self(text)),
        }
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text for an affiliate.
pub fn filled(text: &str, link: &str, code: &str) -> String {
    text.replace(LINK, link).replace(CODE, code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_and_the_code_are_filled_in_everywhere() {
        let template = Template::parse("Try it: {{link}}\nor use {{code}}, {{code}} {x} }}{{").unwrap();
        let text = filled(template.as_str(), "https://hg.example/r/mira", "mira");
        assert_eq!(text, "Try it: https://hg.example/r/mira\nor use mira, mira {x} }}{{");
    }

    #[test]
    fn other_places_are_refused_by_name() {
        for text in ["Hello {{name}}", "{{ link }}", "{{Link}} {{link}}"] {
            let problem = Template::parse(text).unwrap_err();
            assert!(problem.contains("cannot be filled in. Use {{link}} and {{code}}"), "{problem}");
        }
        for wrong in ["", &"x".repeat(Template::LONGEST + 1)] {
            assert!(Template::parse(wrong).is_err());
        }
    }
}
