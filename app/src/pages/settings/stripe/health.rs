//! The health of a connection, from what was received and what was rejected.

use domain::clock::{MINUTE_MS, Timestamp};
use domain::connections::{ConnectionProblem, EndpointStatus};
use domain::deliveries::SignatureError;
use domain::events::EventStatus;
use engine::stripe::connections::{Connection, Status};
use engine::stripe::events::InboxEvent;
use leptos::prelude::*;

use crate::components::{Card, HealthItem, HealthList, State, Time};
use crate::layout::ProgramPage;
use crate::presenters::connection_problem;
use crate::presenters::reasons::outcome_sentence;
use crate::text::{count, plural, relative};
use crate::trouble::Trouble;

/// Events are processed within seconds; one that waits this long, milliseconds, is stuck.
const LONG_WAIT_MS: i64 = 5 * MINUTE_MS;

/// Since when the oldest event has been waiting, if that is too long.
fn stuck_since(status: &Status, now: Timestamp) -> Option<Timestamp> {
    status.waiting.1.filter(|since| now.since_ms(*since) > LONG_WAIT_MS)
}

/// What there is to say about a connection first.
pub(super) enum Finding<'a> {
    /// What was wrong when it was last used or looked at.
    Problem(&'a ConnectionProblem),
    /// Our endpoint is disabled.
    Disabled,
    /// The last delivery was rejected for its signature.
    Rejected(SignatureError),
    /// Events have not been processed for too long.
    Stuck(Timestamp),
    /// No event has come yet.
    Silent,
    /// Nothing is wrong.
    Fine,
}

impl<'a> Finding<'a> {
    /// What there is to say about an active connection.
    pub(super) fn of(status: &'a Status, connection: &'a Connection, now: Timestamp) -> Self {
        let rejected = status.rejected_signatures();
        if let Some(problem) = &connection.problem {
            Self::Problem(problem)
        } else if is_disabled(status, connection) {
            Self::Disabled
        } else if let Some((_, error)) = rejected.last.filter(|_| rejected.is_current) {
            Self::Rejected(error)
        } else if let Some(since) = stuck_since(status, now) {
            Self::Stuck(since)
        } else if connection.last_event().is_none() {
            Self::Silent
        } else {
            Self::Fine
        }
    }

    /// The status of the connection.
    pub(super) fn state(&self) -> State {
        match self {
            Self::Problem(_) | Self::Disabled | Self::Rejected(_) | Self::Stuck(_) => State::NEEDS_ATTENTION,
            Self::Silent | Self::Fine => State::CONNECTED,
        }
    }

    /// It in a sentence.
    pub(super) fn sentence(&self, now: Timestamp) -> String {
        match self {
            Self::Problem(problem) => connection_problem::sentence(problem),
            Self::Disabled => connection_problem::sentence(&ConnectionProblem::EndpointDisabled),
            Self::Rejected(_) => {
                "The last delivery was rejected because of its signature. If it came from Stripe, nothing is credited until this is fixed."
                    .to_owned()
            }
            Self::Stuck(since) => {
                format!("Events are stored, but have not been processed since {}.", relative(*since, now))
            }
            Self::Silent => "No event yet. Make a payment, or send a test event from Stripe.".to_owned(),
            Self::Fine => "Payments are credited as they arrive.".to_owned(),
        }
    }

    /// The entry of the troubleshooting list about it.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        Some(match self {
            Self::Problem(problem) => Trouble::of_problem(problem),
            Self::Disabled => Trouble::EndpointDisabled,
            Self::Rejected(error) => Trouble::of_signature(*error),
            Self::Stuck(_) => Trouble::EventsWaiting,
            Self::Silent => Trouble::NoWebhook,
            Self::Fine => return None,
        })
    }
}

/// Whether our endpoint was disabled when Stripe was last asked.
fn is_disabled(status: &Status, connection: &Connection) -> bool {
    let own = connection.own_endpoint().map(|endpoint| endpoint.status);
    let status = status.platform.as_ref().map_or(own, |platform| Some(platform.status));
    status == Some(EndpointStatus::Disabled)
}

/// The link to what to do.
fn how_to_fix(page: &ProgramPage, trouble: Trouble) -> AnyView {
    view! { <a href=page.routes().settings().trouble(trouble)>"How to fix it"</a> }.into_any()
}

/// The sentence of the page's head, with the way to the troubleshooting entry.
pub(super) fn lead(page: &ProgramPage, finding: &Finding<'_>) -> AnyView {
    let sentence = finding.sentence(page.now);
    let link = finding.trouble().map(|trouble| {
        let text =
            if finding.state() == State::NEEDS_ATTENTION { "How to fix it" } else { "Nothing arrives?" };
        view! { " "<a href=page.routes().settings().trouble(trouble)>{text}</a> }
    });
    view! { {sentence}{link} }.into_any()
}

/// The signs of health.
pub(super) fn health_card(
    page: &ProgramPage,
    status: &Status,
    connection: &Connection,
    newest: Option<&InboxEvent>,
) -> AnyView {
    let events = page.routes().events();
    let items = vec![
        last_event(page, connection, newest),
        oldest_waiting(page, status),
        signatures(page, status),
        last_day(page, status),
        missed(connection),
    ];
    let help = page.routes().settings().troubleshooting();
    let foot = view! { <span>"Something wrong? "<a href=help>"Troubleshooting"</a></span> };
    view! {
        <Card id="health" title="Health" aside=view! { <a href=events>"All events"</a> }.into_any() foot=foot.into_any()>
            <HealthList items/>
        </Card>
    }
    .into_any()
}

