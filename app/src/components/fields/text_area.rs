//! The only place with a `<textarea>`: its children are not escaped by Leptos.

use html_escape::encode_text;
use leptos::prelude::*;

use super::Around;
use crate::forms::Field;

/// Several lines.
#[component]
pub fn TextArea(
    /// From the form's state.
    field: Field,
    /// "Where will you promote Lumen Notes?"
    #[prop(into)]
    label: String,
    /// What to put in.
    #[prop(optional, into)]
    hint: String,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let around = Around::new(&field, label, hint, optional);
    // Browsers eat one leading line feed; without ours a value's own first one would vanish.
    let text = format!("\n{}", encode_text(&field.value));
    let input = view! {
        <textarea
            class="input"
            id=around.id.clone()
            name=field.name
            aria-describedby=around.described_by()
            aria-invalid=around.invalid()
            inner_html=text
        ></textarea>
    };
    around.wrap(input)
}
