//! A calendar of the coming weeks: what leaves its hold when, and when payouts are drafted.

use leptos::prelude::*;

use super::{Cell, CellIcon};

/// One day of a calendar.
#[derive(Clone, Debug, Default)]
pub struct CalendarDay {
    /// "25", or "25 Nov" where a month begins and where something happens.
    pub label: String,
    /// "Wed", shown where the calendar is a list.
    pub weekday: String,
    /// ISO 8601.
    pub iso: String,
    /// "+24.00": what leaves its hold.
    pub amount: Option<String>,
    /// Whether payouts are drafted on that day.
    pub is_payday: bool,
    /// Whether it is over.
    pub is_past: bool,
    /// Whether it is today.
    pub is_today: bool,
}

/// Whole weeks, Monday first. On a phone only the days on which something happens are listed.
#[component]
pub fn Calendar(
    /// Read out, not shown.
    #[prop(into)]
    label: String,
    /// The days; a multiple of seven.
    days: Vec<CalendarDay>,
) -> impl IntoView {
    let heads = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        .map(|day| view! { <li class="head" aria-hidden="true">{day}</li> });
    let days = days.into_iter().map(|day| {
        let class = [
            (day.is_past, "past"),
            (day.is_today, "today"),
            (day.amount.is_some(), "off-hold"),
            (day.is_payday, "payday"),
        ];
        let class: Vec<&str> = class.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).collect();
        let today = day.is_today.then(|| view! { <span>" · today"</span> });
        let amount = day.amount.map(|amount| view! { <b><CellIcon cell=Cell::Payable/>{amount}</b> });
        let payday = day.is_payday.then(|| view! { <b><small>"Payouts drafted"</small></b> });
        view! {
            <li class=class.join(" ")>
                <time datetime=day.iso>{day.label}{today}<span class="wd">" "{day.weekday}</span></time>
                {amount}
                {payday}
            </li>
        }
    });
    view! { <ol class="calendar" aria-label=label>{heads.into_iter().collect_view()}{days.collect_view()}</ol> }
}
