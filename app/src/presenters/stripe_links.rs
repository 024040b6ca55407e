//! A payment at Stripe: its ids and its events.

use domain::ids::ProgramId;
use engine::stripe::events::InboxEvent;
use leptos::prelude::*;

use crate::components::*;
use crate::presenters::labels::event_state;
use crate::presenters::reasons::outcome_sentence;
use crate::presenters::stripe_dashboard;
use crate::routes;
use crate::text::{Zone, short_id};

/// A shortened Stripe id, with a link to it in Stripe's dashboard.
#[component]
pub fn IdInStripe(
    /// The whole id.
    #[prop(into)]
    id: String,
    /// Live or test.
    livemode: bool,
) -> impl IntoView {
    let link = stripe_dashboard::link(livemode, &id).map(|href| {
        let label = format!("Open {id} in Stripe");
        view! {
            " "
            <a class="outward" href=href target="_blank" rel="noopener" title="Open in Stripe">
                <Icon name="external"/>
                <span class="sr-only">{label}</span>
            </a>
        }
    });
    view! { <span class="mono small" title=id.clone()>{short_id(&id)}</span>{link} }
}

/// The ids by which Stripe knows a payment.
#[component]
pub fn StripeIds(
    /// All of them.
    ids: Vec<String>,
    /// Live or test.
    livemode: bool,
) -> impl IntoView {
    let facts = ids.into_iter().map(|id| {
        let kind = match id.split('_').next().unwrap_or_default() {
            "cs" => "Checkout Session",
            "in" => "Invoice",
            "pi" => "Payment intent",
            "ch" | "py" => "Charge",
            "sub" => "Subscription",
            _ => "ID",
        };
        Fact::new(kind, view! { <IdInStripe id livemode/> })
    });
    let items: Vec<Fact> = facts.collect();
    view! {
        <Card id="ids" title="In Stripe"><CardBody><Facts items compact=true/></CardBody></Card>
    }
}

/// The events about a payment, and what each did.
#[component]
pub fn EventsCard(
    /// Oldest first.
    events: Vec<InboxEvent>,
    /// The program.
    program: ProgramId,
    /// Its time zone.
    zone: Zone,
) -> impl IntoView {
    let items = events.into_iter().rev().map(|event| {
        let href = routes::program(&program).event(&event.id);
        let outcome = event.outcome.as_ref().map(|outcome| outcome_sentence(outcome, &zone));
        let text = outcome.unwrap_or_else(|| "Not processed yet.".to_owned());
        let text = view! { <a href=href>{event.event_type}</a>{format!(": {text}")} };
        FeedItem::new(event_state(event.status).cell, text, zone.date_and_time(event.event_created_at))
    });
    let items: Vec<FeedItem> = items.collect();
    (!items.is_empty()).then(|| {
        view! {
            <Card id="history" title="Events from Stripe" aside=view! { <p>"Newest first"</p> }.into_any()>
                <CardBody><Feed items/></CardBody>
            </Card>
        }
    })
}
