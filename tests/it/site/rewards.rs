//! The form of rewards, without JavaScript: buttons inside it change the list, a preview compares,
//! and what is saved is what everyone reads.

use domain::terms::{Recurrence, Terms};
use engine::programs::terms;
use scraper::{ElementRef, Html, Selector};

use super::{Browser, Merchant, Site};

const FORM: &str = "/do/terms/preview";

/// The fields of a form on a page, as a browser would send them.
fn fields_of(page: &str, action: &str) -> Vec<(String, String)> {
    let page = Html::parse_document(page);
    let controls = Selector::parse(&format!("form[action='{action}'] :is(input, select)")).unwrap();
    let option = Selector::parse("option[selected]").unwrap();
    let value = |control: ElementRef<'_>| match control.value().name() {
        "select" => Some(control.select(&option).next()?.value().attr("value")?.to_owned()),
        _ => Some(control.value().attr("value").unwrap_or_default().to_owned()),
    };
    page.select(&controls)
        .filter(|control| match control.value().attr("type") {
            Some("radio" | "checkbox") => control.value().attr("checked").is_some(),
            _ => true,
        })
        .filter_map(|control| Some((control.value().attr("name")?.to_owned(), value(control)?)))
        .collect()
}

fn set(fields: &mut Vec<(String, String)>, name: &str, value: &str) {
    match fields.iter_mut().find(|(known, _)| known == name) {
        Some(field) => value.clone_into(&mut field.1),
        None => fields.push((name.to_owned(), value.to_owned())),
    }
}

struct Form<'s> {
    browser: Browser<'s>,
    page: String,
}

impl<'s> Form<'s> {
    async fn open(site: &'s Site, merchant: &Merchant) -> Self {
        let browser = Browser::signed_in(site, &merchant.email).await;
        Self { browser, page: format!("/programs/{}/settings/terms", merchant.program.id) }
    }

    async fn fields(&self) -> Vec<(String, String)> {
        fields_of(&self.browser.get(&self.page).await.body, FORM)
    }

    /// Sends the form and follows where it leads.
    async fn send(&self, action: &str, fields: &[(String, String)]) -> String {
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = self.browser.post(action, &fields).await;
        assert!(answer.status.is_redirection(), "{} {}", answer.status, answer.body);
        let to = answer.location().split('#').next().unwrap_or_default().to_owned();
        let page = self.browser.get(&to).await;
        assert!(page.status.is_success(), "{to}: {}", page.status);
        page.body
    }

    /// Presses a button inside the list.
    async fn press(&self, fields: &[(String, String)], button: &str) -> Vec<(String, String)> {
        let mut sent = fields.to_vec();
        sent.push(("edit".to_owned(), button.to_owned()));
        fields_of(&self.send(FORM, &sent).await, FORM)
    }
}

async fn in_force(site: &Site, merchant: &Merchant) -> (i64, Terms) {
    let current = terms::current(&site.engine, &merchant.actor, &merchant.program.id).await.unwrap();
    (current.version, current.terms)
}

