//! Repair Webhooks: the button, and the report of the last repair.

use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::header::REFRESH;
use domain::clock::Timestamp;
use domain::deliveries::EventSource;
use domain::money::Money;
use engine::stripe::repair::{Cause, Line, LineState, Outcome, Report};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_axum::ResponseOptions;

use super::super::{page_of, program_of};
use crate::components::{Card, Cell, Icon, Report as ReportList, ReportStep, Time, Tone};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::layout::{ProgramPage, program_path};
use crate::request::access::{Access, engine, merchant};
use crate::request::queries::Parameters;
use crate::text::{count, plural};

/// How long the button waits for the end of a repair. Most take a second or two; one that
/// takes longer is followed on the page.
const WAIT: Duration = Duration::from_secs(5);
/// How often the page of a repair that is under way loads itself again, seconds.
const RELOAD: &str = "2";

/// The button.
pub(super) fn button(program: String, is_primary: bool) -> AnyView {
    let class = if is_primary { "button primary" } else { "button" };
    view! {
        <form method="post" action=RepairStripe::PATH>
            <input type="hidden" name="program" value=program/>
            <button class=class><Icon name="refresh"/>"Repair Webhooks"</button>
        </form>
    }
    .into_any()
}

/// The report of the last repair where it has to do with access that has ended: an earlier
/// one, which found all well, would contradict what the page says.
pub(super) async fn report_about(page: &ProgramPage, ended: Timestamp) -> Access<Option<AnyView>> {
    let report = engine::stripe::repair::latest(&page.engine, &page.actor, &page.program.id).await?;
    let concerns = |report: &Report| {
        report.outcome == Some(Outcome::Trouble) && report.finished_at.is_none_or(|end| end >= ended)
    };
    Ok(report.filter(concerns).map(|report| report_card(page, &report)))
}

/// The report of the last repair, and whether it is news: a daily check that found nothing
/// is none. Nothing before the first one.
pub(super) async fn last_report(page: &ProgramPage) -> Access<Option<(AnyView, bool)>> {
    let report = engine::stripe::repair::latest(&page.engine, &page.actor, &page.program.id).await?;
    Ok(report.map(|report| {
        if report.is_running()
            && let Some(response) = use_context::<ResponseOptions>()
        {
            response.insert_header(REFRESH, HeaderValue::from_static(RELOAD));
        }
        let is_routine = report.cause == "daily" && report.outcome == Some(Outcome::Well);
        (report_card(page, &report), !is_routine)
    }))
}

fn report_card(page: &ProgramPage, report: &Report) -> AnyView {
    let by = match (report.cause.as_str(), &report.by) {
        ("daily", _) => "By Honeyguide itself, ".to_owned(),
        (_, Some(name)) => format!("Started by {name}, "),
        (_, None) => "Started ".to_owned(),
    };
    let took = report
        .finished_at
        .map(|end| format!(", took {} s", count(end.since_ms(report.started_at).max(0) / 1_000 + 1)));
    let started = page.zone.recently(report.started_at, page.now);
    let aside = view! { <p>{by}<Time at=started/>{took}</p> };
    let mut steps: Vec<ReportStep> = report.lines.iter().map(step).collect();
    if report.is_running() {
        steps.push(ReportStep {
            cell: Cell::Pending,
            tone: Tone::Neutral,
            title: "Under way".to_owned(),
            word: "…".to_owned(),
            text: "This page loads itself again until the repair has ended.".into_any(),
        });
    }
    let events = Parameters::default().with("source", EventSource::Backfill.word()).on(&page.path("events"));
    let recovered = (report.recovered > 0).then(|| {
        let label = format!("See the {}", plural(report.recovered, "event", "events"));
        view! { <a href=events>{label}</a> }
    });
    let sentence = match report.recovered {
        0 => report.sentence().to_owned(),
        _ => format!("{} {}", report.sentence(), brought(&report.brought)),
    };
    let foot = view! { <span>{sentence}</span>{recovered} };
    view! {
        <Card id="repair" title="Repair report" aside=aside.into_any() foot=foot.into_any()>
            <ReportList steps/>
        </Card>
    }
    .into_any()
}

/// What the events that were fetched came to.
fn brought(sums: &[Money]) -> String {
    let sums: Vec<String> = sums.iter().filter(|sum| sum.minor != 0).map(Money::to_string).collect();
    if sums.is_empty() {
        "What was missed changed no commission.".to_owned()
    } else {
        format!("What was missed changed commissions by {}.", sums.join(" and "))
    }
}

fn step(line: &Line) -> ReportStep {
    let (cell, tone) = match line.state {
        LineState::Done => (Cell::Paid, Tone::Success),
        LineState::Changed => (Cell::Payable, Tone::Success),
        LineState::Refused => (Cell::Alert, Tone::Danger),
        LineState::NotTried => (Cell::Dashed, Tone::Neutral),
        LineState::Notice => (Cell::Dot, Tone::Warning),
    };
    let quote = line.quote.clone().map(|quote| view! { <code class="code">{quote}</code> });
    let text = line.text.clone();
    ReportStep {
        cell,
        tone,
        title: line.title.clone(),
        word: line.word.clone(),
        text: view! { {text}{quote} }.into_any(),
    }
}

fn flash(report: &Report) -> Flash {
    match report.outcome {
        None => Flash::done("The repair is under way. Its report grows below."),
        Some(Outcome::Well | Outcome::Mended) => Flash::done(report.sentence()),
        Some(Outcome::Trouble | Outcome::Stopped) => Flash::problem(report.sentence()),
    }
}

/// Repairs a program's webhooks.
#[server(prefix = "/do", endpoint = "stripe/repair")]
pub async fn repair_stripe(
    /// The program.
    #[server(default)]
    program: String,
) -> Result<(), ServerFnError> {
    finish(Submission::new(RepairStripe::PATH, page_of(&program, "settings/stripe")), async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        let begun = engine::stripe::repair::start(&engine(), &actor, &id, Cause::Button).await?;
        let report = engine::stripe::repair::wait(&engine(), &actor, &id, &begun.id, WAIT).await?;
        Ok(Redirect::to(program_path(&id, "settings/stripe")).with_flash(flash(&report)))
    })
    .await
}
