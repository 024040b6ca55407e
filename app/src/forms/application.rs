//! The form of an application to a program.

use domain::applications::{ApplicationDraft, Promotion, Website};
use domain::fields::{Name, Problems};
use domain::ids::TermsId;
use serde::{Deserialize, Serialize};

/// The fields as they were entered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApplicationForm {
    /// The applicant's name.
    pub name: String,
    /// The applicant's address.
    pub email: String,
    /// A website or channel; may be empty.
    pub website: String,
    /// How the applicant will promote the program.
    pub promotion: String,
    /// The version of the terms that the page showed.
    pub terms: String,
    /// Not empty where the box is ticked.
    pub accept: String,
}

impl ApplicationForm {
    /// Reads the form.
    ///
    /// # Errors
    /// The problems, by field.
    pub fn draft(&self) -> Result<ApplicationDraft, Problems> {
        const ASK: &str = "Accept the terms to apply";
        let mut problems = Problems::new();
        let name = problems.keep("name", Name::parse(&self.name, "your name"));
        let email = problems.keep("email", self.email.parse());
        let website = problems.keep("website", Website::parse(&self.website));
        let promotion = problems.keep("promotion", Promotion::parse(&self.promotion));
        let terms = if self.accept.is_empty() { None } else { self.terms.parse::<TermsId>().ok() };
        let terms = problems.keep("accept", terms.ok_or(ASK));
        match (name, email, website, promotion, terms) {
            (Some(name), Some(email), Some(website), Some(promotion), Some(terms)) => {
                problems.or(ApplicationDraft { name, email, website, promotion, terms })
            }
            _ => Err(problems),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named() {
        let form = ApplicationForm { website: "x".repeat(301), ..ApplicationForm::default() };
        let problems = form.draft().unwrap_err();
        let fields: Vec<_> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["name", "email", "website", "promotion", "accept"]);
    }

    #[test]
    fn the_website_may_be_left_empty() {
        let form = ApplicationForm {
            name: "Amara".into(),
            email: "Amara@slowpages.example".into(),
            promotion: "A letter on Sundays.".into(),
            terms: "trm_01h455vb4pex5vsknk084sn02q".into(),
            accept: "on".into(),
            ..ApplicationForm::default()
        };
        assert_eq!(form.draft().unwrap().website, None);
    }
}
