//! Text from strangers, in the places where markup is easily broken.

use leptos::prelude::*;

use super::super::*;
use super::{render, select};
use crate::forms::{Field, Flash, FormState};
use crate::text::When;

const SCRIPT: &str = "</textarea></title></script><script>alert(1)</script>\" onfocus=\"alert(1)";

fn hostile_field() -> Field {
    Field { name: "note".into(), value: SCRIPT.into(), error: Some(SCRIPT.into()) }
}

fn assert_inert(html: &scraper::Html) {
    assert_eq!(html.select(&select("script")).count(), 0, "{}", html.html());
    assert_eq!(html.select(&select("[onfocus]")).count(), 0, "{}", html.html());
}

#[test]
fn a_textarea_keeps_its_text() {
    for value in [SCRIPT, "\nbegins with a line feed", "&lt;b&gt; & <b>", "plain", ""] {
        let field = Field { value: value.into(), ..hostile_field() };
        let html = render(move || view! { <TextArea field label="Note"/> }.into_any());
        assert_inert(&html);
        let text: String = html.select(&select("textarea")).next().unwrap().text().collect();
        assert_eq!(text, value);
    }
}

#[test]
fn inputs_keep_their_values() {
    let html = render(|| {
        let field = hostile_field;
        view! {
            <TextField field=field() label=SCRIPT hint=SCRIPT/>
            <NumberField field=field() label=SCRIPT unit=SCRIPT/>
            <ChoiceField field=field() label=SCRIPT choices=vec![Choice::new(SCRIPT, SCRIPT, SCRIPT)]/>
            <SelectField field=field() label=SCRIPT choices=vec![Choice::plain(SCRIPT, SCRIPT)]/>
            <CopyField id="copied" label=SCRIPT value=SCRIPT/>
            <CodeBlock id="code" label=SCRIPT code=SCRIPT/>
        }
        .into_any()
    });
    assert_inert(&html);
    for input in html.select(&select("input")) {
        assert_eq!(input.value().attr("value"), Some(SCRIPT));
    }
    let code: String = html.select(&select("#code")).next().unwrap().text().collect();
    assert_eq!(code, SCRIPT);
}

#[test]
fn a_password_never_comes_back() {
    let html = render(|| view! { <PasswordField field=hostile_field() label="Password"/> }.into_any());
    let input = html.select(&select("input")).next().unwrap();
    assert_eq!(input.value().attr("value"), None);
}

#[test]
fn names_and_messages_are_only_text() {
    let html = render(|| {
        let at = When { text: SCRIPT.into(), iso: SCRIPT.into() };
        let point = ChartPoint { label: SCRIPT.into(), iso: SCRIPT.into(), value: 1, other: 0 };
        let chart = ChartView {
            summary: SCRIPT.into(),
            caption: SCRIPT.into(),
            step: "Day",
            unit: ChartUnit::Count,
            series: SCRIPT.into(),
            other: None,
            points: vec![point.clone(), point],
            growing: true,
        };
        view! {
            <PageHead title=SCRIPT lead=SCRIPT/>
            <Breadcrumbs crumbs=vec![Crumb::link(SCRIPT, "/"), Crumb::here(SCRIPT)]/>
            <ProgramLogo name=SCRIPT/>
            <Flashes flashes=vec![Flash::problem(SCRIPT)]/>
            <Chart chart/>
            <Timeline items=vec![Happening::new(Cell::Dot, SCRIPT, at)]/>
            <Status state=State::PENDING note=SCRIPT/>
        }
        .into_any()
    });
    assert_inert(&html);
    let heading: String = html.select(&select("h1")).next().unwrap().text().collect();
    assert_eq!(heading, SCRIPT);
}

#[test]
fn the_error_summary_leads_to_each_field_in_order() {
    let mut form = FormState::default().typed("form[rate]", "250");
    form.refuse("form[rate]", "Enter a percentage from 0.01 to 100");
    form.refuse("agree", "Agree to the terms");
    let html = render(move || {
        view! {
            <ErrorSummary errors=form.errors().to_vec()/>
            <NumberField field=form.field("form[rate]", "25") label="Share" unit="%" hint="Up to two decimals"/>
            <Checkbox field=form.field("agree", "") checked=false label="I agree".into_any()/>
        }
        .into_any()
    });
    let links: Vec<_> =
        html.select(&select(".error-summary a")).filter_map(|link| link.value().attr("href")).collect();
    assert_eq!(links, ["#form-rate", "#agree"]);
    let rate = html.select(&select("#form-rate")).next().unwrap();
    assert_eq!(rate.value().attr("name"), Some("form[rate]"));
    assert_eq!(rate.value().attr("value"), Some("250"));
    assert_eq!(rate.value().attr("aria-invalid"), Some("true"));
    assert_eq!(rate.value().attr("aria-describedby"), Some("form-rate-hint form-rate-error"));
    let error: String = html.select(&select("#form-rate-error")).next().unwrap().text().collect();
    assert_eq!(error, "Error: Enter a percentage from 0.01 to 100");
}

#[test]
fn a_form_without_problems_has_no_summary() {
    let html = render(|| view! { <ErrorSummary errors=vec![]/> }.into_any());
    assert_eq!(html.select(&select("*")).count(), 1, "only the fragment's root");
}
