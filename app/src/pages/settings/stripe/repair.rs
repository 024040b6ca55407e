//! Repair Webhooks: the button, and the report of the last repair.

use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::header::REFRESH;
use domain::clock::Timestamp;
use domain::deliveries::EventSource;
use domain::repairs::{LineStatus, RepairCause, RepairLine, RepairOutcome};
use engine::stripe::repair::RepairReport;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_axum::ResponseOptions;

use super::super::program_of;
use crate::components::{Card, Cell, Icon, Report, ReportStep, Time, Tone};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::layout::ProgramPage;
use crate::presenters::repair::{recovered_sentence, repair_line, repair_sentence};
use crate::request::access::{Access, engine, merchant};
use crate::request::queries::Parameters;
use crate::routes;
use crate::text::{count, plural};

/// How long the button waits for a repair to end. Most take a second or two; the page follows
/// one that takes longer.
const WAIT: Duration = Duration::from_secs(5);
/// How often the page reloads while a repair is under way, seconds.
const RELOAD: &str = "2";

/// Has the browser load the page again in a moment, for what is under way.
pub(super) fn reload_soon() {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.insert_header(REFRESH, HeaderValue::from_static(RELOAD));
    }
}

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

/// The report of the last repair where it has to do with access that has ended. An earlier
/// one, which found no problems, would contradict what the page says.
pub(super) async fn report_about(page: &ProgramPage, ended: Timestamp) -> Access<Option<AnyView>> {
    let report = engine::stripe::repair::latest(&page.engine, &page.actor, &page.program.id).await?;
    let concerns = |report: &RepairReport| {
        report.outcome == Some(RepairOutcome::NeedsAttention)
            && report.finished_at.is_none_or(|end| end >= ended)
    };
    Ok(report.filter(concerns).map(|report| report_card(page, &report)))
}

/// The report of the last repair, and whether it is news: an automatic check that found no
/// problems is not. `None` before the first one.
pub(super) async fn last_report(page: &ProgramPage) -> Access<Option<(AnyView, bool)>> {
    let report = engine::stripe::repair::latest(&page.engine, &page.actor, &page.program.id).await?;
    Ok(report.map(|report| {
        if report.is_running() {
            reload_soon();
        }
        let is_routine = report.cause == RepairCause::Daily && report.outcome == Some(RepairOutcome::Healthy);
        (report_card(page, &report), !is_routine)
    }))
}

fn report_card(page: &ProgramPage, report: &RepairReport) -> AnyView {
    let by = match (report.cause, &report.by) {
        (RepairCause::Daily, _) => "Automatic check, ".to_owned(),
        (RepairCause::Button | RepairCause::Api, Some(name)) => format!("Started by {name}, "),
        (RepairCause::Button | RepairCause::Api, None) => "Started ".to_owned(),
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
            title: "In progress".to_owned(),
            word: "…".to_owned(),
            text: "This page reloads until the repair is done.".into_any(),
        });
    }
    let events =
        Parameters::default().with("source", EventSource::Backfill.word()).on(&page.routes().events());
    let recovered = (report.recovered > 0).then(|| {
        let label = format!("See the {}", plural(report.recovered, "event", "events"));
        view! { <a href=events>{label}</a> }
    });
    let sentence = match report.recovered {
        0 => repair_sentence(report.outcome).to_owned(),
        _ => format!(
            "{} {}",
            repair_sentence(report.outcome),
            recovered_sentence(&report.recovered_commissions)
        ),
    };
    let foot = view! { <span>{sentence}</span>{recovered} };
    view! {
        <Card id="repair" title="Repair report" aside=aside.into_any() foot=foot.into_any()>
            <Report steps/>
        </Card>
    }
    .into_any()
}

fn step(line: &RepairLine) -> ReportStep {
    let (cell, tone) = match line.status() {
        LineStatus::Done => (Cell::Paid, Tone::Success),
        LineStatus::Changed => (Cell::Payable, Tone::Success),
        LineStatus::Failed => (Cell::Alert, Tone::Danger),
        LineStatus::Skipped => (Cell::Dashed, Tone::Neutral),
        LineStatus::Notice => (Cell::Dot, Tone::Warning),
    };
    let text = repair_line(line);
    let quote = text.quote.map(|quote| view! { <code class="code">{quote}</code> });
    let detail = text.detail;
    ReportStep {
        cell,
        tone,
        title: text.title,
        word: text.summary,
        text: view! { {detail}{quote} }.into_any(),
    }
}

fn flash(report: &RepairReport) -> Flash {
    let sentence = repair_sentence(report.outcome);
    match report.outcome {
        None => Flash::done("Repair in progress. The report below updates as it runs."),
        Some(RepairOutcome::Healthy | RepairOutcome::Repaired) => Flash::done(sentence),
        Some(RepairOutcome::NeedsAttention | RepairOutcome::Interrupted) => Flash::problem(sentence),
    }
}

/// Repairs a program's webhooks.
#[server(prefix = "/do", endpoint = "stripe/repair")]
pub async fn repair_stripe(
    /// The program.
    #[server(default)]
    program: String,
) -> Result<(), ServerFnError> {
    finish(
        Submission::new(RepairStripe::PATH, routes::of_form(&program, |program| program.settings().stripe())),
        async {
            let (actor, id) = (merchant().await?, program_of(&program)?);
            let started = engine::stripe::repair::start(&engine(), &actor, &id, RepairCause::Button).await?;
            let report = engine::stripe::repair::wait(&engine(), &actor, &id, &started.id, WAIT).await?;
            Ok(Redirect::to(routes::program(&id).settings().stripe()).with_flash(flash(&report)))
        },
    )
    .await
}
