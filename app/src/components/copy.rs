//! Fields and blocks with a copy button. Without JavaScript the text can be selected.

use leptos::prelude::*;

use super::Icon;

/// A link, id or key in its own field.
#[component]
pub fn CopyField(
    /// The id of the field.
    #[prop(into)]
    id: String,
    /// What it is: "Endpoint URL".
    #[prop(into)]
    label: String,
    /// What is copied.
    #[prop(into)]
    value: String,
    /// The affiliate's link: large, in the program's color.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let (class, button) = if large { ("copy large", "button program") } else { ("copy", "button") };
    view! {
        <div class=class>
            <label class="sr-only" for=id.clone()>{label}</label>
            <input id=id.clone() readonly spellcheck="false" value=value/>
            <button class=button type="button" data-copy=id><Icon name="copy"/>"Copy"</button>
        </div>
    }
}

/// Several lines of code with a copy button.
#[component]
pub fn CodeBlock(
    /// The id of the code.
    id: &'static str,
    /// What it is: "Tracking snippet".
    #[prop(into)]
    label: String,
    /// The lines.
    #[prop(into)]
    code: String,
) -> impl IntoView {
    view! {
        <div class="code-block">
            // A region that scrolls has to be reachable by keyboard, and then needs a name.
            <pre class="code" tabindex="0" role="group" aria-label=label><code id=id>{code}</code></pre>
            <button class="button" type="button" data-copy=id><Icon name="copy"/>"Copy"</button>
        </div>
    }
}
