//! Reconciliation: for a period, Stripe's charges beside our payments.

use axum::http::HeaderValue;
use axum::http::header::REFRESH;
use domain::clock::DAY_MS;
use domain::reconciliations::DifferenceKind;
use engine::stripe::reconciliation::{Difference, PeriodInput, ReconciliationReport};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_axum::ResponseOptions;

use super::super::program_of;
use crate::components::{
    Card, CardBody, Column, EmptyState, ErrorSummary, MerchantShell, Notice, PageHead, PlainCard, Table,
    TableStyle, TextField, TextKind, Time, Tone, Width,
};
use crate::forms::submission::{Redirect, Submission, finish, take_form};
use crate::forms::{Flash, FormState};
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::reconciliation::reconciliation_problem;
use crate::presenters::stripe_dashboard::StripeId;
use crate::request::access::{Access, Refusal, engine, merchant};
use crate::routes;
use crate::text::{amount, count, plural};

/// Where the page is, below a program.
/// How often the page reloads while a comparison is under way, seconds.
const RELOAD: &str = "2";
/// The period that is suggested, days: as far as Stripe still has events.
const SUGGESTED_DAYS: i64 = 29;

/// Settings > Stripe > Reconciliation.
#[component]
pub fn StripeReconciliation() -> impl IntoView {
    page(reconciliation())
}

async fn reconciliation() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let form = take_form(CompareWithStripe::PATH).await;
    page.title("Reconciliation", form.has_errors());
    let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
    let is_possible = engine::stripe::reconciliation::is_possible(engine, actor, program).await?;
    let report = engine::stripe::reconciliation::latest(engine, actor, program).await?;
    if report.as_ref().is_some_and(|report| report.is_running())
        && let Some(response) = use_context::<ResponseOptions>()
    {
        response.insert_header(REFRESH, HeaderValue::from_static(RELOAD));
    }
    let livemode = engine::stripe::connections::status(engine, actor, program)
        .await?
        .connection
        .and_then(|connection| connection.livemode)
        .unwrap_or(true);
    let ask = if is_possible { period_form(&page, form, report.as_ref()) } else { not_possible(&page) };
    let shown = match &report {
        Some(report) => report_card(&page, report, livemode),
        None => view! {
            <PlainCard>
                <EmptyState
                    title="No comparison yet"
                    text="Choose a period. Comparing changes nothing, here or in Stripe."
                />
            </PlainCard>
        }
        .into_any(),
    };
    let crumbs = page.crumbs(
        &[("Settings", page.routes().settings().general()), ("Stripe", page.routes().settings().stripe())],
        "Reconciliation",
    );
    let lead =
        format!("Compares Stripe’s charges with the payments in Honeyguide. Dates in {}.", page.zone.place());
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Stripe) crumbs>
            <PageHead title="Reconciliation" lead/>
            {ask}
            {shown}
        </MerchantShell>
    }
    .into_any())
}

fn not_possible(page: &ProgramPage) -> AnyView {
    let connect = page.routes().settings().stripe();
    view! {
        <Notice tone=Tone::Warning title="This connection can’t read from Stripe">
            "To compare, sign in with Stripe or use a restricted key. "
            <a href=connect>"Connect Stripe"</a>
        </Notice>
    }
    .into_any()
}

