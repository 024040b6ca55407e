//! A time in a page, as a `<time>` element.

use leptos::prelude::*;

use crate::text::When;

/// A moment, for people and for machines.
#[component]
pub fn Time(
    /// From one of `text::Zone`'s functions.
    at: When,
) -> impl IntoView {
    view! { <time datetime=at.iso>{at.text}</time> }
}
