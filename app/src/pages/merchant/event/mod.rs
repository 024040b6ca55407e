//! One event as Stripe sent it: its parsed fields, what it changed, its attempts.

mod facts;

use domain::events::{AttemptKind, EventOutcome, EventStatus};
use engine::stripe::events::{Attempt, EventDetail as Detail, InboxEvent};
use leptos::prelude::*;

use self::facts::read_from_it;
use crate::components::*;
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::labels::{event_source, event_state};
use crate::presenters::reasons::{outcome_text, subscription_ended};
use crate::presenters::stripe_links::IdInStripe;
use crate::presenters::tables::{EntryTable, RowFormat};
use crate::request::access::{Access, parameter};
use crate::request::queries::Parameters;
use crate::text::short_id;

/// Payloads with more lines are folded: what matters is above them.
const SHOWN_LINES: usize = 40;

/// One received event.
#[component]
pub fn EventDetail() -> impl IntoView {
    page(event())
}

async fn event() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let id = parameter("event")?;
    let detail = engine::stripe::events::detail(&page.engine, &page.actor, &page.program.id, &id).await?;
    let event = &detail.event;
    page.title(&event.event_type, false);
    let crumbs = page.crumbs(&[("Events", page.routes().events())], short_id(&event.event_id));
    let state = event_state(event.status);
    let aside = view! { {about(&page, event)}{tries(&page, &detail)} };
    let replay = page.routes().replay_of(&id);
    let actions = view! { <a class="button" href=replay><Icon name="refresh"/>"Replay…"</a> };
    let lead = format!("Received {}", page.zone.date_and_time(event.received_at).text);
    let (outcome, changed, read, payload) = (
        outcome(&page, &detail),
        changed(&page, &detail),
        read_from_it(&page, &detail),
        payload(&detail.body),
    );
    let title = event.event_type.clone();
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Events) crumbs>
            <PageHead title state lead actions=actions.into_any()/>
            {outcome}
            <Columns aside=aside.into_any()>{changed}{read}{payload}</Columns>
        </MerchantShell>
    }
    .into_any())
}

fn outcome(page: &ProgramPage, detail: &Detail) -> AnyView {
    let event = &detail.event;
    let state = event_state(event.status);
    let text = event.outcome.as_ref().map(|outcome| outcome_text(outcome, &page.zone));
    let text = text.unwrap_or_else(|| "It is stored and will be processed in a moment.".to_owned());
    // An event that also changed money says in its outcome only that.
    let ended = detail.facts.as_ref().and_then(|facts| facts.fact.subscription_end());
    let text = match (ended, &event.outcome) {
        (Some(_), Some(EventOutcome::SubscriptionEnded { .. })) | (None, _) => text,
        (Some(at), _) => format!("{text} {}", subscription_ended(at, &page.zone)),
    };
    let title = match (event.status, &event.outcome) {
        (EventStatus::Processed, Some(EventOutcome::LedgerChanged { .. })) => "Changed the ledger",
        (EventStatus::Processed, Some(EventOutcome::CustomerAttributed { .. })) => "Attributed the customer",
        (EventStatus::Processed, _) => "Processed",
        (EventStatus::Ignored, Some(EventOutcome::SubscriptionEnded { .. })) => "Ended a subscription",
        (EventStatus::Ignored, _) => "Ignored",
        (EventStatus::Failed, _) => "Failed",
        (EventStatus::Received, _) => "Waiting",
    };
    let to = |href: String, label: &'static str| view! { <a class="button" href=href>{label}</a> };
    let payment = detail.payment.as_ref().map(|id| to(page.routes().payment(id), "See the payment"));
    let conversion =
        detail.conversion.as_ref().map(|id| to(page.routes().conversion(id), "See the commission"));
    if payment.is_none() {
        return view! { <Notice title tone=state.tone cell=state.cell>{text}</Notice> }.into_any();
    }
    let actions = view! { {payment}{conversion} };
    view! { <Notice title tone=state.tone cell=state.cell actions=actions.into_any()>{text}</Notice> }
        .into_any()
}

/// The entries of the ledger that it caused.
fn changed(page: &ProgramPage, detail: &Detail) -> Option<AnyView> {
    let rows = detail.entries.clone();
    if rows.is_empty() {
        return None;
    }
    let format = RowFormat::of(page);
    Some(
        view! {
            <Card id="changed" title="Ledger changes">
                <EntryTable rows format/>
            </Card>
        }
        .into_any(),
    )
}

