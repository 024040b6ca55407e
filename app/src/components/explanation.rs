//! Why a payment was credited: checks, arithmetic, history.

use leptos::prelude::*;

use super::{Cell, CellIcon, Time};
use crate::text::When;

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It found nothing.
    NoMatch,
    /// A match was found, but it does not count.
    Refused,
    /// It decided.
    Decided,
    /// An earlier check had decided.
    NotNeeded,
}

impl Verdict {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NoMatch => ("no", "no match"),
            Self::Refused => ("no", "does not count"),
            Self::Decided => ("decided", "decided"),
            Self::NotNeeded => ("skipped", "not needed"),
        }
    }
}

/// One check and what it found.
pub struct CheckItem {
    /// "Click token in the metadata"
    pub title: String,
    /// The result.
    pub verdict: Verdict,
    /// What was found, in a sentence.
    pub text: AnyView,
}

impl CheckItem {
    /// A check with what it found.
    pub fn new(title: impl Into<String>, verdict: Verdict, text: impl IntoView + 'static) -> Self {
        Self { title: title.into(), verdict, text: text.into_any() }
    }
}

/// The checks of a payment, in order.
#[component]
pub fn Checks(
    /// The first comes first.
    items: Vec<CheckItem>,
) -> impl IntoView {
    let items = items.into_iter().zip(1..).map(|(check, number): (CheckItem, u32)| {
        let (state, word) = check.verdict.words();
        let cell = (check.verdict == Verdict::Decided).then(|| view! { <CellIcon cell=Cell::Paid/> });
        view! {
            <li data-state=state>
                <svg class="n" viewBox="0 0 28 28" aria-hidden="true">
                    <path d="M14 2.5 24 8.2v11.6L14 25.5 4 19.8V8.2z"></path>
                    <text x="14" y="17.3">{number}</text>
                </svg>
                <h3><span class="sr-only">{format!("Check {number}: ")}</span>{check.title}</h3>
                <span class="badge">{cell}{word}</span>
                <p>{check.text}</p>
            </li>
        }
    });
    view! { <ol class="checks gap-top">{items.collect_view()}</ol> }
}

/// How a line of a receipt stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineKind {
    /// An ordinary line.
    #[default]
    Plain,
    /// The sum of the lines above, below a rule.
    Sum,
    /// The total, below the last step.
    Result,
}

/// A line of a receipt.
pub struct ReceiptLine {
    label: AnyView,
    note: Option<String>,
    amount: String,
    kind: LineKind,
    gap: bool,
}

impl ReceiptLine {
    /// A line: what, and how much.
    pub fn new(label: impl IntoView + 'static, amount: impl Into<String>) -> Self {
        Self { label: label.into_any(), note: None, amount: amount.into(), kind: LineKind::Plain, gap: false }
    }

    /// With a line below the label.
    #[must_use]
    pub fn note(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }

    /// As the sum of the lines above.
    #[must_use]
    pub fn sum(self) -> Self {
        Self { kind: LineKind::Sum, ..self }
    }

    /// As the result.
    #[must_use]
    pub fn result(self) -> Self {
        Self { kind: LineKind::Result, ..self }
    }

    /// With space below, before a rule.
    #[must_use]
    pub fn gap(self) -> Self {
        Self { gap: true, ..self }
    }
}

/// The arithmetic of a commission, like a bill.
#[component]
pub fn Receipt(
    /// "From the price to the commission, in USD"
    #[prop(into)]
    caption: String,
    /// From top to bottom.
    lines: Vec<ReceiptLine>,
) -> impl IntoView {
    let lines = lines.into_iter().map(|line| {
        let class = match (line.kind, line.gap) {
            (LineKind::Plain, false) => None,
            (LineKind::Plain, true) => Some("gap"),
            (LineKind::Sum, false) => Some("rule"),
            (LineKind::Sum, true) => Some("rule gap"),
            (LineKind::Result, _) => Some("result"),
        };
        let note = line.note.map(|note| view! { <small>{note}</small> });
        view! { <tr class=class><th scope="row">{line.label}{note}</th><td>{line.amount}</td></tr> }
    });
    view! { <table class="receipt"><caption class="sr-only">{caption}</caption><tbody>{lines.collect_view()}</tbody></table> }
}

/// Something that happened, or will.
pub struct Happening {
    /// Its shape: `Dot` where no money moved.
    pub cell: Cell,
    /// "26.13 USD refunded"
    pub title: String,
    /// When.
    pub at: When,
    /// More about it.
    pub text: Option<AnyView>,
    /// Whether it has not happened yet.
    pub future: bool,
}

impl Happening {
    /// Something that happened.
    pub fn new(cell: Cell, title: impl Into<String>, at: When) -> Self {
        Self { cell, title: title.into(), at, text: None, future: false }
    }

    /// With a sentence.
    #[must_use]
    pub fn text(self, text: impl IntoView + 'static) -> Self {
        Self { text: Some(text.into_any()), ..self }
    }

    /// As something that will happen.
    #[must_use]
    pub fn future(self) -> Self {
        Self { future: true, ..self }
    }
}

/// What happened, oldest first, what comes below a dashed line.
#[component]
pub fn Timeline(
    /// Oldest first.
    items: Vec<Happening>,
) -> impl IntoView {
    let items = items.into_iter().map(|item| {
        let text = item.text.map(|text| view! { <p>{text}</p> });
        view! {
            <li class=item.future.then_some("future")>
                <CellIcon cell=item.cell/>
                <h3>{item.title}</h3>
                <Time at=item.at/>
                {text}
            </li>
        }
    });
    view! { <ol class="timeline">{items.collect_view()}</ol> }
}