#[tokio::test]
async fn a_simple_program_gets_steps_and_rewards_by_buttons() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let form = Form::open(&site, &merchant).await;
    let simple = form.fields().await;
    assert!(simple.iter().all(|(name, _)| !name.starts_with("rewards")), "{simple:?}");
    // A step, and a reward before the one for all other payments.
    let fields = form.press(&simple, "add-step.0").await;
    let fields = form.press(&fields, "add").await;
    let value = |fields: &[(String, String)], name: &str| {
        fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    };
    assert_eq!(value(&fields, "rewards[1][steps][0][value]").as_deref(), Some("20"), "{fields:?}");
    assert_eq!(value(&fields, "rewards[1][steps][1][recurrence]").as_deref(), Some("lifetime"));
    assert_eq!(in_force(&site, &merchant).await.0, 1, "nothing is saved");
    let mut fields = fields;
    for (name, entered) in [
        ("rewards[0][name]", "Large <orders>"),
        ("rewards[0][at_least]", "500"),
        ("rewards[0][countries]", "us, ca"),
        ("rewards[0][steps][0][value]", "35"),
        ("rewards[0][steps][0][recurrence]", "lifetime"),
        ("rewards[1][steps][1][value]", "10"),
        ("terms[cap_per_payment]", "300"),
    ] {
        set(&mut fields, name, entered);
    }
    let preview = form.send(FORM, &fields).await;
    for text in ["Large &lt;orders&gt;", "35% of each payment, for life", "500.00 USD or more", "US or CA"] {
        assert!(preview.contains(text), "{text}: {preview}");
    }
    assert_eq!(in_force(&site, &merchant).await.0, 1, "nothing is saved");
    let saved = form.send("/do/terms/change", &fields_of(&preview, "/do/terms/change")).await;
    assert!(saved.contains("Version 2 of the terms is in effect."), "{saved}");
    let (version, terms) = in_force(&site, &merchant).await;
    assert_eq!((version, terms.rewards.count(), terms.caps.per_payment), (2, 2, Some(30_000)));
    assert_eq!(terms.rewards.first().conditions.countries, ["US", "CA"]);
    assert_eq!(terms.rewards.last().steps.last().recurrence, Recurrence::Lifetime);
    // The same form again changes nothing.
    let again = form.send(FORM, &form.fields().await).await;
    assert!(again.contains("already in effect"), "{again}");
}

#[tokio::test]
async fn problems_are_shown_at_their_fields_and_lose_nothing() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let form = Form::open(&site, &merchant).await;
    let mut fields = form.press(&form.fields().await, "add").await;
    for (name, entered) in [
        ("rewards[0][steps][0][value]", "much"),
        ("rewards[0][products]", "prod_1, prod_2"),
        ("rewards[0][currencies]", "dollars"),
        ("rewards[1][at_most]", "-3"),
    ] {
        set(&mut fields, name, entered);
    }
    let page = form.send(FORM, &fields).await;
    for id in ["rewards-0-steps-0-value", "rewards-0-currencies", "rewards-1-at_most"] {
        assert!(page.contains(&format!("id=\"{id}-error\"")), "{id}: {page}");
    }
    assert!(page.contains("value=\"much\"") && page.contains("value=\"prod_1, prod_2\""), "{page}");
    // Two rewards for every payment: the second could never apply.
    let fields = form.press(&form.fields().await, "add").await;
    let page = form.send(FORM, &fields).await;
    assert!(page.contains("so the rewards after it never apply"), "{page}");
    assert!(page.contains("id=\"rewards-0-join-error\""), "{page}");
    // What no form has changes nothing, and breaks nothing.
    for button in ["up.9", "remove-step.0.7", "remove.4", "nothing"] {
        form.press(&form.fields().await, button).await;
    }
    assert_eq!(in_force(&site, &merchant).await.0, 1);
}

#[tokio::test]
async fn affiliates_and_visitors_read_every_reward() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let form = Form::open(&site, &merchant).await;
    let mut fields = form.press(&form.fields().await, "add").await;
    for (name, entered) in [
        ("rewards[0][name]", "Renewals"),
        ("rewards[0][order]", "renewal"),
        ("rewards[0][steps][0][value]", "5"),
        ("terms[cap_per_customer]", "400"),
    ] {
        set(&mut fields, name, entered);
    }
    let preview = form.send(FORM, &fields).await;
    form.send("/do/terms/change", &fields_of(&preview, "/do/terms/change")).await;
    let page = domain::join_pages::JoinPage { is_on: true, ..Default::default() };
    engine::programs::join_page::change(&site.engine, &merchant.actor, &merchant.program.id, &page)
        .await
        .unwrap();
    let path = app::routes::join(&merchant.program.slug);
    let join = site.get(&path).await.body;
    for text in ["Earn up to 20% of a payment", "Renewals", "later payments", "400.00 USD per customer"] {
        assert!(join.contains(text), "{text}: {join}");
    }
    // 10 customers a month who pay 50.00: renewals at 5%, then everything at 20%.
    let renewals = site.get(&format!("{path}?reward=1")).await.body;
    assert!(renewals.contains("from 0.00 USD in month 1"), "{renewals}");
    let rest = site.get(&format!("{path}?reward=2")).await.body;
    assert!(rest.contains("from 100.00 USD in month 1"), "{rest}");
}
