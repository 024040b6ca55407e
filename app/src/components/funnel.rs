//! A funnel: bars to scale from clicks to customers.

use leptos::prelude::*;

use super::Icon;
use crate::text::count;

/// One step of a funnel.
#[derive(Clone, Debug)]
pub struct FunnelStep {
    /// "Leads"
    pub label: String,
    /// How many.
    pub value: i64,
    /// The rate to the next step: "14.8% paid"; none at the end.
    pub rate: Option<String>,
}

/// Steps with bars to scale and the rates between them.
#[component]
pub fn Funnel(
    /// From the widest to the narrowest.
    steps: Vec<FunnelStep>,
) -> impl IntoView {
    let widest = steps.iter().map(|step| step.value).max().unwrap_or(0);
    let steps = steps.into_iter().map(|step| {
        let width = (i128::from(step.value.max(0)) * 10_000).checked_div(i128::from(widest)).unwrap_or(0);
        let rate = step.rate.map(|rate| view! { <span class="rate"><Icon name="down"/>{rate}</span> });
        view! {
            <li>
                <span>{step.label}</span>
                <b>{count(step.value)}</b>
                <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                    <rect class="track" width="100" height="10"></rect>
                    <rect class="fill" width=format!("{}.{:02}", width / 100, width % 100) height="10"></rect>
                </svg>
                {rate}
            </li>
        }
    });
    view! { <ol class="funnel">{steps.collect_view()}</ol> }
}
