//! Lists of labels and values.

use leptos::prelude::*;

/// A label and its value.
pub struct Fact {
    term: String,
    value: AnyView,
    note: Option<AnyView>,
}

impl Fact {
    /// A value of words, or of anything that can be shown.
    pub fn new(term: impl Into<String>, value: impl IntoView + 'static) -> Self {
        Self { term: term.into(), value: value.into_any(), note: None }
    }

    /// With a line below.
    #[must_use]
    pub fn note(self, note: impl IntoView + 'static) -> Self {
        Self { note: Some(view! { <small>{note.into_any()}</small> }.into_any()), ..self }
    }

    /// With an id below, in the letters of a machine.
    #[must_use]
    pub fn id(self, id: impl Into<String>) -> Self {
        let id: String = id.into();
        Self { note: Some(view! { <small class="mono">{id}</small> }.into_any()), ..self }
    }
}

/// Labels and values.
#[component]
pub fn Facts(
    /// The facts.
    items: Vec<Fact>,
    /// For an aside: values at the end of their line.
    #[prop(optional)]
    compact: bool,
) -> impl IntoView {
    let class = if compact { "facts compact" } else { "facts" };
    let items = items
        .into_iter()
        .map(|fact| view! { <div><dt>{fact.term}</dt><dd>{fact.value}{fact.note}</dd></div> });
    view! { <dl class=class>{items.collect_view()}</dl> }
}
