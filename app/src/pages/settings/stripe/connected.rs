//! An active connection: health, account, endpoint, secrets, disconnecting.

use domain::connections::{ConnectionMethod, ConnectionProblem, EndpointStatus, OAuthScope};
use engine::stripe::connections::{Connection, ConnectionKind, MaskedSecret, Status, event_types, setup};
use engine::stripe::events::InboxEvent;
use leptos::prelude::*;

use super::disconnect::ASK;
use super::health::health_card;
use super::manual::SecretForm;
use super::other_account::other_account;
use crate::components::{
    Card, CardBody, Column, CopyField, DangerCard, Fact, Facts, Icon, Table, TableStyle, Time,
};
use crate::forms::FormState;
use crate::layout::ProgramPage;
use crate::presenters::stripe_dashboard::StripeId;
use crate::request::queries::Parameters;
use crate::text::plural;

/// Everything below the page's head.
pub(super) fn connected_cards(
    page: &ProgramPage,
    status: &Status,
    newest: Option<&InboxEvent>,
    form: FormState,
) -> (AnyView, AnyView) {
    let Some(connection) = &status.connection else { return (().into_any(), ().into_any()) };
    let version = newest.and_then(|event| event.api_version.clone());
    let health = health_card(page, status, connection, newest);
    let account = account_card(page, status, connection);
    let other = other_account(page, connection);
    let endpoint = endpoint_card(page, status, connection, version);
    // The platform's secret is the operator's; merchants cannot roll it.
    let secrets = (!connection.is_oauth()).then(|| secrets_card(page, status, form));
    let ask = Parameters::default().with(ASK, "ask").on(&page.routes().settings().stripe());
    let consequence = match connection.method() {
        ConnectionMethod::OAuth => {
            "Ends our access and stops crediting payments. Conversions, balances and received events are kept. You can reconnect at any time and fetch up to 30 days of events."
        }
        ConnectionMethod::Key => {
            "Deletes our endpoint in Stripe and the key here, and stops crediting payments. Conversions, balances and received events are kept. You can reconnect at any time and fetch up to 30 days of events."
        }
        ConnectionMethod::Manual => {
            "Deletes the secrets and stops crediting payments. Conversions, balances and received events are kept. You can reconnect at any time."
        }
    };
    let cards = view! {
        {health}
        {other}
        {account}
        {endpoint}
        {secrets}
    };
    let ending = view! {
        <DangerCard id="disconnect" title="Disconnect Stripe" consequence>
            <a class="button danger" href=ask>"Disconnect…"</a>
        </DangerCard>
    };
    (cards.into_any(), ending.into_any())
}

/// Live or test.
fn mode_label(connection: &Connection) -> &'static str {
    match connection.livemode {
        Some(true) => "Live",
        Some(false) => "Test: no real money",
        None => "Unknown until the first event",
    }
}

/// What the merchant has allowed.
fn access(scope: &str) -> Fact {
    match OAuthScope::from_word(scope) {
        Some(OAuthScope::ReadOnly) => Fact::new("Access", "Read only"),
        Some(OAuthScope::ReadWrite) => Fact::new("Access", "Read and write")
            .note("The lowest level Stripe offers this platform. We only read"),
        None => Fact::new("Access", scope.to_owned()),
    }
}

fn account_card(page: &ProgramPage, status: &Status, connection: &Connection) -> AnyView {
    let livemode = connection.livemode.unwrap_or(true);
    let account = match (&connection.account_name, &connection.stripe_account) {
        (Some(name), Some(id)) => {
            Fact::new("Stripe account", name.clone()).note(view! { <StripeId id=id.clone() livemode/> })
        }
        (None, Some(id)) => Fact::new("Stripe account", view! { <StripeId id=id.clone() livemode/> }),
        (_, None) if connection.method() == ConnectionMethod::Key => {
            Fact::new("Stripe account", "Unknown").note("The key can’t read the account ID")
        }
        (_, None) => match connection.events_account.clone() {
            Some(id) => {
                Fact::new("Stripe account", view! { <StripeId id livemode/> }).note("Taken from its events")
            }
            None => Fact::new("Stripe account", "Unknown").note("Manual endpoints do not report it"),
        },
    };
    let by = status.connected_by.as_ref().map(|name| format!("By {name}, ")).unwrap_or_default();
    let since = view! { {by}"since "<Time at=page.zone.date(connection.connected_at)/> };
    let (method, can) = match &connection.kind {
        ConnectionKind::OAuth { .. } => (
            Fact::new("Connected with", "Sign in with Stripe").note(since),
            "Read payments, refunds, disputes, customers and codes. It never charges, refunds or moves money.",
        ),
        ConnectionKind::Key { last_four, .. } => (
            Fact::new("Connected with", view! { "Restricted key ending in "<code>{last_four.clone()}</code> })
                .note(view! { {since}", stored encrypted · "<a href=page.routes().settings().stripe_method(ConnectionMethod::Key)>"Replace the key"</a> }),
            "Read payments, refunds, disputes, customers and codes; write its own webhook endpoint. It can’t charge, refund or move money.",
        ),
        ConnectionKind::Manual => (
            Fact::new("Connected with", "Manual setup: you added the endpoint, and we see only what it sends")
                .note(since),
            "See what the endpoint sends, and nothing else.",
        ),
    };
    let mut facts = vec![account, Fact::new("Mode", mode_label(connection)), method];
    if let ConnectionKind::OAuth { scope: Some(scope), .. } = &connection.kind {
        facts.push(access(scope));
    }
    facts.push(Fact::new("Honeyguide can", can));
    let setup = setup(&page.engine);
    let wider = (connection.method() == ConnectionMethod::Manual).then(|| {
        let sign_in = (setup.live || setup.test).then(
            || view! { <a href=page.routes().settings().stripe_method(ConnectionMethod::OAuth)>"Sign in with Stripe"</a>" or " },
        );
        let key = page.routes().settings().stripe_method(ConnectionMethod::Key);
        view! {
            <p class="muted gap-top">
                {sign_in}<a href=key>"use a restricted key"</a>
                " to have the endpoint repaired and missed events fetched. Nothing received so far is lost."
            </p>
        }
    });
    view! {
        <Card id="account" title="Account">
            <CardBody><Facts items=facts/>{wider}</CardBody>
        </Card>
    }
    .into_any()
}

