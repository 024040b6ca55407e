//! What an affiliate was paid and will be: balance, calendar, history and method.

use std::collections::BTreeMap;

use domain::payouts::{MethodKind, next_draft, usable_from};
use engine::payouts::{Balance, OwnPayouts, PayoutRow};
use leptos::prelude::*;

use super::payout_method::method_card;
use super::status::status_notice;
use crate::components::*;
use crate::layout::{AffiliateProgramPage, AffiliateSection};
use crate::pages::page;
use crate::presenters::labels::entry_word;
use crate::presenters::payouts::{method_lines, method_text, payout_state};
use crate::request::access::Access;
use crate::request::queries::Parameters;
use crate::text::{amount, money};

const ROWS: i64 = 25;
/// Days of the calendar.
const DAYS: i32 = 35;

/// What an affiliate was paid and will be.
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
            <PageHead title="Payouts" lead=rhythm(&page, &own)/>
            {status_notice}
            {next_payout(&page, &own, &balance)}
            <Figures label="Your money" items=figures(&own, &balance)/>
            <Columns aside=aside.into_any()>{content}</Columns>
        </SiteShell>
    }
    .into_any())
}

/// When and from which balance on the merchant pays.
fn rhythm(page: &AffiliateProgramPage, own: &OwnPayouts) -> String {
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

/// What the next payout comes to, and what it still lacks.
fn next_payout(page: &AffiliateProgramPage, own: &OwnPayouts, balance: &Balance) -> AnyView {
    let (zone, now, currency) = (&page.zone, page.page.now, balance.currency);
    let day = own.draft_day.and_then(|day| next_draft(now, &page.program.time_zone, day));
    let coming: Vec<_> =
        own.releases.iter().filter(|release| day.is_some_and(|day| release.at <= day)).collect();
    let later: i64 = coming.iter().map(|release| release.amount).sum();
    let total = balance.payable.saturating_add(later);
    let on = day.map(|day| {
        let date = zone.date(day);
        view! { " on "<time datetime=date.iso>{date.text}</time> }
    });
    let to = match &own.method {
        None => "Add a payout method so that you can be paid.".to_owned(),
        Some(method) => {
            let to = method_text(method.kind, &method.hint);
            let usable = usable_from(method.changed_at, own.method_hold_days);
            if usable > now {
                format!("It goes to {to}, which can be used from {}.", zone.short_date(usable, now).text)
            } else {
                format!("It goes to {to}.")
            }
        }
    };
    let missing = own.minimum.saturating_sub(total);
    let state = if balance.payable < 0 {
        "More was refunded than earned since your last payout. The difference is deducted from what you earn next."
            .to_owned()
    } else if missing > 0 {
        format!("{} to go until the minimum of {}.", money(missing, currency), money(own.minimum, currency))
    } else {
        String::new()
    };
    let mut lines = vec![("Payable now".to_owned(), balance.payable)];
    let shown = 4;
    lines.extend(
        coming.iter().take(shown).map(|release| {
            (format!("Off hold on {}", zone.short_date(release.at, now).text), release.amount)
        }),
    );
    let rest: i64 = coming.iter().skip(shown).map(|release| release.amount).sum();
    if rest != 0 {
        lines.push(("Off hold later".to_owned(), rest));
    }
    let label =
        day.map_or("Next payout".to_owned(), |day| format!("Payout on {}", zone.short_date(day, now).text));
    let rows = lines
        .into_iter()
        .map(|(label, minor)| view! { <tr><th scope="row">{label}</th><td>{amount(minor, currency)}</td></tr> })
        .collect_view();
    view! {
        <Card id="next" title="Next payout">
            <CardBody>
                <div class="next-payout">
                    <div class="next-when">
                        <p class="big">{amount(total.max(0), currency)}" "<small>{currency.to_string()}{on}</small></p>
                        <p class="muted gap-top">{state}" "{to}</p>
                    </div>
                    <table class="receipt">
                        <caption class="sr-only">{format!("How the next payout adds up, {currency}")}</caption>
                        <tbody>{rows}<tr class="rule"><th scope="row">{label}</th><td>{amount(total, currency)}</td></tr></tbody>
                    </table>
                </div>
            </CardBody>
        </Card>
    }
    .into_any()
}

/// What leaves its hold in the coming weeks.
fn calendar(page: &AffiliateProgramPage, own: &OwnPayouts) -> Option<AnyView> {
    let (zone, now, currency) = (&page.zone, page.page.now, page.program.currency);
    let today = zone.day(now)?;
    let mut by_day: BTreeMap<jiff::civil::Date, i64> = BTreeMap::new();
    for release in &own.releases {
        *by_day.entry(zone.day(release.at)?).or_default() += release.amount;
    }
    let payday = own
        .draft_day
        .and_then(|day| next_draft(now, &page.program.time_zone, day))
        .and_then(|at| zone.day(at));
    let back = i32::from(today.weekday().to_monday_zero_offset());
    let first = today.checked_sub(jiff::Span::new().days(back)).ok()?;
    let days = (0..DAYS).filter_map(|offset| {
        let date = first.checked_add(jiff::Span::new().days(offset)).ok()?;
        let minor = by_day.get(&date).copied().filter(|minor| *minor != 0);
        let with_month = offset == 0 || date.day() == 1 || minor.is_some() || payday == Some(date);
        Some(CalendarDay {
            label: date.strftime(if with_month { "%-d %b" } else { "%-d" }).to_string(),
            weekday: date.strftime("%a").to_string(),
            iso: date.to_string(),
            amount: minor.map(|minor| format!("+{}", amount(minor, currency))),
            is_payday: payday == Some(date),
            is_past: date < today,
            is_today: date == today,
        })
    });
    let days: Vec<CalendarDay> = days.collect();
    let aside = view! { <p class="muted">{format!("Amounts in {currency}")}</p> };
    Some(
        view! {
            <Card id="calendar" title="When it becomes payable" aside=aside.into_any()>
                <Calendar label="When commissions become payable" days/>
            </Card>
        }
        .into_any(),
    )
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
