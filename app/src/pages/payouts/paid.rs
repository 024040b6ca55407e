//! Payouts > Paid: payouts that were paid.

use domain::clock::Timestamp;
use engine::payouts::PayoutRow;
use leptos::prelude::*;

use super::{Part, tabs};
use crate::components::*;
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::payouts::method_lines;
use crate::request::queries::{Parameters, cursor};
use crate::text::money;

const ROWS: i64 = 50;

/// Payouts that were paid, newest first.
#[component]
pub fn PaidPayouts() -> impl IntoView {
    page(async {
        let page = ProgramPage::load().await?;
        let before = Parameters::of_request().place("before");
        let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
        let mut rows = engine::payouts::paid(engine, actor, program, before.as_ref(), ROWS + 1).await?;
        let more = rows.len() > ROWS as usize;
        rows.truncate(ROWS as usize);
        page.title("Paid", false);
        let path = page.routes().paid_payouts();
        let older = rows.last().filter(|_| more).map(|last| {
            let at = last.payout.settled_at.unwrap_or(Timestamp(0));
            Parameters::default().with("before", &cursor(at, last.payout.id.as_str())).on(&path)
        });
        let newer = before.is_some().then(|| path.clone());
        let content =
            if rows.is_empty() && newer.is_none() { none(&page) } else { table(&page, &rows, newer, older) };
        let crumbs = page.crumbs(&[("Payouts", page.routes().payouts())], "Paid");
        let tabs = tabs(&page, Part::Paid);
        Ok(view! {
            <MerchantShell frame=page.frame(Section::Payouts) crumbs>
                <PageHead title="Payouts" lead="Every payout has a statement that the affiliate sees too."/>
                <Tabs label="Payouts" tabs/>
                {content}
            </MerchantShell>
        }
        .into_any())
    })
}

fn table(page: &ProgramPage, rows: &[PayoutRow], newer: Option<String>, older: Option<String>) -> AnyView {
    let columns = vec![
        Column::text("Affiliate"),
        Column::text("Paid"),
        Column::text("Method"),
        Column::text("Run"),
        Column::number("Amount"),
    ];
    let rows = rows.iter().map(|row| one(page, row)).collect_view();
    view! {
        <PlainCard>
            <Table caption="Paid payouts, newest first" columns style=TableStyle::CARDS.even()>{rows}</Table>
            <Pager newer older note="Newest first"/>
        </PlainCard>
    }
    .into_any()
}

fn one(page: &ProgramPage, row: &PayoutRow) -> impl IntoView + use<> {
    let (method, _) = row
        .method
        .as_ref()
        .map_or_else(|| ("Manually".to_owned(), String::new()), |(kind, hint)| method_lines(*kind, hint));
    let paid = row.payout.settled_at.map(|at| view! { <Time at=page.zone.short_date(at, page.now)/> });
    view! {
        <tr>
            <th scope="row">
                <span class="person"><Avatar name=row.name.clone()/><a href=page.routes().statement(&row.payout.id)>{row.name.clone()}</a></span>
            </th>
            <td data-label="Paid">{paid}</td>
            <td data-label="Method">{method}</td>
            <td data-label="Run"><a href=page.routes().payout_run(&row.payout.run_id)>{format!("Run {}", row.run_number)}</a></td>
            <td class="num lead">{money(row.payout.amount, row.payout.currency)}</td>
        </tr>
    }
}

fn none(page: &ProgramPage) -> AnyView {
    let actions = view! { <a class="button" href=page.routes().payouts()>"Who is due"</a> };
    view! {
        <PlainCard>
            <EmptyState
                title="Nothing paid yet"
                text="Payouts appear here when you mark them as paid."
                first_use=true
                actions=actions.into_any()
            />
        </PlainCard>
    }
    .into_any()
}
