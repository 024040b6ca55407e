//! An affiliate's payouts: balance, calendar, history and method.

use domain::payouts::MethodKind;
use engine::payouts::{Balance, OwnPayouts, PayoutRow};
use leptos::prelude::*;

use super::coming::{calendar, next_payout};
use super::payout_method::method_card;
use super::status::status_notice;
use crate::components::*;
use crate::layout::{AffiliateProgramPage, AffiliateSection};
use crate::pages::page;
use crate::presenters::labels::entry_word;
use crate::presenters::payouts::{method_lines, payout_state};
use crate::request::access::Access;
use crate::request::queries::Parameters;
use crate::text::{amount, money};

const ROWS: i64 = 25;

/// An affiliate's payouts.
#[component]
pub fn AffiliatePayouts() -> impl IntoView {
    page(payouts())
}

async fn payouts() -> Access<AnyView> {
    let page = AffiliateProgramPage::load().await?;
    let parameters = Parameters::of_request();
    let before = parameters.get("before").and_then(|id| id.parse().ok());
    let (engine, actor) = (&page.page.engine, &page.page.actor);
    let mut own =
        engine::payouts::own_payouts(engine, actor, &page.program.id, before.as_ref(), ROWS + 1).await?;
    let more = own.payouts.len() > ROWS as usize;
    own.payouts.truncate(ROWS as usize);
    let path = page.routes().payouts();
    let older = own
        .payouts
        .last()
        .filter(|_| more)
        .map(|last| Parameters::default().with("before", last.payout.id.as_str()).on(&path));
    let newer = before.is_some().then_some(path);
    let method = method_card(&page, &own, parameters.get("method").and_then(MethodKind::from_word)).await?;
    page.title("Payouts", false);
    let currency = page.program.currency;
    let balance = own.balances.iter().find(|b| b.currency == currency).cloned();
    let balance = balance.unwrap_or_else(|| Balance::zero(currency));
    let aside = view! { {method}{adjustments(&page, &own)} };
    let content = view! {
        {calendar(&page, &own)}
        {history(&page, &own.payouts, newer, older)}
    };
    let status_notice = status_notice(&page);
    Ok(view! {
        <SiteShell frame=page.frame(AffiliateSection::Payouts)>
            <PageHead title="Payouts" lead=schedule(&page, &own)/>
            {status_notice}
            {next_payout(&page, &own, &balance)}
            <Figures label="Your money" items=figures(&own, &balance)/>
            <Columns aside=aside.into_any()>{content}</Columns>
        </SiteShell>
    }
    .into_any())
}

/// When the merchant prepares payouts, and from which balance.
fn schedule(page: &AffiliateProgramPage, own: &OwnPayouts) -> String {
    let currency = page.program.currency;
    let minimum = match own.minimum {
        0 => String::new(),
        minor => format!(" once {} is payable", money(minor, currency)),
    };
    let when = match own.draft_day {
        Some(day) => format!("{} prepares payouts on day {day} of each month{minimum}.", page.merchant_name),
        None => format!("{} prepares payouts manually{minimum}.", page.merchant_name),
    };
    format!("{when} Amounts in {currency}.")
}

fn figures(own: &OwnPayouts, balance: &Balance) -> Vec<Figure> {
    let currency = balance.currency;
    let others = |value: fn(&Balance) -> i64| {
        let others = own.balances.iter().filter(|b| b.currency != currency && value(b) != 0);
        let texts: Vec<String> = others.map(|b| money(value(b), b.currency)).collect();
        if texts.is_empty() { String::new() } else { format!("and {}", texts.join(", ")) }
    };
    let figure = |label: &str, value: fn(&Balance) -> i64| {
        Figure::new(label, amount(value(balance), currency)).unit(currency.to_string()).detail(others(value))
    };
    vec![
        figure("On hold", |b| b.on_hold).state(State::PENDING),
        figure("Payable", |b| b.payable).state(State::PAYABLE),
        figure("In a payout", |b| b.in_payout).state(State::SENT),
        figure("Paid", |b| b.paid).state(State::PAID),
    ]
}

fn history(
    page: &AffiliateProgramPage,
    rows: &[PayoutRow],
    newer: Option<String>,
    older: Option<String>,
) -> AnyView {
    if rows.is_empty() && newer.is_none() {
        return view! {
            <Card id="history" title="History">
                <EmptyState title="No payouts yet" text="Each payout appears here with a statement of what it pays."/>
            </Card>
        }
        .into_any();
    }
    let pages = newer.is_some() || older.is_some();
    let columns =
        vec![Column::text("Date"), Column::text("Method"), Column::text("Status"), Column::number("Amount")];
    let rows = rows
        .iter()
        .map(|row| {
            let at = row.payout.settled_at.or(row.approved_at).unwrap_or(page.page.now);
            let method = row
                .method
                .as_ref()
                .map_or_else(|| "Paid manually".to_owned(), |(kind, hint)| method_lines(*kind, hint).0);
            let (state, note) = payout_state(row, &page.zone, page.page.now);
            view! {
                <tr>
                    <th scope="row" class="nowrap"><a href=page.routes().statement(&row.payout.id)>{page.zone.date(at).text}</a></th>
                    <td data-label="Method">{method}</td>
                    <td data-label="Status"><Status state note/></td>
                    <td class="num lead">{money(row.payout.amount, row.payout.currency)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Card id="history" title="History">
            <Table caption="Your payouts, newest first" columns style=TableStyle::CARDS.spaced()>{rows}</Table>
            {pages.then(|| view! { <Pager newer older/> })}
        </Card>
    }
    .into_any()
}

/// Bonuses and corrections, with their reasons.
fn adjustments(page: &AffiliateProgramPage, own: &OwnPayouts) -> Option<AnyView> {
    if own.adjustments.is_empty() {
        return None;
    }
    let items = own
        .adjustments
        .iter()
        .map(|one| {
            let sum = money(one.amount.minor, one.amount.currency);
            let when = page.zone.short_date(one.at, page.page.now).text;
            Fact::new(format!("{}, {when}", entry_word(one.kind)), sum).note(one.reason.clone())
        })
        .collect();
    Some(
        view! { <Card id="adjustments" title="Bonuses and corrections"><CardBody><Facts compact=true items/></CardBody></Card> }
            .into_any(),
    )
}
