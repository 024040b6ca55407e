//! The form that changes a program's public page.

use domain::colors::Color;
use domain::fields::Problems;
use domain::join_pages::{Introduction, JoinPage};
use serde::{Deserialize, Serialize};

/// The fields as they were entered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct JoinPageForm {
    /// Not empty where the box is ticked.
    pub is_on: String,
    /// `#17605a`; empty is no color.
    pub color: String,
    /// The merchant's own words.
    pub introduction: String,
}

impl JoinPageForm {
    /// The form filled with the settings of a page.
    pub fn of(page: &JoinPage) -> Self {
        Self {
            is_on: if page.is_on { "on".to_owned() } else { String::new() },
            color: page.color.map(|color| color.to_string()).unwrap_or_default(),
            introduction: page.introduction.as_str().to_owned(),
        }
    }

    /// Reads the form.
    ///
    /// # Errors
    /// The problems, by field.
    pub fn page(&self) -> Result<JoinPage, Problems> {
        let mut problems = Problems::new();
        let color = match self.color.trim() {
            "" => None,
            color => problems.keep("color", color.parse::<Color>()),
        };
        let introduction = problems.keep("introduction", Introduction::parse(&self.introduction));
        let introduction = introduction.unwrap_or_default();
        problems.or(JoinPage { is_on: !self.is_on.is_empty(), color, introduction })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_may_be_left_empty() {
        assert_eq!(JoinPageForm::default().page(), Ok(JoinPage::default()));
    }

    #[test]
    fn every_wrong_field_is_named() {
        let form = JoinPageForm {
            is_on: "on".into(),
            color: "teal".into(),
            introduction: "x".repeat(Introduction::LONGEST + 1),
        };
        let problems = form.page().unwrap_err();
        let fields: Vec<_> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["color", "introduction"]);
    }
}
