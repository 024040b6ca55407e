//! Pages that are one centered card: signing in, and the links in mails.

use leptos::prelude::*;

use super::title;
use crate::components::{CenteredShell, TestNote};
use crate::forms::Flash;
use crate::request::site::Site;
use crate::routes;

/// A centered card with a heading.
#[component]
pub fn Sheet(
    /// The page's one heading.
    #[prop(into)]
    title: String,
    /// Messages of the request before.
    #[prop(optional)]
    flashes: Vec<Flash>,
    /// A sentence below the heading.
    #[prop(optional, into)]
    lead: String,
    /// Below the card.
    #[prop(optional)]
    foot: Option<AnyView>,
    /// The rest of the card.
    children: Children,
) -> impl IntoView {
    let lead = (!lead.is_empty()).then(|| view! { <p>{lead}</p> });
    let inside = view! { <h1>{title}</h1>{lead}{children()} };
    let test_bar = TestNote::of(&Site::current(), false);
    match foot {
        Some(foot) => view! { <CenteredShell test_bar flashes foot>{inside}</CenteredShell> }.into_any(),
        None => view! { <CenteredShell test_bar flashes>{inside}</CenteredShell> }.into_any(),
    }
}

/// The page of a single-use link that was used or has expired. `lead` says how long such a link
/// works; `new_link` is where a person can ask for another one.
pub fn link_is_over(lead: impl Into<String>, new_link: Option<&'static str>) -> AnyView {
    title("This link no longer works", false);
    let new_link = new_link.map(|href| view! { <a class="button quiet" href=href>"Send a new link"</a> });
    view! {
        <Sheet title="This link no longer works" lead=lead.into()>
            <p class="button-row">
                <a class="button" href=routes::SIGN_IN>"Go to sign-in"</a>
                {new_link}
            </p>
        </Sheet>
    }
    .into_any()
}
