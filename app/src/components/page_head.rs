//! The head of a page: its one `h1`, a sentence, a state, the main actions.

use leptos::prelude::*;

use super::{Badge, State};

/// The head of a page. It has the page's only `h1`.
#[component]
pub fn PageHead(
    /// The page's part of the title.
    #[prop(into)]
    title: String,
    /// One sentence with dates and time zone.
    #[prop(optional, into)]
    lead: String,
    /// The state of the object, shown before the sentence.
    #[prop(optional)]
    state: Option<State>,
    /// The sentence with links or times in it, instead of `lead`.
    #[prop(optional)]
    lead_view: Option<AnyView>,
    /// Buttons, at most one of them primary.
    #[prop(optional)]
    actions: Option<AnyView>,
) -> impl IntoView {
    let lead = lead_view.or_else(|| (!lead.is_empty()).then(|| lead.into_any()));
    let below = match (state, lead) {
        (Some(state), lead) => {
            let lead = lead.map(|lead| view! { <span class="muted">{lead}</span> });
            view! { <div class="state"><Badge state boxed=true/>{lead}</div> }.into_any()
        }
        (None, Some(lead)) => view! { <p class="muted">{lead}</p> }.into_any(),
        (None, None) => ().into_any(),
    };
    view! {
        <div class="page-head">
            <div class="titles"><h1>{title}</h1>{below}</div>
            {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
        </div>
    }
}