fn period_form(page: &ProgramPage, form: FormState, report: Option<&ReconciliationReport>) -> AnyView {
    let day = |at| page.zone.date(at).iso.chars().take(10).collect::<String>();
    let (from, to) = match report {
        Some(report) => (day(report.from), day(report.to.plus_ms(-1))),
        None => (day(page.now.plus_ms(-SUGGESTED_DAYS * DAY_MS)), day(page.now)),
    };
    let (from, to) = (form.field("from", &from), form.field("to", &to));
    let program = page.program.id.to_string();
    // Where something can be imported, that is the next step.
    let can_import = report.is_some_and(ReconciliationReport::can_backfill);
    let class = if can_import { "button" } else { "button primary" };
    view! {
        <ErrorSummary errors=form.errors().to_vec()/>
        <Card id="period" title="Compare a period">
            <CardBody>
                <form class="form" method="post" action=CompareWithStripe::PATH novalidate>
                    <input type="hidden" name="program" value=program/>
                    <div class="form-row">
                        <TextField field=from label="First day" kind=TextKind::Date width=Width::Medium/>
                        <TextField field=to label="Last day" kind=TextKind::Date width=Width::Medium/>
                    </div>
                    <p class="muted">"Charges of the last five minutes are left out: their events may still arrive."</p>
                    <div class="form-actions"><button class=class>"Compare with Stripe"</button></div>
                </form>
            </CardBody>
        </Card>
    }
    .into_any()
}

fn sentence(report: &ReconciliationReport) -> String {
    if report.is_running() {
        return format!(
            "{} compared so far. This page refreshes by itself.",
            plural(report.charges, "charge", "charges")
        );
    }
    if report.charges == 0 && report.differences.is_empty() {
        return "Stripe has no charges in this period.".to_owned();
    }
    let compared = plural(report.charges, "charge was", "charges were");
    let kinds = [
        (DifferenceKind::Missing, "missing here"),
        (DifferenceKind::Duplicate, "counted twice"),
        (DifferenceKind::Refund, "refunded differently"),
    ];
    let found: Vec<String> = kinds
        .into_iter()
        .map(|(kind, words)| (report.count(kind), words))
        .filter(|(number, _)| *number > 0)
        .map(|(number, words)| format!("{} {words}", count(number as i64)))
        .collect();
    let found = match found.as_slice() {
        [] => "Everything matches.".to_owned(),
        found => format!("{}.", found.join(", ")),
    };
    let imported = report
        .backfilled
        .map(|events| format!(" {} imported before comparing.", plural(events, "event was", "events were")))
        .unwrap_or_default();
    format!("{compared} compared. {found}{imported}")
}

fn report_card(page: &ProgramPage, report: &ReconciliationReport, livemode: bool) -> AnyView {
    let title = page.zone.period(report.from, report.to.plus_ms(-1));
    let by = report.by.as_ref().map(|name| format!("{name}, ")).unwrap_or_default();
    let at = page.zone.recently(report.started_at, page.now);
    let aside = view! { <p>{by}<Time at=at/></p> };
    let problem = report.outcome.as_ref().and_then(reconciliation_problem).map(|text| {
        view! { <Notice tone=Tone::Warning title="Not everything was compared">{text}</Notice> }
    });
    let import = report.can_backfill().then(|| {
        view! {
            <form method="post" action=ImportMissing::PATH>
                <input type="hidden" name="program" value=page.program.id.to_string()/>
                <input type="hidden" name="reconciliation" value=report.id.to_string()/>
                <button class="button primary">"Import missing payments"</button>
            </form>
        }
    });
    let sentence = sentence(report);
    if report.differences.is_empty() {
        return view! {
            {problem}
            <Card id="report" title aside=aside.into_any()>
                <CardBody><p>{sentence}</p></CardBody>
            </Card>
        }
        .into_any();
    }
    let table = differences(page, report, livemode);
    let file = page.routes().settings().reconciliation_csv();
    let foot = view! { <a href=file>"Download as CSV"</a>{import} };
    view! {
        {problem}
        <Card id="report" title aside=aside.into_any() foot=foot.into_any()>
            <CardBody><p>{sentence}</p></CardBody>
            {table}
        </Card>
    }
    .into_any()
}

fn differences(page: &ProgramPage, report: &ReconciliationReport, livemode: bool) -> AnyView {
    let columns = vec![
        Column::text("Charge"),
        Column::text("Date"),
        Column::text("Difference"),
        Column::number("In Stripe"),
        Column::number("Refunded in Stripe"),
        Column::number("In Honeyguide"),
        Column::number("Refunded in Honeyguide"),
    ];
    let rows = report.differences.iter().map(|difference| row(page, difference, livemode)).collect_view();
    view! { <Table caption="Where Stripe and Honeyguide differ, newest first" columns style=TableStyle::WIDE.spaced()>{rows}</Table> }
        .into_any()
}

