//! Payouts > Runs: the list of payout runs.

use domain::payouts::PayoutStatus;
use engine::payouts::{RunRow, Sum};
use leptos::prelude::*;

use super::{Part, tabs};
use crate::components::*;
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::payouts::{run_state, sums_text};
use crate::request::queries::Parameters;
use crate::text::plural;

const ROWS: i64 = 50;

/// Payout runs, newest first.
#[component]
pub fn PayoutRuns() -> impl IntoView {
    page(async {
        let page = ProgramPage::load().await?;
        let parameters = Parameters::of_request();
        let before = parameters.get("before").and_then(|id| id.parse().ok());
        let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
        let mut rows = engine::payouts::list(engine, actor, program, before.as_ref(), ROWS + 1).await?;
        let more = rows.len() > ROWS as usize;
        rows.truncate(ROWS as usize);
        page.title("Payout runs", false);
        let path = page.routes().payout_runs();
        let older = rows
            .last()
            .filter(|_| more)
            .map(|last| Parameters::default().with("before", last.run.id.as_str()).on(&path));
        let newer = before.is_some().then(|| path.clone());
        let content =
            if rows.is_empty() && newer.is_none() { none(&page) } else { table(&page, &rows, newer, older) };
        let crumbs = page.crumbs(&[("Payouts", page.routes().payouts())], "Runs");
        let tabs = tabs(&page, Part::Runs);
        Ok(view! {
            <MerchantShell frame=page.frame(Section::Payouts) crumbs>
                <PageHead title="Payouts" lead="Each run pays a group of affiliates at once."/>
                <Tabs label="Payouts" tabs/>
                {content}
            </MerchantShell>
        }
        .into_any())
    })
}

fn table(page: &ProgramPage, rows: &[RunRow], newer: Option<String>, older: Option<String>) -> AnyView {
    let columns = vec![
        Column::text("Run"),
        Column::text("Status"),
        Column::text("Drafted"),
        Column::number("Payouts"),
        Column::number("Amount"),
    ];
    let rows = rows.iter().map(|row| one(page, row)).collect_view();
    view! {
        <PlainCard>
            <Table caption="Payout runs, newest first" columns style=TableStyle::CARDS>{rows}</Table>
            <Pager newer older note="Newest first"/>
        </PlainCard>
    }
    .into_any()
}

fn one(page: &ProgramPage, row: &RunRow) -> impl IntoView + use<> {
    let counted = || row.sums.iter().filter(|sum| sum.status != PayoutStatus::Removed);
    let payouts: i64 = counted().map(|sum| sum.payouts).sum();
    let failed: i64 =
        row.sums.iter().filter(|sum| sum.status == PayoutStatus::Failed).map(|sum: &Sum| sum.payouts).sum();
    let note =
        if failed > 0 { format!("{} failed", plural(failed, "payout", "payouts")) } else { String::new() };
    let by = row.run.drafted.name.clone().unwrap_or_else(|| "Automatically".to_owned());
    view! {
        <tr>
            <th scope="row"><a href=page.routes().payout_run(&row.run.id)>{format!("Run {}", row.run.number)}</a></th>
            <td data-label="Status"><Status state=run_state(row.run.status) note/></td>
            <td data-label="Drafted"><Time at=page.zone.short_date(row.run.drafted.at, page.now)/><span class="sub">{by}</span></td>
            <td data-label="Payouts" class="num">{payouts}</td>
            <td class="num lead">{sums_text(counted())}</td>
        </tr>
    }
}

fn none(page: &ProgramPage) -> AnyView {
    let actions = view! { <a class="button" href=page.routes().payouts()>"Who is due"</a> };
    view! {
        <PlainCard>
            <EmptyState
                title="No payout runs yet"
                text="Draft a run from the balances that are due."
                first_use=true
                actions=actions.into_any()
            />
        </PlainCard>
    }
    .into_any()
}
