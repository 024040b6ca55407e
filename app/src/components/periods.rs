//! The choice of a period, the same on every page.

use engine::ledger::reports::Period;
use leptos::prelude::*;

use crate::components::{Segment, Segments};
use crate::request::queries::Parameters;

/// A period's short and spoken name.
fn names(period: Period) -> (&'static str, &'static str) {
    match period {
        Period::Day => ("24 h", "24 hours"),
        Period::Week => ("7 d", "7 days"),
        Period::Month => ("30 d", "30 days"),
        Period::Quarter => ("90 d", "90 days"),
        Period::Year => ("12 mo", "12 months"),
    }
}

/// "30 days", for a sentence.
pub fn spoken(period: Period) -> &'static str {
    names(period).1
}

/// Links to this page in other periods; what else the address says stays.
#[component]
pub fn Periods(
    /// The page.
    #[prop(into)]
    path: String,
    /// What its address says, without cursors.
    #[prop(optional)]
    keep: Parameters,
    /// The chosen period.
    current: Period,
) -> impl IntoView {
    let items = Period::ALL.map(|period| {
        let (label, spoken) = names(period);
        Segment {
            label: label.to_owned(),
            spoken: Some(spoken.to_owned()),
            href: keep.clone().with("period", period.word()).on(&path),
            current: period == current,
            count: None,
        }
    });
    view! { <Segments label="Period" items=items.to_vec()/> }
}
