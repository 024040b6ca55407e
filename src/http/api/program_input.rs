//! Programs as they are sent, turned into what the forms send.

use domain::money::Currency;
use domain::programs::ProgramInput;
use domain::terms::{RulesInput, Terms};
use engine::programs::Program;
use serde::Deserialize;
use utoipa::ToSchema;

use super::rules_input::{Commission, Recurrence, TermsInput, replace};
use super::words;

/// A new program with its first terms.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "name": "Acme partners",
    "website": "https://acme.example",
    "currency": "usd",
    "timeZone": "Europe/Berlin",
    "landingHosts": ["shop.acme.example"],
    "autoApprove": false,
    "requireConsent": false,
    "commission": {"kind": "percent", "percent": "25"},
    "recurrence": {"kind": "months", "months": 12},
    "windowDays": 60,
    "holdDays": 30,
    "minimumPayout": 10000,
    "clickModel": "last",
    "proofOrder": "coupon_first",
}))]
pub struct NewProgram {
    /// Its name, up to 80 characters.
    #[schema(required = true, nullable = false)]
    name: Option<String>,
    /// The site that links lead to.
    #[schema(required = true, nullable = false)]
    website: Option<String>,
    /// The currency of fixed commissions, the smallest payout and reports; it stays.
    #[schema(required = true, nullable = false)]
    currency: Option<String>,
    /// An IANA time zone; UTC when left out.
    time_zone: Option<String>,
    /// Further hosts that links may lead to, beside the website's.
    allowed_domains: Option<Vec<String>>,
    /// Whether those who apply are let in at once; false when left out.
    auto_approve: Option<bool>,
    /// Whether the site asks for consent before anything is stored; false when left out.
    require_consent: Option<bool>,
    /// What is earned; 20 % when left out.
    commission: Option<Commission>,
    /// For how long; 12 months when left out.
    recurrence: Option<Recurrence>,
    /// Days from click to first payment, 1 to 365; 30 when left out.
    window_days: Option<i64>,
    /// Days that a commission is held back, 0 to 365; 30 when left out.
    hold_days: Option<i64>,
    /// The smallest payout in minor units; 5000 when left out.
    minimum_payout: Option<i64>,
    /// Which click counts when a buyer came by several; `last` when left out.
    #[schema(value_type = Option<words::ClickModel>)]
    click_model: Option<String>,
    /// Whether promotion codes or clicks are looked at first; `coupon_first` when left out.
    #[schema(value_type = Option<words::AttributionPriority>)]
    proof_order: Option<String>,
}

impl NewProgram {
    /// The two forms that say the same.
    pub fn into_forms(self) -> (ProgramInput, RulesInput) {
        let program = ProgramInput {
            name: self.name.unwrap_or_default(),
            website: self.website.unwrap_or_default(),
            allowed_domains: self.allowed_domains.unwrap_or_default().join("\n"),
            currency: self.currency.unwrap_or_default(),
            time_zone: self.time_zone.unwrap_or_default(),
            auto_approve: checkbox(self.auto_approve.unwrap_or_default()),
            require_consent: checkbox(self.require_consent.unwrap_or_default()),
        };
        // With no currency there is no program; amounts are looked at all the same.
        let currency: Currency =
            program.currency.parse().unwrap_or_else(|_| "usd".parse().expect("three letters"));
        let terms = TermsInput {
            commission: self.commission,
            recurrence: self.recurrence,
            window_days: self.window_days,
            hold_days: self.hold_days,
            minimum_payout: self.minimum_payout,
            click_model: self.click_model,
            proof_order: self.attribution_priority,
        };
        (program, terms.over(&Terms::default(), currency))
    }
}

/// Changes of a program; what is left out stays. The currency stays always, and terms are
/// changed by a new version.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Acme affiliates", "status": "paused"}))]
pub struct ProgramChange {
    name: Option<String>,
    website: Option<String>,
    time_zone: Option<String>,
    /// All hosts that links may lead to, beside the website's.
    allowed_domains: Option<Vec<String>>,
    auto_approve: Option<bool>,
    require_consent: Option<bool>,
    /// `paused`: clicks do not count, known customers still earn. `archived`: nothing is credited any more.
    #[schema(value_type = Option<words::ProgramStatus>)]
    pub status: Option<String>,
}

impl ProgramChange {
    /// The form with the changes laid over the program, if there are any.
    pub fn over(self, program: &Program) -> Option<ProgramInput> {
        let changes = self.name.is_some()
            || self.website.is_some()
            || self.time_zone.is_some()
            || self.allowed_domains.is_some()
            || self.auto_approve.is_some()
            || self.require_consent.is_some();
        let mut form = ProgramInput {
            name: program.name.clone(),
            website: program.website.clone(),
            allowed_domains: program.allowed_domains.stored(),
            currency: program.currency.code().to_owned(),
            time_zone: program.time_zone.clone(),
            auto_approve: checkbox(self.auto_approve.unwrap_or(program.auto_approve)),
            require_consent: checkbox(self.require_consent.unwrap_or(program.require_consent)),
        };
        replace(&mut form.name, self.name);
        replace(&mut form.website, self.website);
        replace(&mut form.time_zone, self.time_zone);
        replace(&mut form.allowed_domains, self.allowed_domains.map(|hosts| hosts.join("\n")));
        changes.then_some(form)
    }
}

fn checkbox(ticked: bool) -> String {
    if ticked { "on".to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use domain::fields::Problems;

    use super::*;

    #[test]
    fn a_body_becomes_the_two_forms() {
        let body: NewProgram = serde_json::from_str(
            r#"{"name": "Acme", "website": "https://acme.example", "currency": "EUR", "autoApprove": true,
                "landingHosts": ["shop.acme.example", "acme.test"], "windowDays": 60, "minimumPayout": 10000}"#,
        )
        .expect("the shape");
        let (program, rules) = body.into_forms();
        let mut problems = Problems::new();
        let draft = program.parse(&mut problems).expect("a draft");
        assert!(draft.auto_approve && !draft.require_consent);
        assert_eq!(draft.allowed_domains.domains(), ["acme.example", "shop.acme.example", "acme.test"]);
        let rules = rules.parse(draft.currency, &mut problems).expect("rules");
        assert_eq!((rules.window_days, rules.hold_days, rules.minimum_payout_minor), (60, 30, 10_000));
    }

    #[test]
    fn an_empty_body_names_what_is_needed() {
        let body: NewProgram = serde_json::from_str("{}").expect("the shape");
        let (program, rules) = body.into_forms();
        let mut problems = Problems::new();
        assert!(program.parse(&mut problems).is_none());
        assert!(rules.parse("usd".parse().expect("a currency"), &mut problems).is_some());
        let fields: Vec<_> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["name", "website", "currency"]);
    }
}
