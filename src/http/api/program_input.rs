//! The JSON bodies that create and change a program.

use domain::fields::{Name, Problems};
use domain::leads::BrowserLeads;
use domain::programs::{
    AllowedDomains, DomainName, ProgramChange, ProgramDraft, ProgramStatus, TimeZoneName, parse_web_url,
};
use domain::terms::Terms;
use serde::Deserialize;
use url::Url;
use utoipa::ToSchema;

use super::enum_schemas;
use super::formats::{MinorUnits, Object};
use super::rewards_input::{CapsInput, CommissionInput, RecurrenceInput, RewardInput};
use super::terms_input::TermsInput;
use super::text_schemas;

/// A new program with its first terms.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "name": "Acme partners",
    "website": "https://acme.example",
    "currency": "usd",
    "timeZone": "Europe/Berlin",
    "allowedDomains": ["shop.acme.example"],
    "autoApprove": false,
    "requireConsent": false,
    "respectGlobalPrivacyControl": false,
    "browserLeads": "count",
    "commission": {"kind": "percent", "percent": "25"},
    "recurrence": {"kind": "months", "months": 12},
    "windowDays": 60,
    "holdDays": 30,
    "minimumPayout": 10000,
    "clickModel": "last",
    "attributionPriority": "promotion_code",
}))]
pub struct NewProgram {
    /// Its name, up to 80 characters.
    #[schema(required = true, nullable = false, value_type = text_schemas::NameText)]
    name: Option<String>,
    /// The website that links lead to.
    #[schema(required = true, nullable = false, value_type = text_schemas::WebUrlText)]
    website: Option<String>,
    /// The currency of reports, fixed commissions and the minimum payout. It can't be changed later.
    #[schema(required = true, nullable = false, value_type = text_schemas::CurrencyText)]
    currency: Option<String>,
    /// An IANA time zone. Defaults to UTC.
    #[schema(value_type = Option<text_schemas::TimeZoneText>)]
    time_zone: Option<String>,
    /// Domains that links can lead to, in addition to the website's.
    #[schema(value_type = Option<Vec<text_schemas::DomainText>>)]
    allowed_domains: Option<Vec<String>>,
    /// Whether applications are approved automatically. Defaults to true. Affiliates that you add yourself are always
    /// active immediately.
    auto_approve: Option<bool>,
    /// Whether the script waits for the visitor's consent. Defaults to false.
    require_consent: Option<bool>,
    /// Whether Global Privacy Control is respected: visitors who send it are not tracked. Defaults to false.
    respect_global_privacy_control: Option<bool>,
    /// How to treat leads reported only by a browser. Defaults to `count`.
    #[schema(value_type = Option<enum_schemas::BrowserLeads>)]
    browser_leads: Option<String>,
    /// All rewards, in order, if payments earn different commissions.
    #[schema(value_type = Option<Vec<RewardInput>>, min_items = 1, max_items = 20)]
    rewards: Option<Vec<Object<RewardInput>>>,
    /// The commission. Defaults to 20%.
    #[schema(value_type = Option<CommissionInput>)]
    commission: Option<Object<CommissionInput>>,
    /// Which payments earn a commission. Defaults to the first 12 months.
    #[schema(value_type = Option<RecurrenceInput>)]
    recurrence: Option<Object<RecurrenceInput>>,
    /// Limits of what is paid.
    #[schema(value_type = Option<CapsInput>)]
    caps: Option<Object<CapsInput>>,
    /// The cookie window: days from click to first payment, 1 to 365. Defaults to 30.
    #[schema(minimum = 1, maximum = 365)]
    window_days: Option<i64>,
    /// The hold period: days until a commission is payable, 0 to 365. Defaults to 30.
    #[schema(minimum = 0, maximum = 365)]
    hold_days: Option<i64>,
    /// The minimum payout in minor units. Defaults to 5000.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 999_999_999_999_i64)]
    minimum_payout: Option<MinorUnits>,
    /// Which click counts if a buyer clicked several links. Defaults to `last`.
    #[schema(value_type = Option<enum_schemas::ClickModel>)]
    click_model: Option<String>,
    /// Which affiliate is credited if a promotion code and a click lead to different ones. Defaults to
    /// `promotion_code`.
    #[schema(value_type = Option<enum_schemas::AttributionPriority>)]
    attribution_priority: Option<String>,
    /// Whether invoices paid entirely outside Stripe earn a commission. Defaults to false.
    outside_stripe: Option<bool>,
}

impl NewProgram {
    /// Reads what was sent.
    ///
    /// # Errors
    /// Every problem, by field.
    pub fn read(self) -> Result<(ProgramDraft, Terms), Problems> {
        let mut problems = Problems::new();
        let name = problems.keep("name", read_name(&self.name.unwrap_or_default()));
        let website = problems.keep("website", parse_web_url(&self.website.unwrap_or_default()));
        let currency = problems.keep("currency", self.currency.unwrap_or_default().parse());
        let time_zone = match &self.time_zone {
            Some(zone) => problems.keep("timeZone", zone.parse()),
            None => Some(TimeZoneName::utc()),
        };
        let further = domains(self.allowed_domains.unwrap_or_default(), &mut problems);
        let allowed_domains = website.as_ref().and_then(|website: &Url| {
            problems.keep("allowedDomains", AllowedDomains::new(website, &further))
        });
        let terms = TermsInput {
            rewards: self.rewards,
            commission: self.commission,
            recurrence: self.recurrence,
            caps: self.caps,
            window_days: self.window_days,
            hold_days: self.hold_days,
            minimum_payout: self.minimum_payout,
            click_model: self.click_model,
            attribution_priority: self.attribution_priority,
            outside_stripe: self.outside_stripe,
        };
        let change = terms.read(&mut problems);
        let terms = match change.applied_to(&Terms::default()) {
            Ok(terms) => terms,
            Err(found) => {
                problems.0.extend(found.0);
                Terms::default()
            }
        };
        let leads = self.browser_leads.and_then(|word| browser_leads(&word, &mut problems));
        let (Some(name), Some(website), Some(currency), Some(time_zone), Some(allowed_domains)) =
            (name, website, currency, time_zone, allowed_domains)
        else {
            return Err(problems);
        };
        let draft = ProgramDraft {
            allowed_domains,
            time_zone,
            auto_approve: self.auto_approve.unwrap_or(ProgramDraft::AUTO_APPROVE),
            require_consent: self.require_consent.unwrap_or_default(),
            respect_gpc: self.respect_global_privacy_control.unwrap_or_default(),
            browser_leads: leads.unwrap_or(BrowserLeads::Count),
            ..ProgramDraft::new(name, website, currency)
        };
        problems.or((draft, terms))
    }
}

