//! What an affiliate will be paid: the next payout, and the calendar of what leaves its hold.

use std::collections::BTreeMap;

use domain::payouts::{next_draft, usable_from};
use engine::payouts::{Balance, OwnPayouts};
use leptos::prelude::*;

use crate::components::{Calendar, CalendarDay, Card, CardBody};
use crate::layout::AffiliateProgramPage;
use crate::presenters::payouts::method_text;
use crate::text::{amount, money};

/// Days of the calendar.
const DAYS: i32 = 35;

/// What the next payout comes to, and what it still lacks.
pub(super) fn next_payout(page: &AffiliateProgramPage, own: &OwnPayouts, balance: &Balance) -> AnyView {
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
pub(super) fn calendar(page: &AffiliateProgramPage, own: &OwnPayouts) -> Option<AnyView> {
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
