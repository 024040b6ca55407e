//! Payments with no affiliate: suggested affiliates beside each, and one button to assign it.

use std::collections::BTreeMap;

use domain::ids::PaymentId;
use domain::no_commission::NoCommission;
use engine::ledger::payments::{Candidate, Payment, PaymentFilter};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::*;
use crate::forms::submission::take_form;
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::labels::payment_label;
use crate::presenters::reasons::{check_sentence, no_commission_sentence};
use crate::presenters::tables::RowFormat;
use crate::request::access::Access;
use crate::request::queries::{Parameters, cursor};
use crate::routes;
use crate::text::plural;

use super::assignment::{AssignButton, clue_words};
use super::referral_requests::{AnswerReferralRequest, requests_card};

/// Fewer than elsewhere: each row has its candidates, which cost some queries.
const ROWS: i64 = 25;
/// The lists, and what each is called.
const LISTS: [(PaymentFilter, &str); 4] = [
    (PaymentFilter::Unattributed, "Unattributed"),
    (PaymentFilter::Decided, "Assigned manually"),
    (PaymentFilter::NotDue, "No commission due"),
    (PaymentFilter::Waiting, "Waiting"),
];

/// Payments with no affiliate.
#[component]
pub fn Unattributed() -> impl IntoView {
    page(unattributed())
}

async fn unattributed() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    page.title("Unattributed", false);
    let parameters = Parameters::of_request();
    let filter =
        parameters.get("show").and_then(PaymentFilter::from_word).unwrap_or(PaymentFilter::Unattributed);
    let before = parameters.place("before");
    let paged = before.is_some();
    let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
    let mut rows = engine::ledger::payments::list(engine, actor, program, filter, before, ROWS + 1).await?;
    let more = rows.len() > ROWS as usize;
    rows.truncate(ROWS as usize);
    let candidates = match filter {
        PaymentFilter::Unattributed => {
            engine::ledger::payments::candidates(engine, actor, program, &rows).await?
        }
        _ => BTreeMap::new(),
    };
    let path = page.routes().unattributed();
    let kept = parameters.only(&["show"]);
    let older = rows
        .last()
        .filter(|_| more)
        .map(|last| kept.clone().with("before", &cursor(last.paid_at, last.id.as_str())).on(&path));
    let newer = paged.then(|| kept.on(&path));
    let content = if rows.is_empty() {
        nothing(filter)
    } else {
        table(rows, filter, candidates, &RowFormat::of(&page), newer, older)
    };
    let form = take_form(AnswerReferralRequest::PATH).await;
    let requests = match (filter, paged) {
        (PaymentFilter::Unattributed, false) => requests_card(&page, &form).await?,
        _ => None,
    };
    let errors = form.errors().to_vec();
    let lists = lists(filter, &path);
    let lead = format!(
        "Payments with no affiliate, and why. Amounts in {}, times in {}.",
        page.program.currency,
        page.zone.place()
    );
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Unattributed) crumbs=page.crumbs(&[], "Unattributed")>
            <PageHead title="Unattributed payments" lead/>
            <ErrorSummary errors/>
            {requests}
            <section class="stack tight" aria-label="Payments">{lists}{content}</section>
        </MerchantShell>
    }
    .into_any())
}

fn lists(filter: PaymentFilter, path: &str) -> AnyView {
    let items = LISTS.map(|(list, label)| {
        let parameters = Parameters::default();
        let parameters = if list == PaymentFilter::Unattributed {
            parameters
        } else {
            parameters.with("show", list.word())
        };
        Segment {
            label: label.to_owned(),
            href: parameters.on(path),
            current: list == filter,
            ..Segment::default()
        }
    });
    view! { <div class="page-head"><Segments label="List" items=items.to_vec()/></div> }.into_any()
}

fn table(
    rows: Vec<Payment>,
    filter: PaymentFilter,
    mut candidates: BTreeMap<PaymentId, Vec<Candidate>>,
    format: &RowFormat,
    newer: Option<String>,
    older: Option<String>,
) -> AnyView {
    let last = match filter {
        PaymentFilter::Unattributed => "Suggested affiliate",
        PaymentFilter::Decided => "Assignment",
        _ => "Why",
    };
    let columns =
        vec![Column::text("Payment"), Column::text("Date"), Column::number("Amount"), Column::text(last)];
    let rows = rows
        .into_iter()
        .map(|payment| {
            let candidates = candidates.remove(&payment.id).unwrap_or_default();
            row(payment, filter, candidates, format)
        })
        .collect_view();
    view! {
        <PlainCard>
            <Table caption="Unattributed payments, newest first" columns style=TableStyle::CARDS>{rows}</Table>
            <Pager newer older note=format!("Newest first, {ROWS} per page")/>
        </PlainCard>
    }
    .into_any()
}