fn last_event(page: &ProgramPage, connection: &Connection, newest: Option<&InboxEvent>) -> HealthItem {
    // Events of an earlier connection say nothing about this one.
    match newest.filter(|event| event.received_at >= connection.connected_at) {
        Some(event) => {
            let kind = event.event_type.clone();
            let outcome = event.outcome.as_ref().map(|outcome| outcome_sentence(outcome, &page.zone));
            let outcome = outcome.map(|text| format!(": {text}")).unwrap_or_default();
            HealthItem::good("Last event", view! { <Time at=page.zone.ago(event.received_at, page.now)/> })
                .note(view! { <span class="mono">{kind}</span>{outcome} })
        }
        None => HealthItem::waiting("Last event", "none yet")
            .note("No valid event has arrived since it was connected"),
    }
}

fn oldest_waiting(page: &ProgramPage, status: &Status) -> HealthItem {
    const LABEL: &str = "Oldest unprocessed event";
    let (waiting, since) = status.waiting;
    let Some(since) = since else { return HealthItem::good(LABEL, "none waiting") };
    let ago = view! { <Time at=page.zone.ago(since, page.now)/> };
    let note = format!("{} stored and not processed yet", plural(waiting, "event is", "events are"));
    match stuck_since(status, page.now) {
        Some(_) => {
            HealthItem::bad(LABEL, ago).note(view! { {note}". "{how_to_fix(page, Trouble::EventsWaiting)} })
        }
        None => HealthItem::waiting(LABEL, ago).note(format!("{note}; nothing to do")),
    }
}

fn signatures(page: &ProgramPage, status: &Status) -> HealthItem {
    let rejected = status.rejected_signatures();
    let Some((at, error)) = rejected.last else { return HealthItem::good("Signatures", "all valid") };
    let place = if status.platform.is_some() { " at the endpoint that all programs share" } else { "" };
    let last = relative(at, page.now);
    if rejected.is_settled {
        let value = format!("{} rejected{place} before the last fix", count(rejected.deliveries));
        let fetched = match status.connection.as_ref().filter(|connection| connection.can_call_stripe()) {
            Some(_) => "The repair fetched those events.",
            None => "Stripe sends rejected events again for up to three days.",
        };
        return HealthItem::good("Signatures", value).note(format!("The last one {last}. {fetched}"));
    }
    let value = format!("{} rejected{place}", count(rejected.deliveries));
    let why = match error {
        SignatureError::NoMatch if status.platform.is_some() => PLATFORM_NO_MATCH,
        error => explanation(error),
    };
    if rejected.is_current {
        let fix = how_to_fix(page, Trouble::of_signature(error));
        HealthItem::bad("Signatures", value).note(view! { {format!("The last one {last}. {why} ")}{fix} })
    } else {
        HealthItem::good("Signatures", value).note(format!("The last one {last}; nothing to do. {why}"))
    }
}

/// At the platform's endpoint a merchant cannot paste a secret.
const PLATFORM_NO_MATCH: &str =
    "The signature matches no secret stored here. If the secret was rolled in Stripe, press Repair Webhooks.";

/// What a rejected signature means, and what to do.
fn explanation(error: SignatureError) -> &'static str {
    match error {
        SignatureError::Missing => {
            "A request had no Stripe-Signature header. Someone else called the URL, or a proxy drops the header."
        }
        SignatureError::Malformed => {
            "The Stripe-Signature header could not be read. A proxy may change it on its way."
        }
        SignatureError::Stale => {
            "The signature was more than five minutes old. Set this server’s clock, or look for a proxy that delays requests."
        }
        SignatureError::NoMatch => {
            "The signature matches none of the secrets below. If you rolled the secret in Stripe, paste the new one."
        }
    }
}

fn last_day(page: &ProgramPage, status: &Status) -> HealthItem {
    let of = |wanted: EventStatus| {
        status.last_day.iter().filter(|(status, _)| *status == wanted).map(|(_, number)| number).sum::<i64>()
    };
    let all: i64 = status.last_day.iter().map(|(_, number)| number).sum();
    let failed = of(EventStatus::Failed);
    let note = format!(
        "{} processed, {} ignored, {} failed",
        count(of(EventStatus::Processed)),
        count(of(EventStatus::Ignored)),
        count(failed)
    );
    let value = plural(all, "event", "events");
    let label = "Last 24 hours";
    if failed > 0 {
        HealthItem::bad(label, value).note(view! { {note}". "{how_to_fix(page, Trouble::EventsFailed)} })
    } else if all == 0 {
        HealthItem::waiting(label, value)
    } else {
        HealthItem::good(label, value).note(note)
    }
}

/// Missed events that were fetched from Stripe.
fn missed(connection: &Connection) -> HealthItem {
    let label = "Missed and recovered";
    match connection.recovered {
        0 => HealthItem::good(label, "none"),
        events => HealthItem::good(label, plural(events, "event", "events"))
            .note("Not delivered by Stripe, so fetched from it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rejection_is_explained() {
        let texts: std::collections::BTreeSet<_> = SignatureError::ALL.map(explanation).into();
        assert_eq!(texts.len(), SignatureError::ALL.len());
    }
}
