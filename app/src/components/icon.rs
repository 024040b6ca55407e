//! Icons, the comb cell, our mark, and the letters that stand for people and programs.

use leptos::prelude::*;

use super::assets::asset;
use crate::text::initials;

/// An icon of the sprite, by its name without `i-`. It decorates: words stand beside it.
#[component]
pub fn Icon(
    /// The symbol's name in `public/icons.svg`.
    name: &'static str,
    /// 16 instead of 18 px.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let class = if small { "icon small" } else { "icon" };
    view! { <svg class=class aria-hidden="true"><use href=symbol(&format!("i-{name}"))></use></svg> }
}

/// The shapes of the comb cell: the state of money. Color only repeats what they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A third full: pending, received, on hold.
    Pending,
    /// Full: payable.
    Payable,
    /// Full with a tick: paid, processed, connected, done.
    Paid,
    /// Left half: partly refunded, partly possible.
    Half,
    /// With a dash: refunded, not possible.
    Minus,
    /// With an x: canceled, declined.
    X,
    /// Full with a mark: disputed, failed, needs attention.
    Alert,
    /// Empty: nothing to do.
    Empty,
    /// Dashed: not tried, not connected.
    Dashed,
    /// With a dot: something happened that moves no money.
    Dot,
}

impl Cell {
    /// Every shape.
    pub const ALL: [Self; 10] = [
        Self::Pending,
        Self::Payable,
        Self::Paid,
        Self::Half,
        Self::Minus,
        Self::X,
        Self::Alert,
        Self::Empty,
        Self::Dashed,
        Self::Dot,
    ];

    /// The symbol's name in the sprite.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Pending => "c-pending",
            Self::Payable => "c-payable",
            Self::Paid => "c-paid",
            Self::Half => "c-half",
            Self::Minus => "c-minus",
            Self::X => "c-x",
            Self::Alert => "c-alert",
            Self::Empty => "c-empty",
            Self::Dashed => "c-dashed",
            Self::Dot => "c-dot",
        }
    }
}

/// One comb cell.
#[component]
pub fn CellIcon(
    /// Its shape.
    cell: Cell,
) -> impl IntoView {
    view! { <svg class="cell" aria-hidden="true"><use href=symbol(cell.symbol())></use></svg> }
}

/// Our mark and name, as a link.
#[component]
pub fn Brand(
    /// Where it leads.
    #[prop(into)]
    href: String,
    /// "small" in a footer, "large" at sign-in.
    #[prop(optional)]
    size: &'static str,
    /// What stands beside the mark.
    #[prop(default = "Honeyguide")]
    words: &'static str,
) -> impl IntoView {
    view! {
        <a class=format!("brand {size}") href=href>
            <svg class="mark" aria-hidden="true"><use href=symbol("mark")></use></svg>
            {words}
        </a>
    }
}

/// The sign of a program: its first letter.
#[component]
pub fn ProgramLogo(
    /// The program's name.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    let letter: String = initials(&name).chars().take(1).collect();
    view! {
        <svg class="program-logo" viewBox="0 0 28 28" aria-hidden="true">
            <rect width="28" height="28" rx="6"></rect>
            <text x="14" y="19.5">{letter}</text>
        </svg>
    }
}

/// The sign of a person: the first letters of the name.
#[component]
pub fn Avatar(
    /// The person's name.
    #[prop(into)]
    name: String,
    /// 24 instead of 28 px.
    #[prop(optional)]
    small: bool,
) -> impl IntoView {
    let class = if small { "avatar small" } else { "avatar" };
    view! { <span class=class aria-hidden="true">{initials(&name)}</span> }
}

fn symbol(id: &str) -> String {
    format!("{}#{id}", asset("icons.svg"))
}