fn row(page: &ProgramPage, difference: &Difference, livemode: bool) -> impl IntoView + use<> {
    let (what, note) = match difference.kind {
        DifferenceKind::Missing => ("Missing here", import_note(difference)),
        DifferenceKind::Duplicate => ("Counted twice", "One charge is several payments in Honeyguide"),
        DifferenceKind::Refund => ("Refunded differently", import_note(difference)),
    };
    let money = |minor| amount(minor, difference.currency);
    // What is missing here has no amounts.
    let ours_in_money = |minor| match difference.kind {
        DifferenceKind::Missing => "–".to_owned(),
        DifferenceKind::Duplicate | DifferenceKind::Refund => amount(minor, difference.currency),
    };
    let ours = difference.payment.as_ref().map(|payment| {
        view! { <a href=page.routes().payment(payment)>"Payment"</a> }
    });
    let date = page.zone.short_date(difference.at, page.now);
    let currency = difference.currency.to_string();
    view! {
        <tr>
            <th scope="row"><StripeId id=difference.stripe_id.clone() livemode/><small>{ours}</small></th>
            <td data-label="Date" class="nowrap"><Time at=date/></td>
            <td class="full">{what}<span class="sub">{note}</span></td>
            <td class="num lead">{money(difference.stripe_amount)}<span class="sub">{currency}</span></td>
            <td class="num" data-label="Refunded in Stripe">{money(difference.stripe_refunded)}</td>
            <td class="num" data-label="In Honeyguide">{ours_in_money(difference.our_amount)}</td>
            <td class="num" data-label="Refunded in Honeyguide">{ours_in_money(difference.our_refunded)}</td>
        </tr>
    }
}

fn import_note(difference: &Difference) -> &'static str {
    if difference.can_be_backfilled {
        "Can be imported"
    } else {
        "Older than 30 days: Stripe no longer has its events"
    }
}

/// Compares a period with Stripe.
#[server(prefix = "/do", endpoint = "stripe/compare")]
pub async fn compare_with_stripe(
    /// The program.
    #[server(default)]
    program: String,
    /// The first day.
    #[server(default)]
    from: String,
    /// The last day.
    #[server(default)]
    to: String,
) -> Result<(), ServerFnError> {
    let sent = Submission::new(
        CompareWithStripe::PATH,
        routes::of_form(&program, |program| program.settings().reconciliation()),
    )
    .typed("from", &from)
    .typed("to", &to);
    finish(sent, async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        let period = PeriodInput { from: from.clone(), to: to.clone() };
        engine::stripe::reconciliation::start(&engine(), &actor, &id, &period).await?;
        Ok(Redirect::to(routes::program(&id).settings().reconciliation()))
    })
    .await
}

/// Imports what a reconciliation found missing.
#[server(prefix = "/do", endpoint = "stripe/import")]
pub async fn import_missing(
    /// The program.
    #[server(default)]
    program: String,
    /// The reconciliation.
    #[server(default)]
    reconciliation: String,
) -> Result<(), ServerFnError> {
    finish(
        Submission::new(
            ImportMissing::PATH,
            routes::of_form(&program, |program| program.settings().reconciliation()),
        ),
        async {
            let (actor, id) = (merchant().await?, program_of(&program)?);
            let reconciliation = reconciliation.parse().map_err(|_| Refusal::NotFound)?;
            engine::stripe::reconciliation::backfill(&engine(), &actor, &id, &reconciliation).await?;
            let flash = Flash::done("Importing missing payments. The period is then compared again.");
            Ok(Redirect::to(routes::program(&id).settings().reconciliation()).with_flash(flash))
        },
    )
    .await
}