fn endpoint_card(
    page: &ProgramPage,
    status: &Status,
    connection: &Connection,
    version: Option<String>,
) -> AnyView {
    let livemode = connection.livemode.unwrap_or(true);
    let (core, rest) = event_types();
    let url = status.webhook_url.clone();
    // Merchants never have to paste the platform's address.
    let mut facts = vec![match connection.method() {
        ConnectionMethod::OAuth => Fact::new("URL", view! { <span class="mono small">{url}</span> }),
        ConnectionMethod::Key | ConnectionMethod::Manual => {
            Fact::new("URL", view! { <CopyField id="url" label="Endpoint URL" value=url/> })
        }
    }];
    let own = connection.own_endpoint();
    let (id, at_stripe, pinned) = match &status.platform {
        Some(platform) => {
            (Some(platform.endpoint_id.clone()), Some(platform.status), platform.api_version.clone())
        }
        None => (
            own.map(|endpoint| endpoint.id.clone()),
            own.map(|endpoint| endpoint.status),
            own.and_then(|endpoint| endpoint.api_version.clone()),
        ),
    };
    if connection.is_oauth() {
        let id = match id {
            Some(id) => view! { <span class="mono">{id}</span> }.into_any(),
            None => "Not created yet".into_any(),
        };
        facts.push(Fact::new("Endpoint", id).note("On this server’s platform account, shared by all programs that sign in with Stripe: Stripe does not allow one on your own account"));
    } else if let Some(id) = id {
        facts.push(Fact::new("Endpoint", view! { <StripeId id livemode/> }));
    }
    if let Some(at_stripe) = at_stripe {
        let label = match (&connection.problem, at_stripe) {
            (Some(ConnectionProblem::EndpointMissing), _) => view! { <b>"Deleted"</b> }.into_any(),
            (_, EndpointStatus::Enabled) => "Enabled".into_any(),
            (_, EndpointStatus::Disabled) => view! { <b>"Disabled"</b> }.into_any(),
        };
        let checked = if status.is_being_checked(page.now) {
            Some("Checking now…".into_any())
        } else {
            let ago = |at| view! { "Checked "<Time at=page.zone.ago(at, page.now)/> }.into_any();
            status.checked_at().map(ago)
        };
        let fact = Fact::new("Status at Stripe", label);
        facts.push(match checked {
            Some(checked) => fact.note(checked),
            None => fact,
        });
    }
    facts.push(match (pinned, version) {
        (Some(version), _) => Fact::new("API version", version).note("Fixed when the endpoint is created"),
        (None, Some(version)) => Fact::new("API version", version)
            .note("From the last event. Stripe fixes it when the endpoint is created"),
        (None, None) => Fact::new("API version", "Unknown until the first event"),
    });
    let types = plural((core.len() + rest.len()) as i64, "type", "types");
    facts.push(Fact::new("Event types", types).note(view! {
        <details class="more">
            <summary><Icon name="right"/>"The list"</summary>
            <ul class="mono">{core.iter().copied().chain(rest).map(|kind| view! { <li>{kind}</li> }).collect_view()}</ul>
        </details>
    }));
    view! {
        <Card id="endpoint" title="Webhook endpoint">
            <CardBody><Facts items=facts/></CardBody>
        </Card>
    }
    .into_any()
}

fn secrets_card(page: &ProgramPage, status: &Status, form: FormState) -> AnyView {
    let secrets = secret_table(page, &status.secrets);
    let program = page.program.id.to_string();
    let rolling = form.has_errors();
    view! {
        <Card id="secrets" title="Signing secrets">
            {secrets}
            <CardBody>
                <details class="more" open=rolling>
                    <summary><Icon name="right"/>"Add a rolled secret"</summary>
                    <div class="stack tight gap-top">
                        <p class="muted">"Roll the secret in Stripe, then paste the new one here. The current one stays valid for 24 hours, as long as Stripe signs with both."</p>
                        <SecretForm form program submit="Add the secret"/>
                    </div>
                </details>
            </CardBody>
        </Card>
    }
    .into_any()
}

fn secret_table(page: &ProgramPage, secrets: &[MaskedSecret]) -> AnyView {
    let rows = secrets
        .iter()
        .map(|secret| {
            let valid = match secret.valid_until {
                Some(until) => {
                    format!("Until {}; replaced", page.zone.recently(until, page.now).text)
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
    view! { <Table caption="Signing secrets that are valid now, newest first" columns style=TableStyle::CARDS.spaced()>{rows}</Table> }
        .into_any()
}
