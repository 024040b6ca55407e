//! The form that creates a link: on an affiliate's page, and on the affiliate's own.

use domain::fields::Problems;
use domain::links::LinkDraft;
use domain::programs::parse_web_url;
use serde::{Deserialize, Serialize};

/// The fields as they were entered.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkForm {
    /// The code; empty makes one from the affiliate's name.
    pub code: String,
    /// Where it leads; empty is the program's website.
    pub destination_url: String,
    /// A word that tells placements apart.
    pub placement: String,
}

impl LinkForm {
    /// Reads the form. Whether the program allows the destination is checked later.
    ///
    /// # Errors
    /// The problems, by field.
    pub fn draft(&self) -> Result<LinkDraft, Problems> {
        let mut problems = Problems::new();
        let code = entered(&self.code).and_then(|code| problems.keep("code", code.parse()));
        let destination = entered(&self.destination_url)
            .and_then(|url| problems.keep("destination_url", parse_web_url(url)));
        let placement = entered(&self.placement).and_then(|word| problems.keep("placement", word.parse()));
        problems.or(LinkDraft { code, destination, placement })
    }
}

/// A field that was filled in.
fn entered(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_may_be_left_empty() {
        assert_eq!(LinkForm::default().draft(), Ok(LinkDraft::default()));
    }

    #[test]
    fn every_wrong_field_is_named() {
        let form = LinkForm {
            code: "x y".into(),
            destination_url: "javascript:alert(1)".into(),
            placement: "x".repeat(65),
        };
        let problems = form.draft().unwrap_err();
        let fields: Vec<_> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["code", "destination_url", "placement"]);
    }
}