/// Changes to a program. Fields left out stay unchanged. The currency can't be changed. To change the terms, add a
/// version.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ProgramChange, example = json!({"name": "Acme affiliates", "status": "paused"}))]
pub struct ProgramChangeInput {
    #[schema(value_type = Option<text_schemas::NameText>)]
    name: Option<String>,
    #[schema(value_type = Option<text_schemas::WebUrlText>)]
    website: Option<String>,
    #[schema(value_type = Option<text_schemas::TimeZoneText>)]
    time_zone: Option<String>,
    /// All domains that links can lead to, in addition to the website's.
    #[schema(value_type = Option<Vec<text_schemas::DomainText>>)]
    allowed_domains: Option<Vec<String>>,
    auto_approve: Option<bool>,
    require_consent: Option<bool>,
    respect_global_privacy_control: Option<bool>,
    #[schema(value_type = Option<enum_schemas::BrowserLeads>)]
    browser_leads: Option<String>,
    /// `paused`: clicks are not tracked, but affiliates keep earning on existing customers. `archived`: nothing is credited.
    #[schema(value_type = Option<enum_schemas::ProgramStatus>)]
    status: Option<String>,
}

impl ProgramChangeInput {
    /// Reads what was sent.
    ///
    /// # Errors
    /// Every problem, by field.
    pub fn read(self) -> Result<ProgramChange, Problems> {
        let mut problems = Problems::new();
        let name = self.name.and_then(|name| problems.keep("name", read_name(&name)));
        let website = self.website.and_then(|website| problems.keep("website", parse_web_url(&website)));
        let time_zone = self.time_zone.and_then(|zone| problems.keep("timeZone", zone.parse()));
        let further_domains = self.allowed_domains.map(|entries| domains(entries, &mut problems));
        let status = self.status.and_then(|word| {
            let status = ProgramStatus::from_word(&word).ok_or("Choose one of active, paused, archived");
            problems.keep("status", status)
        });
        let browser_leads = self.browser_leads.and_then(|word| browser_leads(&word, &mut problems));
        problems.or(ProgramChange {
            name,
            website,
            further_domains,
            time_zone,
            auto_approve: self.auto_approve,
            require_consent: self.require_consent,
            respect_gpc: self.respect_global_privacy_control,
            browser_leads,
            status,
        })
    }
}

fn browser_leads(word: &str, problems: &mut Problems) -> Option<BrowserLeads> {
    let read = BrowserLeads::from_word(word).ok_or("Choose one of count, review, off");
    problems.keep("browserLeads", read)
}

fn read_name(text: &str) -> Result<Name, String> {
    Name::parse(text, "a name for the program")
}

/// Reads domains; each one that is not a domain is a problem at its place.
fn domains(entries: Vec<String>, problems: &mut Problems) -> Vec<DomainName> {
    let read =
        |(index, entry): (usize, String)| problems.keep(&format!("allowedDomains[{index}]"), entry.parse());
    entries.into_iter().enumerate().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_body_becomes_a_draft_and_terms() {
        let body: NewProgram = serde_json::from_str(
            r#"{"name": "Acme", "website": "https://acme.example", "currency": "EUR", "autoApprove": true,
                "allowedDomains": ["shop.acme.example", "acme.test"], "windowDays": 60, "minimumPayout": 10000}"#,
        )
        .expect("the shape");
        let (draft, terms) = body.read().expect("a draft");
        assert!(draft.auto_approve && !draft.require_consent);
        assert_eq!(draft.allowed_domains.domains(), ["acme.example", "shop.acme.example", "acme.test"]);
        assert_eq!((terms.window_days, terms.hold_days, terms.minimum_payout_minor), (60, 30, 10_000));
    }

    #[test]
    fn an_empty_body_names_what_is_needed() {
        let body: NewProgram = serde_json::from_str("{}").expect("the shape");
        let problems = body.read().expect_err("problems");
        let fields: Vec<_> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["name", "website", "currency"]);
    }

    #[test]
    fn an_entry_that_is_not_a_domain_is_named_at_its_place() {
        let body: ProgramChangeInput =
            serde_json::from_str(r#"{"allowedDomains": ["acme.test", "not a host!"]}"#).expect("the shape");
        let problems = body.read().expect_err("problems");
        assert_eq!(problems.0[0].field, "allowedDomains[1]");
        assert!(problems.0[0].message.contains("“not a host!”"));
    }

    #[test]
    fn a_change_holds_only_what_was_sent() {
        let body: ProgramChangeInput = serde_json::from_str(r#"{"status": "paused"}"#).expect("the shape");
        assert_eq!(body.read(), Ok(ProgramChange::status(ProgramStatus::Paused)));
    }
}
