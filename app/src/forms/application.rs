//! The form of an application to a program.

use std::collections::BTreeMap;

use domain::applications::{ApplicationDraft, Promotion, Website};
use domain::fields::{Name, Problems, WHOLE_FORM};
use domain::ids::TermsId;
use domain::questions::Questions;
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
    /// The version of the questions that the page showed.
    pub questions: String,
    /// Not empty where the box is ticked.
    pub accept: String,
}

impl ApplicationForm {
    /// Reads the form, with the answers to the program's own questions by their ids.
    ///
    /// # Errors
    /// The problems, by field; that of an answer is the question's id.
    pub fn draft(
        &self,
        questions: &Questions,
        answers: &BTreeMap<String, String>,
    ) -> Result<ApplicationDraft, Problems> {
        const ASK: &str = "Accept the terms to apply";
        let mut problems = Problems::new();
        let name = problems.keep("name", Name::parse(&self.name, "your name"));
        let email = problems.keep("email", self.email.parse());
        let website = problems.keep("website", Website::parse(&self.website));
        let promotion = problems.keep("promotion", Promotion::parse(&self.promotion));
        let answers = questions.answers(answers).map_err(|wrong| problems.0.extend(wrong.0)).ok();
        let terms = if self.accept.is_empty() { None } else { self.terms.parse::<TermsId>().ok() };
        let terms = problems.keep("accept", terms.ok_or(ASK));
        let version = questions.version();
        if self.questions != version {
            problems.add(WHOLE_FORM, "The questions have changed. Check your answers, then apply");
        }
        match (name, email, website, promotion, answers, terms) {
            (Some(name), Some(email), Some(website), Some(promotion), Some(answers), Some(terms)) => {
                let draft = ApplicationDraft {
                    name,
                    email,
                    website,
                    promotion: Some(promotion),
                    terms,
                    questions: version,
                    answers,
                };
                problems.or(draft)
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
        let form = ApplicationForm { questions: Questions::default().version(), ..form };
        let problems = form.draft(&Questions::default(), &BTreeMap::new()).unwrap_err();
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
            questions: Questions::default().version(),
            ..ApplicationForm::default()
        };
        let draft = |form: &ApplicationForm| form.draft(&Questions::default(), &BTreeMap::new());
        assert_eq!(draft(&form).unwrap().website, None);
        let problems = draft(&ApplicationForm { questions: "older".into(), ..form }).unwrap_err();
        assert_eq!(problems.0[0].field, WHOLE_FORM);
    }
}
