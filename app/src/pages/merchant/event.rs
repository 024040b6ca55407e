//! One event as Stripe sent it, and what came of it.

use engine::inbox::InboxEvent;
use leptos::prelude::*;

use crate::access::parameter;
use crate::components::*;
use crate::frames::{ProgramPage, Section};
use crate::pages::page;
use crate::queries::Parameters;
use crate::text::short_id;
use crate::words::event_state;

/// One received event.
#[component]
pub fn EventDetail() -> impl IntoView {
    page(async {
        let page = ProgramPage::load().await?;
        let id = parameter("event")?;
        let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
        let (event, body) = engine::inbox::get(engine, actor, program, &id).await?;
        let payment = engine::inbox::payment_of(engine, actor, program, &event).await?;
        page.title(&event.event_type, false);
        let crumbs = page.crumbs(&[("Events", "events")], short_id(&event.event_id));
        let state = event_state(&event.state);
        let payment = payment.map(|id| page.path(&format!("payments/{id}")));
        let aside = aside(&page, &event);
        let (title, received) = (event.event_type.clone(), page.zone.date_and_time(event.received_at).text);
        let outcome = outcome(&event, payment);
        let code = pretty(&body);
        let lead = format!("Received {received}");
        Ok(view! {
            <MerchantShell frame=page.frame(Section::Events) crumbs>
                <PageHead title state lead/>
                {outcome}
                <Columns aside>
                    <Card id="payload" title="As received" aside=view! { <p>"JSON"</p> }.into_any()>
                        <CardBody><CodeBlock id="body" label="The event as received" code/></CardBody>
                    </Card>
                </Columns>
            </MerchantShell>
        }
        .into_any())
    })
}

fn outcome(event: &InboxEvent, payment: Option<String>) -> AnyView {
    let state = event_state(&event.state);
    let text =
        event.outcome_text.clone().unwrap_or_else(|| "It is stored and will be read in a moment.".to_owned());
    let title = match event.state.as_str() {
        "processed" => "It changed something",
        "nothing" => "It changed nothing",
        "failed" => "It could not be read",
        _ => "It waits",
    };
    match payment {
        Some(href) => {
            let actions = view! { <a class="button" href=href>"See the payment"</a> };
            view! { <Notice title tone=state.tone cell=state.cell actions=actions.into_any()>{text}</Notice> }
                .into_any()
        }
        None => view! { <Notice title tone=state.tone cell=state.cell>{text}</Notice> }.into_any(),
    }
}

fn aside(page: &ProgramPage, event: &InboxEvent) -> AnyView {
    let mono = |text: &str| {
        let (short, whole) = (short_id(text), text.to_owned());
        view! { <span class="mono small" title=whole>{short}</span> }
    };
    let mode = match event.livemode {
        Some(true) => "Live",
        Some(false) => "Test",
        None => "Not said",
    };
    let mut items = vec![
        Fact::new("Event", mono(&event.event_id)),
        Fact::new("Mode", mode),
        Fact::new("API version", event.api_version.clone().unwrap_or_else(|| "Not said".to_owned())),
        Fact::new("Made in Stripe", view! { <Time at=page.zone.date_and_time(event.event_created_at)/> }),
        Fact::new("Received", view! { <Time at=page.zone.date_and_time(event.received_at)/> }),
        Fact::new("By", if event.source == "replay" { "Replay" } else { "Webhook" }),
    ];
    if let Some(at) = event.processed_at {
        items.push(Fact::new("Understood", view! { <Time at=page.zone.date_and_time(at)/> }));
    }
    if let Some(about) = &event.about {
        items.push(Fact::new("About", mono(about)));
    }
    if let Some(outcome) = &event.outcome {
        items.push(Fact::new("Outcome", view! { <code>{outcome.clone()}</code> }));
    }
    if event.attempts > 1 {
        items.push(Fact::new("Tries", event.attempts.to_string()));
    }
    let same = Parameters::default().with("type", &event.event_type).on(&page.path("events"));
    view! {
        <Card id="facts" title="Event" foot=view! { <a href=same>"All of this type"</a> }.into_any()>
            <CardBody><Facts items compact=true/></CardBody>
        </Card>
    }
    .into_any()
}

/// JSON on lines of its own; what is no JSON stays as it is.
fn pretty(body: &str) -> String {
    serde_json::from_str::<serde_json::Value>(body)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| body.to_owned())
}
