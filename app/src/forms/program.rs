//! The forms that create a program and change its settings.

use domain::fields::{Name, Problems};
use domain::leads::BrowserLeads;
use domain::money::Currency;
use domain::programs::{
    AllowedDomains, DomainName, ProgramChange, ProgramDraft, TimeZoneName, parse_web_url,
};
use engine::programs::Program;
use serde::{Deserialize, Serialize};
use url::Url;

/// The fields as they were entered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProgramForm {
    /// The program's name.
    pub name: String,
    /// The merchant's site.
    pub website: String,
    /// Domains that links may lead to beside the website's, separated by commas or lines.
    pub allowed_domains: String,
    /// Three letters; only in the form that creates a program.
    pub currency: String,
    /// An IANA time zone.
    pub time_zone: String,
    /// Not empty where the box is ticked.
    pub auto_approve: String,
    /// Not empty where the box is ticked.
    pub require_consent: String,
    /// Not empty where the box is ticked.
    pub respect_gpc: String,
    /// A word of [`BrowserLeads`]; only in the settings.
    pub browser_leads: String,
}

/// What both forms have in common.
struct Settings {
    name: Name,
    website: Url,
    further_domains: Vec<DomainName>,
    time_zone: TimeZoneName,
}

impl ProgramForm {
    /// The form filled with a program's settings.
    pub fn of(program: &Program) -> Self {
        let tick = |ticked: bool| if ticked { "on".to_owned() } else { String::new() };
        Self {
            name: program.name.clone(),
            website: program.website.clone(),
            allowed_domains: program.allowed_domains.further().join(", "),
            currency: program.currency.code().to_owned(),
            time_zone: program.time_zone.clone(),
            auto_approve: tick(program.auto_approve),
            require_consent: tick(program.require_consent),
            respect_gpc: tick(program.respect_gpc),
            browser_leads: program.browser_leads.word().to_owned(),
        }
    }

    /// Reads the form that creates a program, noting every problem.
    pub fn draft(&self, problems: &mut Problems) -> Option<ProgramDraft> {
        let settings = self.settings(problems);
        let currency: Option<Currency> = problems.keep("currency", self.currency.parse());
        let Settings { name, website, further_domains, time_zone } = settings?;
        let allowed_domains = AllowedDomains::new(&website, &further_domains);
        let allowed_domains = problems.keep("allowed_domains", allowed_domains)?;
        Some(ProgramDraft {
            allowed_domains,
            time_zone,
            auto_approve: !self.auto_approve.is_empty(),
            require_consent: !self.require_consent.is_empty(),
            respect_gpc: !self.respect_gpc.is_empty(),
            ..ProgramDraft::new(name, website, currency?)
        })
    }

    /// Reads the form that changes the settings.
    ///
    /// # Errors
    /// The problems, by field.
    pub fn change(&self) -> Result<ProgramChange, Problems> {
        let mut problems = Problems::new();
        let settings = self.settings(&mut problems);
        let leads = BrowserLeads::from_word(&self.browser_leads).ok_or("Choose what to do with these leads");
        let browser_leads = problems.keep("browser_leads", leads);
        let (Some(Settings { name, website, further_domains, time_zone }), Some(_)) =
            (settings, browser_leads)
        else {
            return Err(problems);
        };
        Ok(ProgramChange {
            name: Some(name),
            website: Some(website),
            further_domains: Some(further_domains),
            time_zone: Some(time_zone),
            auto_approve: Some(!self.auto_approve.is_empty()),
            require_consent: Some(!self.require_consent.is_empty()),
            respect_gpc: Some(!self.respect_gpc.is_empty()),
            browser_leads,
            status: None,
        })
    }

    fn settings(&self, problems: &mut Problems) -> Option<Settings> {
        let name = problems.keep("name", Name::parse(&self.name, "a name for the program"));
        let website = problems.keep("website", parse_web_url(&self.website));
        let entries =
            self.allowed_domains.split([',', '\n']).map(str::trim).filter(|entry| !entry.is_empty());
        let further: Result<Vec<DomainName>, _> = entries.map(str::parse).collect();
        let further_domains = problems.keep("allowed_domains", further);
        let zone =
            if self.time_zone.trim().is_empty() { Ok(TimeZoneName::utc()) } else { self.time_zone.parse() };
        let time_zone = problems.keep("time_zone", zone);
        Some(Settings {
            name: name?,
            website: website?,
            further_domains: further_domains?,
            time_zone: time_zone?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> ProgramForm {
        ProgramForm {
            name: "Acme".into(),
            website: "https://acme.example".into(),
            currency: "EUR".into(),
            browser_leads: "count".into(),
            ..ProgramForm::default()
        }
    }

    #[test]
    fn an_empty_form_names_what_is_needed() {
        let mut problems = Problems::new();
        assert_eq!(ProgramForm::default().draft(&mut problems), None);
        let fields: Vec<_> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["name", "website", "currency"]);
    }

    #[test]
    fn domains_can_be_separated_by_commas_or_lines() {
        let form = ProgramForm {
            allowed_domains: "shop.acme.example, acme.test\r\nacme.shop,".into(),
            auto_approve: "on".into(),
            ..form()
        };
        let draft = form.draft(&mut Problems::new()).unwrap();
        let expected = ["acme.example", "shop.acme.example", "acme.test", "acme.shop"];
        assert_eq!(draft.allowed_domains.domains(), expected);
        assert!(draft.auto_approve && !draft.require_consent);
        assert_eq!(draft.time_zone, TimeZoneName::utc());
    }

    #[test]
    fn an_entry_that_is_not_a_domain_is_named() {
        let form = ProgramForm { allowed_domains: "acme.test, not a host!".into(), ..form() };
        let problems = form.change().unwrap_err();
        assert_eq!(problems.0.len(), 1);
        assert_eq!(problems.0[0].field, "allowed_domains");
        assert!(problems.0[0].message.contains("“not a host!”"), "{problems:?}");
    }
}
