//! Messages: notices that stay as long as their reason, flashes that are shown once.

use leptos::prelude::*;

use super::{Cell, CellIcon, Icon, Tone};
use crate::forms::{Flash, FlashKind};

/// A message that belongs to the page: what happened, what it cost, what to do.
#[component]
pub fn Notice(
    /// Its color.
    #[prop(optional)]
    tone: Tone,
    /// "Stripe no longer delivers events here"
    #[prop(into)]
    title: String,
    /// The state of the money that it is about, shown instead of an icon.
    #[prop(optional)]
    cell: Option<Cell>,
    /// What to do: buttons, one below the other.
    #[prop(optional)]
    actions: Option<AnyView>,
    /// One or two sentences.
    children: Children,
) -> impl IntoView {
    let sign = match cell {
        Some(cell) => view! { <CellIcon cell/> }.into_any(),
        None => icon(tone).into_any(),
    };
    view! {
        <div class="notice" data-tone=tone.name()>
            {sign}
            <div class="text"><h2>{title}</h2><p>{children()}</p></div>
            {actions.map(|actions| view! { <div class="actions stack tight">{actions}</div> })}
        </div>
    }
}

/// What was done, or could not be, in the request before.
#[component]
pub fn Flashes(
    /// The messages, oldest first.
    flashes: Vec<Flash>,
) -> impl IntoView {
    flashes.into_iter().map(|flash| view! { <FlashMessage flash/> }).collect_view()
}

#[component]
fn FlashMessage(flash: Flash) -> impl IntoView {
    let (tone, role) = match flash.kind {
        FlashKind::Success => (Tone::Success, "status"),
        FlashKind::Problem => (Tone::Danger, "alert"),
    };
    let undo = flash.undo.map(|undo| {
        let fields = undo
            .fields
            .into_iter()
            .map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
        view! {
            <form class="actions" method="post" action=undo.action>
                {fields.collect_view()}
                <button class="button"><Icon name="undo"/>"Undo"</button>
            </form>
        }
    });
    view! {
        <div class="notice flash" data-tone=tone.name() role=role>
            {icon(tone)}
            <p class="text">{flash.text}</p>
            {undo}
        </div>
    }
}

fn icon(tone: Tone) -> impl IntoView {
    let name = match tone {
        Tone::Success => "check",
        Tone::Danger | Tone::Warning => "alert",
        Tone::Neutral | Tone::Honey | Tone::Info => "info",
    };
    view! { <Icon name/> }
}
