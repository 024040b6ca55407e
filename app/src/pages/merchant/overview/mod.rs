//! The overview of a program: key figures, charts, tasks, latest activity.

mod charts;
mod figures;
mod onboarding;
mod tasks;

use engine::ledger::reports::{AffiliateSums, Amounts, Overview as Report, Period, Totals, span};
use leptos::prelude::*;

use crate::components::periods::{Periods, spoken};
use crate::components::*;
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::labels::{commission_left, commission_state, program_state};
use crate::presenters::tables::RowFormat;
use crate::presenters::totals::in_all_currencies;
use crate::request::queries::Parameters;
use crate::routes;
use crate::text::{count, money, plural, share};

/// A program's overview.
#[component]
pub fn Overview() -> impl IntoView {
    page(async {
        let page = ProgramPage::load().await?;
        let period = Parameters::of_request().get("period").map(Period::from_word).unwrap_or_default();
        let report =
            engine::ledger::reports::overview(&page.engine, &page.actor, &page.program.id, period).await?;
        page.title("Overview", false);
        let crumbs = vec![Crumb::here(page.program.name.clone())];
        let periods = view! { <Periods path=page.routes().overview() current=period/> };
        let lead = lead(&page, &report, period);
        let onboarding = onboarding::onboarding(&page, &report);
        let stopped = stopped(&page);
        let main = main(&page, &report, period);
        let aside = aside(&page, &report);
        let figures = figures::figures(&report);
        Ok(view! {
            <MerchantShell frame=page.frame(Section::Overview) crumbs>
                <PageHead title="Overview" lead actions=periods.into_any()/>
                <div data-live=page.routes().live() hidden></div>
                {stopped}
                {onboarding}
                <Figures label="Key figures" items=figures/>
                <Columns aside>{main}</Columns>
            </MerchantShell>
        }
        .into_any())
    })
}

fn lead(page: &ProgramPage, report: &Report, period: Period) -> String {
    let before = match period {
        Period::Day => "the 24 hours before".to_owned(),
        _ => format!("the {} before", spoken(period)),
    };
    let dates = page.zone.period(report.span.from, page.now);
    format!("{dates}, compared with {before}. Times in {}.", page.zone.place())
}

/// The notice of a paused or archived program.
fn stopped(page: &ProgramPage) -> Option<AnyView> {
    use domain::programs::ProgramStatus;
    let (title, text) = match page.program.status {
        ProgramStatus::Active => return None,
        ProgramStatus::Paused => (
            "This program is paused",
            "New clicks aren’t tracked. Affiliates keep earning on customers they already referred.",
        ),
        ProgramStatus::Archived => {
            ("This program is archived", "No new commissions are created. Existing ones are kept.")
        }
    };
    let state = program_state(page.program.status);
    let actions = view! { <a class="button" href=page.routes().settings().general()>"Settings"</a> };
    Some(
        view! { <Notice title tone=state.tone cell=state.cell actions=actions.into_any()>{text}</Notice> }
            .into_any(),
    )
}

/// Whether there were no clicks and no conversions, now and in the period before.
fn is_quiet(report: &Report) -> bool {
    let all = [&report.points, &report.before];
    all.into_iter().flatten().all(|point| point.clicks == 0 && point.totals == Totals::default())
}

fn quiet(page: &ProgramPage, report: &Report, period: Period) -> AnyView {
    // A program that has sold before has data, only none in these periods.
    let (title, text) = if report.ever_converted {
        ("No data", format!("No clicks or conversions in the last {0} and the {0} before.", spoken(period)))
    } else {
        ("No data yet", "Charts appear after the first click.".to_owned())
    };
    let actions = view! { <a class="button" href=page.routes().links()>"View links"</a> };
    view! {
        <PlainCard><EmptyState title text actions=actions.into_any()/></PlainCard>
    }
    .into_any()
}

fn main(page: &ProgramPage, report: &Report, period: Period) -> AnyView {
    if is_quiet(report) {
        return quiet(page, report, period);
    }
    let before = span(period, &page.program.time_zone, page.now, true);
    let charts = charts::charts(page, report, &before, period);
    view! { {charts}{top(page, report, period)} }.into_any()
}

