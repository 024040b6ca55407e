//! Cards: the one kind of box on pages.

use leptos::prelude::*;

/// A titled card. Its children are a `CardBody`, or something that reaches from edge to
/// edge: a table, checks, a health list.
#[component]
pub fn Card(
    /// The id of the heading; the card is named by it.
    id: &'static str,
    /// Its heading.
    #[prop(into)]
    title: String,
    /// A unit beside the heading: "USD".
    #[prop(optional, into)]
    unit: String,
    /// At the other end of the head: a link or a short sentence.
    #[prop(optional)]
    aside: Option<AnyView>,
    /// Below a line: a sentence and a link.
    #[prop(optional)]
    foot: Option<AnyView>,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    let unit = (!unit.is_empty()).then(|| view! { " "<span class="muted small">{unit}</span> });
    view! {
        <section class="card" aria-labelledby=id>
            <div class="card-head"><h2 id=id>{title}{unit}</h2>{aside}</div>
            {children()}
            {foot.map(|foot| view! { <div class="card-foot">{foot}</div> })}
        </section>
    }
}

/// The padded inside of a card.
#[component]
pub fn CardBody(
    /// What it holds.
    children: Children,
) -> impl IntoView {
    view! { <div class="card-body">{children()}</div> }
}

/// A card around a table that the page's heading names already.
#[component]
pub fn PlainCard(
    /// What it holds.
    children: Children,
) -> impl IntoView {
    view! { <div class="card">{children()}</div> }
}

/// The one act of a page that cannot be undone, with its consequence.
#[component]
pub fn DangerCard(
    /// The id of the heading.
    id: &'static str,
    /// "Disconnect Stripe"
    #[prop(into)]
    title: String,
    /// What stays and what goes, in numbers.
    #[prop(into)]
    consequence: String,
    /// The link or form that does it.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby=id>
            <div class="danger-row">
                <div class="stack tight"><h2 id=id>{title}</h2><p>{consequence}</p></div>
                {children()}
            </div>
        </section>
    }
}

/// Two columns: the main one and an aside of 20rem, below it where the page is narrow.
#[component]
pub fn Columns(
    /// The aside.
    aside: AnyView,
    /// The main column.
    children: Children,
) -> impl IntoView {
    view! { <div class="columns"><div class="stack">{children()}</div><div class="stack">{aside}</div></div> }
}

/// Nothing to show: why, and one thing to do.
#[component]
pub fn EmptyState(
    /// "No conversions yet"
    #[prop(into)]
    title: String,
    /// One sentence.
    #[prop(into)]
    text: String,
    /// Three waiting cells above it: for a first use, not for a search without a match.
    #[prop(optional)]
    first_use: bool,
    /// One primary button, and a link to read on.
    #[prop(optional)]
    actions: Option<AnyView>,
) -> impl IntoView {
    let cells = first_use.then(
        || view! { <super::ProgressCells progress=super::Progress { cells: 3, tenths: 4, expected: 0 } label=""/> },
    );
    view! {
        <div class="empty">
            {cells}
            <h2>{title}</h2>
            <p>{text}</p>
            {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
        </div>
    }
}
