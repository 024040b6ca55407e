//! The page of a single-use link that was used or is too old.

use leptos::prelude::*;

use super::Sheet;
use crate::layout::title;
use crate::routes;

/// Says how long such a link works, and leads to a new one where a person can ask for it.
pub(super) fn link_is_over(lead: impl Into<String>, new_link: Option<&'static str>) -> AnyView {
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
