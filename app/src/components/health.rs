//! The health of a connection, the report of a repair or test sale, and the ways to connect.

use leptos::prelude::*;

use super::{Cell, CellIcon, Tone};

/// One sign of health.
pub struct HealthItem {
    /// Its shape.
    pub cell: Cell,
    /// Its color.
    pub tone: Tone,
    /// "Last event"
    pub label: String,
    /// "2 min ago"
    pub value: AnyView,
    /// More about it.
    pub note: Option<AnyView>,
}

impl HealthItem {
    /// In order.
    pub fn good(label: impl Into<String>, value: impl IntoView + 'static) -> Self {
        Self {
            cell: Cell::Paid,
            tone: Tone::Success,
            label: label.into(),
            value: value.into_any(),
            note: None,
        }
    }

    /// Something waits; nothing to do.
    pub fn waiting(label: impl Into<String>, value: impl IntoView + 'static) -> Self {
        Self { cell: Cell::Pending, tone: Tone::Neutral, ..Self::good(label, value) }
    }

    /// A person has to look at it.
    pub fn bad(label: impl Into<String>, value: impl IntoView + 'static) -> Self {
        Self { cell: Cell::Alert, tone: Tone::Danger, ..Self::good(label, value) }
    }

    /// With a line below it.
    #[must_use]
    pub fn note(self, note: impl IntoView + 'static) -> Self {
        Self { note: Some(note.into_any()), ..self }
    }
}

/// The signs of health of a connection.
#[component]
pub fn HealthList(
    /// The signs.
    items: Vec<HealthItem>,
) -> impl IntoView {
    let items = items.into_iter().map(|item| {
        let note = item.note.map(|note| view! { <small>{note}</small> });
        view! {
            <li data-tone=item.tone.name()>
                <CellIcon cell=item.cell/><b>{item.label}</b><span class="value">{item.value}</span>{note}
            </li>
        }
    });
    view! { <ul class="health gap-top" role="list">{items.collect_view()}</ul> }
}

/// One step of a report: what was tried, and the result.
pub struct ReportStep {
    /// Its shape.
    pub cell: Cell,
    /// Its color.
    pub tone: Tone,
    /// "Find our endpoint"
    pub title: String,
    /// "1 found"
    pub word: String,
    /// The result.
    pub text: AnyView,
}

/// What a repair or a check did, step by step.
#[component]
pub fn Report(
    /// In the order they were tried.
    steps: Vec<ReportStep>,
) -> impl IntoView {
    let steps = steps.into_iter().map(|step| {
        view! {
            <li data-tone=step.tone.name()>
                <CellIcon cell=step.cell/><h3>{step.title}</h3><span class="word">{step.word}</span><p>{step.text}</p>
            </li>
        }
    });
    view! { <ol class="report gap-top" role="list">{steps.collect_view()}</ol> }
}

/// A card for one way to connect Stripe.
pub struct MethodCard {
    /// "About a minute"
    pub tagline: String,
    /// "Sign in with Stripe"
    pub title: String,
    /// What it means.
    pub text: String,
    /// What to do.
    pub steps: Vec<String>,
    /// The button.
    pub action: AnyView,
    /// Whether it is the one that fits this server.
    pub recommended: bool,
}

/// The ways to connect Stripe, side by side.
#[component]
pub fn MethodCards(
    /// The best one first.
    items: Vec<MethodCard>,
) -> impl IntoView {
    let items = items.into_iter().map(|card| {
        let class = if card.recommended { "card method recommended" } else { "card method" };
        let cell = card.recommended.then(|| view! { <CellIcon cell=Cell::Payable/> });
        let steps = card.steps.into_iter().map(|step| view! { <li>{step}</li> }).collect_view();
        view! {
            <div class=class>
                <p class="tagline">{cell}{card.tagline}</p>
                <h2>{card.title}</h2>
                <p>{card.text}</p>
                <ol class="steps">{steps}</ol>
                {card.action}
            </div>
        }
    });
    view! { <section class="methods" aria-label="Ways to connect">{items.collect_view()}</section> }
}
