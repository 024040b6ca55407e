//! A connection at work: health, endpoint, secrets, and the way out.

use engine::connections::{SecretSeen, Status, event_types};
use engine::inbox::InboxEvent;
use leptos::prelude::*;

use super::by_hand::SecretForm;
use super::disconnect::ASK;
use super::health::health_card;
use crate::components::{Card, CardBody, Column, CopyField, DangerCard, Fact, Facts, Icon, Table, Time};
use crate::forms::FormState;
use crate::frames::ProgramPage;
use crate::queries::Parameters;
use crate::text::plural;

/// Everything below the page's head.
pub(super) fn connected_cards(
    page: &ProgramPage,
    status: &Status,
    newest: Option<&InboxEvent>,
    form: FormState,
) -> AnyView {
    let version = newest.and_then(|event| event.api_version.clone());
    let health = status.connection.as_ref().map(|connection| health_card(page, status, connection, newest));
    let endpoint = endpoint_card(page, status, version);
    let secrets = secret_table(page, &status.secrets);
    let program = page.program.id.to_string();
    let ask = Parameters::default().with(ASK, "ask").on(&page.path("settings/stripe"));
    let rolling = form.has_errors();
    view! {
        {health}
        {endpoint}
        <Card id="secrets" title="Signing secrets">
            {secrets}
            <CardBody>
                <details class="more" open=rolling>
                    <summary><Icon name="right"/>"Add a rolled secret"</summary>
                    <div class="stack tight gap-top">
                        <p class="muted">"Roll the secret in Stripe, then paste the new one here. The present one stays valid for 24 hours, as long as Stripe signs with both."</p>
                        <SecretForm form program submit="Add the secret"/>
                    </div>
                </details>
            </CardBody>
        </Card>
        <DangerCard
            id="disconnect"
            title="Disconnect Stripe"
            consequence="Forgets the secrets and stops crediting payments. Conversions, balances and received events stay, and you can connect again at any time."
        >
            <a class="button danger" href=ask>"Disconnect…"</a>
        </DangerCard>
    }
    .into_any()
}

fn endpoint_card(page: &ProgramPage, status: &Status, version: Option<String>) -> AnyView {
    let (core, rest) = event_types();
    let connection = status.connection.as_ref();
    let mode = match connection.and_then(|connection| connection.livemode) {
        Some(true) => "Live",
        Some(false) => "Test: no real money",
        None => "Known from the first event on",
    };
    let mut facts = vec![
        Fact::new("URL", view! { <CopyField id="url" label="Endpoint URL" value=status.webhook_url.clone()/> }),
        Fact::new("Connected", "By hand: you made the endpoint, and we see only what it sends")
            .note(connection.map(|connection| view! { "Since "<Time at=page.zone.date(connection.created_at)/> })),
        Fact::new("Mode", mode),
        Fact::new("API version", version.unwrap_or_else(|| "Known from the first event on".to_owned()))
            .note("Of the last event; fixed in Stripe when an endpoint is made"),
        Fact::new("Event types", plural((core.len() + rest.len()) as i64, "type", "types"))
            .note(view! {
                <details class="more">
                    <summary><Icon name="right"/>"The list"</summary>
                    <ul class="mono">{core.iter().copied().chain(rest).map(|kind| view! { <li>{kind}</li> }).collect_view()}</ul>
                </details>
            }),
    ];
    if let Some(account) = connection.and_then(|connection| connection.stripe_account.clone()) {
        facts.insert(2, Fact::new("Stripe account", view! { <span class="mono">{account}</span> }));
    }
    view! {
        <Card id="endpoint" title="Webhook endpoint">
            <CardBody><Facts items=facts/></CardBody>
        </Card>
    }
    .into_any()
}

fn secret_table(page: &ProgramPage, secrets: &[SecretSeen]) -> AnyView {
    let rows = secrets
        .iter()
        .map(|secret| {
            let valid = match secret.valid_until {
                Some(until) => {
                    format!("Until {}; a newer one has come", page.zone.recent(until, page.now).text)
                }
                None => "Until you add another".to_owned(),
            };
            view! {
                <tr>
                    <th scope="row"><span class="mono">{format!("whsec_…{}", secret.last_four)}</span></th>
                    <td data-label="Added"><Time at=page.zone.date_and_time(secret.valid_from)/></td>
                    <td data-label="Valid">{valid}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![Column::text("Secret"), Column::text("Added"), Column::text("Valid")];
    view! { <Table caption="Signing secrets that are valid now, newest first" columns cards=true spaced=true>{rows}</Table> }
        .into_any()
}