fn row(
    payment: Payment,
    filter: PaymentFilter,
    candidates: Vec<Candidate>,
    format: &RowFormat,
) -> impl IntoView + use<> {
    let label = payment_label(payment.label.as_deref(), &payment.stripe_id);
    let buyer = payment.email.as_ref().map(|email| view! { <small>{email.to_string()}</small> });
    let currency = payment.currency.unwrap_or(format.currency);
    let (date, time) =
        (format.zone.short_date(payment.paid_at, format.now), format.zone.time(payment.paid_at));
    let href = routes::program(&format.program).payment(&payment.id);
    let amount = format.amount(payment.gross, currency);
    let last = match filter {
        PaymentFilter::Unattributed => open(payment, candidates, format),
        PaymentFilter::Decided => decided(&payment, format),
        _ => why(&payment, format),
    };
    view! {
        <tr>
            <th scope="row"><a href=href>{label}</a>{buyer}</th>
            <td data-label="Date" class="nowrap"><Time at=date/><span class="sub">{time.text}</span></td>
            <td class="num lead">{amount}</td>
            <td class="full">{last}</td>
        </tr>
    }
}

/// The reason, the suggested affiliates, and the buttons.
fn open(payment: Payment, candidates: Vec<Candidate>, format: &RowFormat) -> AnyView {
    let mut likely = candidates.into_iter().map(|candidate| {
        let clues = candidate.clues.iter();
        let clues: Vec<String> =
            clues.map(|clue| clue_words(clue, payment.paid_at, &format.zone, format.now)).collect();
        let why = view! { <span class="sub">{clues.join("; ")}</span> };
        view! { <li><AssignButton payment=payment.clone() candidate in_list=true/>{why}</li> }.into_any()
    });
    let likeliest = likely.next();
    let others: Vec<AnyView> = likely.collect();
    let others = (!others.is_empty()).then(|| {
        let summary = plural(others.len() as i64, "other suggestion", "other suggestions");
        view! {
            <details class="more">
                <summary><Icon name="right"/>{summary}</summary>
                <ul class="candidates">{others}</ul>
            </details>
        }
    });
    // That no check matched is what this list is about; any other reason is worth a line.
    let reason = (payment.no_commission != Some(NoCommission::NoMatch)).then(|| why(&payment, format));
    view! {
        {reason}
        <ul class="candidates">{likeliest}<li><AssignButton payment in_list=true/></li></ul>
        {others}
    }
    .into_any()
}

/// What was decided. It is undone on the payment's own page: the decision may have been made
/// at another payment of the customer.
fn decided(payment: &Payment, format: &RowFormat) -> AnyView {
    let first = payment.checks.first();
    first.map(|check| check_sentence(check.kind, &check.reason, &format.zone)).into_any()
}

fn why(payment: &Payment, format: &RowFormat) -> AnyView {
    let why = payment.no_commission.as_ref().map(|reason| no_commission_sentence(reason, &format.zone));
    why.into_any()
}

fn nothing(filter: PaymentFilter) -> AnyView {
    let (title, text) = match filter {
        PaymentFilter::Decided => (
            "No manually assigned payments",
            "Payments that you assign, or mark as not an affiliate sale, are listed here.",
        ),
        PaymentFilter::NotDue => (
            "No payments without a commission",
            "Payments by attributed customers that earn nothing are listed here, with the reason.",
        ),
        PaymentFilter::Waiting => (
            "No payments waiting",
            "Payments that are waiting for something, such as an invoice, are listed here until it arrives.",
        ),
        PaymentFilter::All | PaymentFilter::Unattributed => (
            "No unattributed payments",
            "Payments that no check matched to an affiliate are listed here, with suggested affiliates.",
        ),
    };
    view! { <PlainCard><EmptyState title text/></PlainCard> }.into_any()
}