fn payload(body: &str) -> AnyView {
    if body.is_empty() {
        return view! {
            <Card id="payload" title="Payload">
                <CardBody><p class="muted">"Payloads are deleted after 90 days. The parsed fields are kept."</p></CardBody>
            </Card>
        }
        .into_any();
    }
    let code = pretty(body);
    let lines = code.lines().count();
    let block = view! { <CodeBlock id="body" label="The event as received" code/> };
    let content = if lines <= SHOWN_LINES {
        block.into_any()
    } else {
        let label = format!("All {lines} lines");
        view! {
            <details class="more">
                <summary><Icon name="right"/>{label}</summary>
                <div class="gap-top">{block}</div>
            </details>
        }
        .into_any()
    };
    view! {
        <Card id="payload" title="Payload" aside=view! { <p>"JSON"</p> }.into_any()>
            <CardBody>{content}</CardBody>
        </Card>
    }
    .into_any()
}

fn about(page: &ProgramPage, event: &InboxEvent) -> AnyView {
    let id = |text: &str| view! { <IdInStripe id=text livemode=event.livemode.unwrap_or(true)/> };
    let mode = match event.livemode {
        Some(true) => "Live",
        Some(false) => "Test",
        None => "Unknown",
    };
    let mut items = vec![
        Fact::new("Event", id(&event.event_id)),
        Fact::new("Mode", mode),
        Fact::new("API version", event.api_version.clone().unwrap_or_else(|| "Unknown".to_owned())),
        Fact::new("Created", view! { <Time at=page.zone.date_and_time(event.event_created_at)/> }),
        Fact::new("Received", view! { <Time at=page.zone.date_and_time(event.received_at)/> }),
        Fact::new("Source", event_source(event.source)),
    ];
    if let Some(about) = &event.object_id {
        items.push(Fact::new("About", id(about)));
    }
    if let Some(outcome) = &event.outcome {
        items.push(Fact::new("Result", view! { <code>{outcome.word()}</code> }));
    }
    let narrowed =
        |name: &str, value: &str| Parameters::default().with(name, value).on(&page.routes().events());
    let same = narrowed("type", &event.event_type);
    let all = event.object_id.as_ref().map(|about| narrowed("id", about));
    let all = all.map(|href| view! { <a href=href>"All events about this ID"</a> });
    let foot = view! { <a href=same>"All events of this type"</a>{all} };
    let whole = event.event_id.clone();
    view! {
        <Card id="event" title="Event" foot=foot.into_any()>
            <CardBody>
                <Facts items compact=true/>
                <div class="gap-top"><CopyField id="event-id" label="Stripe’s event ID" value=whole/></div>
            </CardBody>
        </Card>
    }
    .into_any()
}

/// From Stripe to us, attempt by attempt.
fn tries(page: &ProgramPage, detail: &Detail) -> AnyView {
    let event = &detail.event;
    let when = |at| page.zone.date_and_time(at);
    let mut all = vec![
        (event.event_created_at, Happening::new(Cell::Dot, "Created", when(event.event_created_at))),
        (event.received_at, Happening::new(Cell::Dot, "Received", when(event.received_at))),
    ];
    let is_listed = detail.attempts.iter().any(|tried| Some(tried.at) == event.processed_at);
    if let Some(at) = event.processed_at.filter(|_| !is_listed) {
        let state = event_state(event.status);
        all.push((at, Happening::new(state.cell, "Processed", when(at))));
    }
    all.extend(detail.attempts.iter().map(|tried| (tried.at, attempt(tried, page))));
    all.sort_by_key(|(at, _)| *at);
    let items: Vec<Happening> = all.into_iter().map(|(_, happening)| happening).collect();
    let tries = (event.attempts > 1).then(|| format!("{} attempts", event.attempts));
    view! {
        <Card id="tries" title="What happened" aside=view! { <p>{tries}</p> }.into_any()>
            <CardBody><Timeline items/></CardBody>
        </Card>
    }
    .into_any()
}

fn attempt(tried: &Attempt, page: &ProgramPage) -> Happening {
    let by = tried.by.as_ref().map(|name| format!(" by {name}")).unwrap_or_default();
    let (cell, title) = match tried.kind {
        AttemptKind::Replay => (event_state(tried.outcome.status()).cell, format!("Replayed{by}")),
        AttemptKind::Worker => (Cell::Alert, "Processing failed".to_owned()),
    };
    let text = outcome_text(&tried.outcome, &page.zone);
    Happening::new(cell, title, page.zone.date_and_time(tried.at)).text(text)
}

/// JSON on lines of its own; what is not JSON stays as it is.
fn pretty(body: &str) -> String {
    serde_json::from_str::<serde_json::Value>(body)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| body.to_owned())
}
