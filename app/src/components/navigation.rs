//! Navigation inside a page: segments, tabs, filters, pager. All are links.

use leptos::prelude::*;

use super::Icon;
use crate::text::count;

/// One of a few choices in a row.
#[derive(Clone, Debug, Default)]
pub struct Segment {
    /// "30 d"
    pub label: String,
    /// "30 days", where the label is an abbreviation.
    pub spoken: Option<String>,
    /// Where it leads.
    pub href: String,
    /// Whether it is chosen.
    pub current: bool,
    /// How many there are.
    pub count: Option<i64>,
}

/// Periods, outcomes, modes: one of a few.
#[component]
pub fn Segments(
    /// "Period"
    #[prop(into)]
    label: String,
    /// The choices.
    items: Vec<Segment>,
) -> impl IntoView {
    // Long rows scroll sideways on phones and fade out at the end to show it.
    const LETTERS_OF_A_PHONE: usize = 30;
    let letters: usize = items.iter().map(|item| item.label.chars().count()).sum();
    let long = letters > LETTERS_OF_A_PHONE || items.iter().any(|item| item.count.is_some());
    let class = if long { "segments long" } else { "segments" };
    let items = items.into_iter().map(|item| {
        let label = match item.spoken {
            Some(spoken) => {
                view! { <span aria-hidden="true">{item.label}</span><span class="sr-only">{spoken}</span> }
                    .into_any()
            }
            None => item.label.into_any(),
        };
        let number = item.count.map(|number| view! { " "<span class="count">{count(number)}</span> });
        view! { <a href=item.href aria-current=item.current.then_some("true")>{label}{number}</a> }
    });
    view! { <nav class=class aria-label=label>{items.collect_view()}</nav> }
}

/// A section of an object or a program.
#[derive(Clone, Debug, Default)]
pub struct Tab {
    /// Its words.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Whether it is the page.
    pub current: bool,
    /// How many wait there.
    pub count: Option<i64>,
}

/// The sections of an object or a program.
#[component]
pub fn Tabs(
    /// What they are sections of.
    #[prop(into)]
    label: String,
    /// The sections.
    tabs: Vec<Tab>,
) -> impl IntoView {
    let tabs = tabs.into_iter().map(|tab| {
        let number = tab.count.map(|number| view! { " "<span class="count">{count(number)}</span> });
        view! { <a href=tab.href aria-current=tab.current.then_some("page")>{tab.label}{number}</a> }
    });
    view! { <nav class="tabs" aria-label=label>{tabs.collect_view()}</nav> }
}

/// A filter in force.
#[derive(Clone, Debug)]
pub struct Filter {
    /// "Status"
    pub name: String,
    /// "all but canceled"
    pub value: String,
    /// This page without it.
    pub remove: String,
}

/// The filters in force, and the menu that adds one.
#[component]
pub fn Filters(
    /// The filters in force.
    filters: Vec<Filter>,
    /// This page without any.
    #[prop(into)]
    clear: String,
    /// The page itself, which the menu's GET form asks again.
    #[prop(into)]
    action: String,
    /// Parameters to keep that are not fields of the menu: the period, the order.
    #[prop(optional)]
    keep: Vec<(String, String)>,
    /// Fields of the menu.
    children: Children,
) -> impl IntoView {
    let any = !filters.is_empty();
    let chips = filters.into_iter().map(|Filter { name, value, remove }| {
        let label = format!("Remove filter: {} {value}", name.to_lowercase());
        view! {
            <div class="chip"><span>{name}":"</span>" "{value}<a href=remove aria-label=label><Icon name="x"/></a></div>
        }
    });
    let keep = keep.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    view! {
        <div class="chips" role="group" aria-label="Filters">
            {chips.collect_view()}
            <details class="menu" data-menu>
                <summary class="button quiet"><Icon name="plus"/>"Add filter"</summary>
                <div class="menu-panel">
                    <form class="menu-form" method="get" action=action data-submit-on-change>
                        {keep.collect_view()}
                        {children()}
                        <button class="button primary">"Apply"</button>
                    </form>
                </div>
            </details>
            {any.then(|| view! { <a class="button quiet" href=clear>"Clear all"</a> })}
        </div>
    }
}

/// Facts in a row: "60-day window".
#[component]
pub fn FactChips(
    /// The facts.
    facts: Vec<String>,
) -> impl IntoView {
    let chips = facts.into_iter().map(|fact| view! { <span class="chip fact">{fact}</span> });
    view! { <div class="chips">{chips.collect_view()}</div> }
}

/// Newer and older, below a table. A direction that leads nowhere is shown and does nothing.
#[component]
pub fn Pager(
    /// The page of newer rows.
    newer: Option<String>,
    /// The page of older rows.
    older: Option<String>,
    /// "Newest first, 50 to a page"
    #[prop(optional, into)]
    note: String,
    /// For lists that are not in the order of time: "Previous" and "Next".
    #[prop(optional)]
    by_name: bool,
) -> impl IntoView {
    // Everything fits on one page.
    let pages = newer.is_some() || older.is_some();
    let (newer_word, older_word) = if by_name { ("Previous", "Next") } else { ("Newer", "Older") };
    let newer_words = || view! { <Icon name="left"/>{newer_word} };
    let older_words = || view! { {older_word}<Icon name="right"/> };
    let newer = match newer {
        Some(href) => view! { <a class="button" href=href rel="prev">{newer_words()}</a> }.into_any(),
        None => view! { <span class="button" aria-disabled="true">{newer_words()}</span> }.into_any(),
    };
    let older = match older {
        Some(href) => view! { <a class="button" href=href rel="next">{older_words()}</a> }.into_any(),
        None => view! { <span class="button" aria-disabled="true">{older_words()}</span> }.into_any(),
    };
    let pages = pages.then(|| view! { <div class="pager">{newer}{older}</div> });
    view! { <div class="card-foot"><span>{note}</span>{pages}</div> }
}
