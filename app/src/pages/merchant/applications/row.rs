//! One application: a line, and below it the answers and the decision.

use domain::applications::ApplicationStatus;
use domain::programs::web_address;
use domain::questions::QuestionKind;
use engine::programs::applications::{Application, Review};
use leptos::prelude::*;

use super::decide::decision_forms;
use crate::components::{Cell, CellIcon, Icon, Time};
use crate::forms::FormState;
use crate::layout::ProgramPage;
use crate::presenters::applications::mark_text;
use crate::presenters::questions::answer_text;
use crate::request::href::safe_href;
use crate::routes;

/// A row of the list. It is open when its form came back with a problem.
pub(super) fn row(page: &ProgramPage, review: Review, form: &FormState) -> impl IntoView + use<> {
    let Review { application, marks, terms_version } = review;
    let is_pending = application.status == ApplicationStatus::Pending;
    let id = application.id.to_string();
    let is_open = form.value("subject", "") == id;
    let pick = is_pending.then(|| {
        let label = format!("Select {}", application.name);
        view! {
            <label class="pick">
                <input type="checkbox" name="applications[]" value=id.clone() form="bulk"/>
                <span class="sr-only">{label}</span>
            </label>
        }
    });
    let signals = if marks.is_empty() {
        view! { <span class="signal muted"><CellIcon cell=Cell::Empty/><span>"Nothing unusual"</span></span> }
            .into_any()
    } else {
        let signal = |mark| {
            let (words, _) = mark_text(mark);
            view! {
                <span class="signal" data-tone="warning"><CellIcon cell=Cell::Alert/><span>{words}</span></span>
            }
        };
        marks.iter().copied().map(signal).collect_view().into_any()
    };
    let known = (!marks.is_empty()).then(|| {
        let items = marks.into_iter().map(|mark| {
            let (words, sentence) = mark_text(mark);
            view! {
                <li data-tone="warning">
                    <CellIcon cell=Cell::Alert/>
                    <div><b>{words}</b><span>{sentence}</span></div>
                </li>
            }
        });
        view! {
            <div class="known">
                <h3>"What to look at"</h3>
                <ul class="signals" role="list">{items.collect_view()}</ul>
            </div>
        }
    });
    let decision = is_pending.then(|| decision_forms(page, &application, form));
    let time = page.zone.ago(application.accepted_at, page.now);
    let answers = answers(page, &application, terms_version);
    let website = application.website.clone().map(|website| view! { <small>{website}</small> });
    view! {
        <li>
            {pick}
            <details name="application" open=is_open>
                <summary>
                    <span><b>{application.name}</b><small>{application.email.to_string()}</small>{website}</span>
                    <span class="says">{application.promotion}</span>
                    <span class="signals">{signals}</span>
                    <Time at=time/>
                    <Icon name="down"/>
                </summary>
                <div class="application">{answers}{known}{decision}</div>
            </details>
        </li>
    }
}

/// What the applicant wrote, and what became of it.
fn answers(page: &ProgramPage, application: &Application, terms_version: i64) -> impl IntoView + use<> {
    let answer =
        |question: String, answer: AnyView| view! { <div><dt>{question}</dt><dd>{answer}</dd></div> };
    let mut answers = Vec::new();
    if !application.promotion.is_empty() {
        answers.push(answer(
            format!("How will you promote {}?", page.actor.merchant_name()),
            view! { <span class="lines">{application.promotion.clone()}</span> }.into_any(),
        ));
    }
    if application.invitation_link_id.is_some() {
        let words = if application.status == ApplicationStatus::Approved {
            "With an invitation link"
        } else {
            "With an invitation link that could no longer be used when the address was confirmed"
        };
        answers.push(answer("Applied".to_owned(), words.into_any()));
    }
    if let Some(website) = &application.website {
        answers.push(answer("Website or channel".to_owned(), website_link(website)));
    }
    answers.extend(application.answers.iter().map(|given| {
        let shown = match (answer_text(given), given.kind) {
            (None, _) => view! { <span class="muted">"No answer"</span> }.into_any(),
            (Some(url), QuestionKind::Url) => website_link(url),
            (Some(text), _) => view! { <span class="lines">{text.to_owned()}</span> }.into_any(),
        };
        answer(given.question.clone(), shown)
    }));
    let accepted = page.zone.date_and_time(application.accepted_at);
    let confirmed = application.confirmed_at.map(|at| {
        let at = page.zone.date_and_time(at);
        view! { ". Email confirmed "<Time at/> }
    });
    answers.push(answer(
        "Accepted".to_owned(),
        view! { {format!("Terms version {terms_version}, ")}<Time at=accepted/>{confirmed} }.into_any(),
    ));
    if let Some(at) = application.decided_at {
        let word = match application.status {
            ApplicationStatus::Declined => "Declined",
            _ => "Approved",
        };
        let at = page.zone.date_and_time(at);
        let reason = application.reason.clone().map(|reason| view! { ". "{reason} });
        answers.push(answer(word.to_owned(), view! { <Time at/>{reason} }.into_any()));
    }
    if let Some(affiliate) = &application.affiliate_id {
        let href = routes::program(&page.program.id).affiliate(affiliate);
        answers.push(answer("Affiliate".to_owned(), view! { <a href=href>"Open"</a> }.into_any()));
    }
    view! { <dl class="answers">{answers}</dl> }
}

fn website_link(website: &str) -> AnyView {
    match web_address(website) {
        Some(url) => {
            let href = safe_href(url.as_str()).to_owned();
            view! { <a href=href rel="noreferrer nofollow noopener">{website.to_owned()}</a> }.into_any()
        }
        None => website.to_owned().into_any(),
    }
}
