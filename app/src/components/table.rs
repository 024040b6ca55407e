//! Tables. The rows are the caller's; on narrow cards they become cards themselves.
//!
//! Cells of a row: the first is `<th scope="row">` with the link to the detail; numbers have
//! `class="num"`; `data-label` names a cell where there is no head; `lead` puts a cell in the
//! top right corner of a card, `full` gives it the whole width, `hide` leaves it out.

use leptos::prelude::*;

use super::Icon;

/// The order of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Smallest or oldest first.
    Ascending,
    /// Largest or newest first.
    Descending,
}

/// A column's head.
#[derive(Clone, Debug)]
pub struct Column {
    label: String,
    numeric: bool,
    sort: Option<(String, Option<Order>)>,
}

impl Column {
    /// A column of words.
    pub fn text(label: impl Into<String>) -> Self {
        Self { label: label.into(), numeric: false, sort: None }
    }

    /// A column of numbers, aligned at their end.
    pub fn number(label: impl Into<String>) -> Self {
        Self { numeric: true, ..Self::text(label) }
    }

    /// With a link that sorts by it, and its current order.
    #[must_use]
    pub fn sorted(self, href: impl Into<String>, order: Option<Order>) -> Self {
        Self { sort: Some((href.into(), order)), ..self }
    }
}

/// How a table is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableStyle {
    cards: bool,
    wide: bool,
    even: bool,
    spaced: bool,
}

impl TableStyle {
    /// Rows stay rows, however narrow the box is.
    pub const PLAIN: Self = Self { cards: false, wide: false, even: false, spaced: false };
    /// Rows become cards where the box is narrow.
    pub const CARDS: Self = Self { cards: true, ..Self::PLAIN };
    /// Six columns and more: rows become cards early.
    pub const WIDE: Self = Self { wide: true, ..Self::CARDS };

    /// Cells are aligned at their middle, for rows with avatars.
    #[must_use]
    pub const fn even(self) -> Self {
        Self { even: true, ..self }
    }

    /// Space above, in a card below its head.
    #[must_use]
    pub const fn spaced(self) -> Self {
        Self { spaced: true, ..self }
    }

    fn class(self) -> String {
        let names =
            [(self.cards, " cards"), (self.wide, " wide"), (self.even, " even"), (self.spaced, " gap-top")];
        let names = names.into_iter().filter(|(is_on, _)| *is_on).map(|(_, name)| name);
        std::iter::once("table").chain(names).collect()
    }
}

/// A table whose rows are the children.
#[component]
pub fn Table(
    /// What it lists and in which order; read out, not shown.
    #[prop(into)]
    caption: String,
    /// The heads.
    columns: Vec<Column>,
    /// How it is drawn.
    #[prop(optional)]
    style: TableStyle,
    /// The row of sums.
    #[prop(optional)]
    foot: Option<AnyView>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    view! {
        <table class=style.class()>
            <caption class="sr-only">{caption}</caption>
            <thead><tr>{columns.into_iter().map(head).collect_view()}</tr></thead>
            <tbody>{children()}</tbody>
            {foot.map(|foot| view! { <tfoot>{foot}</tfoot> })}
        </table>
    }
}

fn head(column: Column) -> impl IntoView {
    let class = column.numeric.then_some("num");
    let Some((href, order)) = column.sort else {
        return view! { <th scope="col" class=class>{column.label}</th> }.into_any();
    };
    let (name, arrow) = match order {
        Some(Order::Ascending) => (Some("ascending"), Some(view! { <Icon name="sort-up"/> }.into_any())),
        Some(Order::Descending) => (Some("descending"), Some(view! { <Icon name="sort"/> }.into_any())),
        None => (None, None),
    };
    view! { <th scope="col" class=class aria-sort=name><a href=href>{column.label}{arrow}</a></th> }
        .into_any()
}
