//! Parts of an overview: onboarding, tasks, latest activity.

use leptos::prelude::*;

use super::{Cell, CellIcon, Icon, Progress, ProgressCells, Time};
use crate::text::When;

/// The steps of a set-up. They are derived from data; nobody ticks them.
pub struct OnboardingView {
    /// "Set the payout method": the next step.
    pub title: String,
    /// Why it is not done yet, from evidence.
    pub text: String,
    /// The button that does it, and one that hides the card.
    pub actions: AnyView,
    /// What is done.
    pub done: Vec<String>,
    /// How many steps there are.
    pub steps: u32,
}

/// The card that leads a new program to its first commission.
#[component]
pub fn Onboarding(
    /// The steps.
    view: OnboardingView,
) -> impl IntoView {
    let OnboardingView { title, text, actions, done, steps } = view;
    let finished = u32::try_from(done.len()).unwrap_or(steps);
    let summary = match finished {
        1 => "Show the finished step".to_owned(),
        _ => format!("Show the {finished} finished steps"),
    };
    let list =
        done.into_iter().map(|step| view! { <li><CellIcon cell=Cell::Paid/>{step}</li> }).collect_view();
    view! {
        <section class="card" aria-labelledby="onboarding">
            <div class="onboarding">
                <div class="lead">
                    <div class="step">
                        <ProgressCells progress=Progress::steps(finished, steps) label=format!("{finished} of {steps} steps done")/>
                        <span class="muted">{format!("{finished} of {steps} done")}</span>
                    </div>
                    <h2 id="onboarding">{title}</h2>
                    <p>{text}</p>
                </div>
                <div class="actions">{actions}</div>
                {(finished > 0).then(|| view! {
                    <details class="more">
                        <summary><Icon name="right"/>{summary}</summary>
                        <ul class="done-list">{list}</ul>
                    </details>
                })}
            </div>
        </section>
    }
}

/// Something that the merchant has to do.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its icon.
    pub icon: &'static str,
    /// "Review 2 applications"
    pub title: String,
    /// "The oldest is from 18 Nov"
    pub note: String,
    /// Where it is done.
    pub href: String,
}

/// What the merchant has to do.
#[component]
pub fn Tasks(
    /// The most urgent first.
    items: Vec<Task>,
) -> impl IntoView {
    let items = items.into_iter().map(|task| {
        view! {
            <li>
                <a href=task.href><Icon name=task.icon/><b>{task.title}</b><small>{task.note}</small><Icon name="right"/></a>
            </li>
        }
    });
    view! { <ul class="tasks" role="list">{items.collect_view()}</ul> }
}

/// One line of a feed.
pub struct FeedItem {
    /// Its shape.
    pub cell: Cell,
    /// What happened.
    pub text: AnyView,
    /// When.
    pub at: When,
    /// Who did it, or what caused it; may be empty.
    pub by: String,
}

impl FeedItem {
    /// Something that happened.
    pub fn new(cell: Cell, text: impl IntoView + 'static, at: When) -> Self {
        Self { cell, text: text.into_any(), at, by: String::new() }
    }

    /// With who did it, or what caused it.
    #[must_use]
    pub fn by(self, by: impl Into<String>) -> Self {
        Self { by: by.into(), ..self }
    }
}

/// What happened, newest first.
#[component]
pub fn Feed(
    /// Newest first.
    items: Vec<FeedItem>,
) -> impl IntoView {
    let items = items.into_iter().map(|item| {
        let by = (!item.by.is_empty()).then(|| format!(", {}", item.by));
        view! { <li><CellIcon cell=item.cell/><p>{item.text}</p><small><Time at=item.at/>{by}</small></li> }
    });
    view! { <ul class="feed" role="list">{items.collect_view()}</ul> }
}
