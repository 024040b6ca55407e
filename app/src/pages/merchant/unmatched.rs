//! The inbox of payments without an affiliate: likely candidates beside each, and one
//! button to assign it.

use std::collections::BTreeMap;

use domain::ids::PaymentId;
use engine::ledger::payments::{Candidate, Payment, Which};
use leptos::prelude::*;

use crate::components::*;
use crate::forms::assignment::{AssignButton, sign_words};
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::labels::{first_sentence, payment_label};
use crate::presenters::tables::Manner;
use crate::request::access::Access;
use crate::request::queries::{Parameters, cursor};
use crate::routes;
use crate::text::plural;

/// Fewer than elsewhere: each row has its candidates, which cost some queries.
const ROWS: i64 = 25;
/// The lists, and what each is called.
const LISTS: [(Which, &str); 4] = [
    (Which::Unmatched, "Open"),
    (Which::Decided, "Decided"),
    (Which::Unpaid, "No commission due"),
    (Which::Waiting, "Waiting"),
];

/// Payments without an affiliate.
#[component]
pub fn Unmatched() -> impl IntoView {
    page(unmatched())
}

async fn unmatched() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    page.title("Without an affiliate", false);
    let parameters = Parameters::of_request();
    let which = parameters.get("show").and_then(Which::from_word).unwrap_or(Which::Unmatched);
    let before = parameters.place("before");
    let paged = before.is_some();
    let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
    let mut rows = engine::ledger::payments::list(engine, actor, program, which, before, ROWS + 1).await?;
    let more = rows.len() > ROWS as usize;
    rows.truncate(ROWS as usize);
    let candidates = match which {
        Which::Unmatched => engine::ledger::payments::candidates(engine, actor, program, &rows).await?,
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
        nothing(which)
    } else {
        table(rows, which, candidates, &Manner::of(&page), newer, older)
    };
    let lists = lists(which, &path);
    let lead = format!(
        "Paid payments that earned nobody a commission, and why. Amounts in {}, times in {}.",
        page.program.currency,
        page.zone.place()
    );
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Unattributed) crumbs=page.crumbs(&[], "Without an affiliate")>
            <PageHead title="Payments without an affiliate" lead/>
            <section class="stack tight" aria-label="Payments">{lists}{content}</section>
        </MerchantShell>
    }
    .into_any())
}

fn lists(which: Which, path: &str) -> AnyView {
    let items = LISTS.map(|(list, label)| {
        let parameters = Parameters::default();
        let parameters =
            if list == Which::Unmatched { parameters } else { parameters.with("show", list.word()) };
        Segment {
            label: label.to_owned(),
            href: parameters.on(path),
            current: list == which,
            ..Segment::default()
        }
    });
    view! { <div class="page-head"><Segments label="List" items=items.to_vec()/></div> }.into_any()
}

fn table(
    rows: Vec<Payment>,
    which: Which,
    mut candidates: BTreeMap<PaymentId, Vec<Candidate>>,
    manner: &Manner,
    newer: Option<String>,
    older: Option<String>,
) -> AnyView {
    let last = match which {
        Which::Unmatched => "Whose it may be",
        Which::Decided => "What was decided",
        _ => "Why",
    };
    let columns =
        vec![Column::text("Payment"), Column::text("Date"), Column::number("Amount"), Column::text(last)];
    let rows = rows
        .into_iter()
        .map(|payment| {
            let candidates = candidates.remove(&payment.id).unwrap_or_default();
            row(payment, which, candidates, manner)
        })
        .collect_view();
    view! {
        <PlainCard>
            <Table caption="Payments without an affiliate, newest first" columns cards=true>{rows}</Table>
            <Pager newer older note=format!("Newest first, {ROWS} to a page")/>
        </PlainCard>
    }
    .into_any()
}

fn row(payment: Payment, which: Which, candidates: Vec<Candidate>, manner: &Manner) -> impl IntoView + use<> {
    let label = payment_label(payment.label.as_deref(), &payment.stripe_id);
    let buyer = payment.email.as_ref().map(|email| view! { <small>{email.to_string()}</small> });
    let currency = payment.currency.unwrap_or(manner.currency);
    let (date, time) =
        (manner.zone.short_date(payment.paid_at, manner.now), manner.zone.time(payment.paid_at));
    let href = routes::program(&manner.program).payment(&payment.id);
    let amount = manner.amount(payment.gross, currency);
    let last = match which {
        Which::Unmatched => open(payment, candidates, manner),
        Which::Decided => decided(payment),
        _ => why(&payment),
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

/// The reason, who may have brought the buyer, and the buttons.
fn open(payment: Payment, candidates: Vec<Candidate>, manner: &Manner) -> AnyView {
    let mut likely = candidates.into_iter().map(|candidate| {
        let signs = candidate.signs.iter();
        let signs: Vec<String> =
            signs.map(|sign| sign_words(sign, payment.paid_at, &manner.zone, manner.now)).collect();
        let why = view! { <span class="sub">{signs.join("; ")}</span> };
        view! { <li><AssignButton payment=payment.clone() candidate inbox=true/>{why}</li> }.into_any()
    });
    let likeliest = likely.next();
    let others: Vec<AnyView> = likely.collect();
    let others = (!others.is_empty()).then(|| {
        let summary = plural(others.len() as i64, "other candidate", "other candidates");
        view! {
            <details class="more">
                <summary><Icon name="right"/>{summary}</summary>
                <ul class="candidates">{others}</ul>
            </details>
        }
    });
    // That no proof matched is what this list is about; any other reason is worth a line.
    let reason = (payment.reason.as_deref() != Some("no_proof")).then(|| why(&payment));
    view! {
        {reason}
        <ul class="candidates">{likeliest}<li><AssignButton payment inbox=true/></li></ul>
        {others}
    }
    .into_any()
}

/// Taken back on the payment's own page: the decision may have been made at another
/// payment of the customer.
fn decided(payment: Payment) -> AnyView {
    payment.proofs.first().map(|tried| tried.sentence.clone()).into_any()
}

fn why(payment: &Payment) -> AnyView {
    let why = payment.reason_text.as_deref().map(|text| first_sentence(text).to_owned());
    view! { {why}<span class="sub mono">{payment.reason.clone()}</span> }.into_any()
}

fn nothing(which: Which) -> AnyView {
    let (title, text) = match which {
        Which::Decided => (
            "Nothing was decided by hand",
            "Payments that you assign, or mark as no affiliate sale, are listed here.",
        ),
        Which::Unpaid => (
            "The terms pay for everything",
            "Payments whose customer belongs to an affiliate, and for which the terms pay nothing, are listed here.",
        ),
        Which::Waiting => (
            "No payment waits",
            "Payments of which something is missing, such as their invoice, are listed here until it comes.",
        ),
        Which::All | Which::Unmatched => (
            "No payment is without an affiliate",
            "Payments that none of the proofs led to an affiliate are listed here, with likely candidates.",
        ),
    };
    view! { <PlainCard><EmptyState title text/></PlainCard> }.into_any()
}