fn top(page: &ProgramPage, report: &Report, period: Period) -> AnyView {
    let all = format!("All {}", count(report.active_affiliates));
    let all = view! { <a href=page.routes().affiliates()>{all}</a> };
    if report.top.is_empty() {
        return view! {
            <Card id="top" title="Top affiliates" aside=all.into_any()>
                <CardBody><p class="muted">{format!("No clicks in the last {}.", spoken(period))}</p></CardBody>
            </Card>
        }
        .into_any();
    }
    let columns = vec![
        Column::text("Affiliate"),
        Column::number("Clicks"),
        Column::number("Conversions"),
        Column::number(format!("Revenue, {}", page.program.currency)),
        Column::number(format!("Commission, {}", page.program.currency)),
    ];
    let format = RowFormat::of(page);
    let rows = report.top.iter().map(|sums| top_row(sums, &format)).collect_view();
    let caption = format!("Affiliates by revenue in the last {}", spoken(period));
    view! {
        <Card id="top" title="Top affiliates" aside=all.into_any()>
            <Table caption columns style=TableStyle::CARDS.even().spaced()>{rows}</Table>
        </Card>
    }
    .into_any()
}

fn top_row(sums: &AffiliateSums, format: &RowFormat) -> impl IntoView + use<> {
    let href = routes::program(&format.program).affiliate(&sums.affiliate_id);
    let conversions = plural(sums.totals.conversions, "conversion", "conversions");
    let money = |value: fn(&Amounts) -> i64| in_all_currencies(&sums.totals, format.currency, value);
    view! {
        <tr>
            <th scope="row"><span class="person"><Avatar name=sums.name.clone()/><a href=href>{sums.name.clone()}</a></span></th>
            <td class="num hide">{count(sums.clicks)}</td>
            <td class="num hide">{count(sums.totals.conversions)}</td>
            <td class="num" data-label=format!("Revenue, {conversions}")>{money(|amounts| amounts.revenue)}</td>
            <td class="num lead">{money(|amounts| amounts.commission)}</td>
        </tr>
    }
}

fn aside(page: &ProgramPage, report: &Report) -> AnyView {
    let tasks = tasks::tasks(page, report);
    let tasks =
        (!tasks.is_empty()).then(|| view! { <Card id="tasks" title="To do"><Tasks items=tasks/></Card> });
    let funnel = (!is_quiet(report)).then(|| {
        let steps = funnel(report);
        view! { <Card id="funnel" title="From click to customer"><CardBody><Funnel steps/></CardBody></Card> }
    });
    view! {
        {tasks}
        {funnel}
        {newest(page, report)}
    }
    .into_any()
}

fn funnel(report: &Report) -> Vec<FunnelStep> {
    let sum = engine::ledger::reports::Point::sum(&report.points);
    let step = |label: &str, value, rate| FunnelStep { label: label.to_owned(), value, rate };
    // Without leads the funnel has two steps.
    if report.leads == 0 {
        let paid = share(sum.totals.first_payments, sum.clicks).map(|rate| format!("{rate} paid"));
        return vec![
            step("Clicks", sum.clicks, paid),
            step("First payments", sum.totals.first_payments, None),
        ];
    }
    let left = share(report.leads, sum.clicks).map(|rate| format!("{rate} became leads"));
    let paid = share(sum.totals.first_payments, report.leads).map(|rate| format!("{rate} paid"));
    vec![
        step("Clicks", sum.clicks, left),
        step("Leads", report.leads, paid),
        step("First payments", sum.totals.first_payments, None),
    ]
}

fn newest(page: &ProgramPage, report: &Report) -> AnyView {
    let items: Vec<FeedItem> = report
        .newest
        .iter()
        .map(|row| {
            let c = &row.conversion;
            let sum = money(commission_left(c), c.commission_currency);
            let href = page.routes().conversion(&c.id);
            let number = match c.payment_number {
                1 => ", first payment".to_owned(),
                n => format!(", payment {n}"),
            };
            let text = view! { <a href=href>{format!("{sum} for {}", row.affiliate_name)}</a>{number} };
            FeedItem::new(commission_state(row.status).cell, text, page.zone.ago(c.paid_at, page.now))
        })
        .collect();
    let all = view! { <span class="live">"Live"</span><a href=page.routes().conversions()>"All"</a> };
    let body = if items.is_empty() {
        view! { <p class="muted">"The first attributed payment appears here."</p> }.into_any()
    } else {
        view! { <Feed items/> }.into_any()
    };
    view! {
        <Card id="newest" title="Latest conversions" aside=all.into_any()><CardBody>{body}</CardBody></Card>
    }
    .into_any()
}
