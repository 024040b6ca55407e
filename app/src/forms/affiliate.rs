//! The form that adds an affiliate.

use domain::affiliates::AffiliateDraft;
use domain::fields::{Name, Problems};
use serde::{Deserialize, Serialize};

/// The fields as they were entered.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AffiliateForm {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The code of their first link; empty makes one from the name.
    pub code: String,
}

impl AffiliateForm {
    /// Reads the form.
    ///
    /// # Errors
    /// The problems, by field.
    pub fn draft(&self) -> Result<AffiliateDraft, Problems> {
        let mut problems = Problems::new();
        let name = problems.keep("name", Name::parse(&self.name, "a name"));
        let email = problems.keep("email", self.email.parse());
        let code = match self.code.trim() {
            "" => None,
            code => problems.keep("code", code.parse()),
        };
        match (name, email) {
            (Some(name), Some(email)) => problems.or(AffiliateDraft { name, email, code }),
            _ => Err(problems),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named() {
        let form = AffiliateForm { code: "x y".into(), ..AffiliateForm::default() };
        let problems = form.draft().unwrap_err();
        let fields: Vec<_> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["name", "email", "code"]);
    }

    #[test]
    fn the_code_may_be_left_empty() {
        let form =
            AffiliateForm { name: "Nadia".into(), email: "Nadia@Example.com".into(), code: " ".into() };
        let draft = form.draft().unwrap();
        assert_eq!(
            (draft.name.as_str(), draft.email.as_str(), draft.code),
            ("Nadia", "nadia@example.com", None)
        );
    }
}
