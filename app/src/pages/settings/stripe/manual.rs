//! Manual setup: the merchant adds our endpoint in Stripe and pastes its signing secret.
//! Nothing is granted; we only see what Stripe sends.

use domain::connections::ConnectionMethod;
use engine::stripe::connections::{event_types, setup};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::super::program_of;
use crate::components::{
    Card, CardBody, CodeBlock, CopyField, ErrorSummary, Fact, Facts, FormActions, Icon, Notice, TextField,
    TextKind, Tone,
};
use crate::forms::submission::{Redirect, Submission, finish};
use crate::forms::{Flash, FormState};
use crate::presenters::stripe_cli::{BEST_VERSION, endpoint_command, listen_command};
use crate::request::access::{engine, merchant};
use crate::routes;
use crate::text::plural;

/// The three steps.
#[component]
pub(super) fn Manual(
    /// What was typed before.
    form: FormState,
    /// Where Stripe has to send events.
    url: String,
    /// The program's id.
    program: String,
    /// Where to go instead.
    cancel: String,
) -> impl IntoView {
    let (core, rest) = event_types();
    let types: Vec<&str> = core.iter().copied().chain(rest.iter().copied()).collect();
    let more = format!("The other {}", plural(rest.len() as i64, "type", "types"));
    let all = core.len() + rest.len();
    let unreachable = is_local(&url) && !setup(&engine()).is_sandbox;
    let local = unreachable.then(|| view! { <Unreachable command=listen_command(&url, &types)/> });
    let command = endpoint_command(&url, &types);
    view! {
        {local}
        <Card id="step-endpoint" title="1. Add an endpoint in Stripe">
            <CardBody>
                <p class="muted">"In the Stripe Dashboard open Developers, then Webhooks, and add a destination for events on your account."</p>
                <Facts items=vec![
                    Fact::new("Endpoint URL", view! { <CopyField id="url" label="Endpoint URL" value=url/> }),
                    Fact::new("API version", view! { <span class="mono">{BEST_VERSION}</span> })
                        .note("Recommended: its events contain the most data. Any version from 2023-10-16 works."),
                ]/>
            </CardBody>
        </Card>
        <Card id="step-events" title="2. Choose its events" aside=view! { <p>{plural(all as i64, "type", "types")}</p> }.into_any()>
            <CardBody>
                <div class="stack tight">
                    <p class="muted">"These carry sales, renewals, refunds and the end of subscriptions:"</p>
                    <CodeBlock id="core-events" label="Required event types" code=core.join("\n")/>
                    <p class="muted">"Select these too, for delayed payment methods, partial and failed refunds, disputes, trials and changed email addresses."</p>
                    <details class="more">
                        <summary><Icon name="right"/>{more}</summary>
                        <div class="gap-top"><CodeBlock id="more-events" label="Recommended event types" code=rest.join("\n")/></div>
                    </details>
                    <details class="more">
                        <summary><Icon name="right"/>"Both steps in one, with the Stripe CLI"</summary>
                        <div class="stack tight gap-top">
                            <CodeBlock id="stripe-cli" label="Command for the Stripe CLI" code=command/>
                            <p class="muted">"The response has the signing secret under "<code>"secret"</code>". Add "<code>"--live"</code>" for live payments."</p>
                        </div>
                    </details>
                </div>
            </CardBody>
        </Card>
        <Card id="step-secret" title="3. Paste its signing secret">
            <CardBody>
                <SecretForm form program submit="Connect Stripe" cancel/>
            </CardBody>
        </Card>
    }
}

/// The form that takes a signing secret: a first one, or a rolled one.
#[component]
pub(super) fn SecretForm(
    /// What was typed before.
    form: FormState,
    /// The program's id.
    program: String,
    /// What the button says.
    submit: &'static str,
    /// Where "Cancel" leads, on the page of a first secret.
    #[prop(optional, into)]
    cancel: Option<String>,
) -> impl IntoView {
    let first = cancel.as_ref().map(|_| view! { <input type="hidden" name="first" value="on"/> });
    let actions = match cancel {
        Some(cancel) => view! { <FormActions submit cancel/> }.into_any(),
        None => view! { <FormActions submit/> }.into_any(),
    };
    view! {
        <form class="form" method="post" action=ConnectStripe::PATH novalidate>
            <ErrorSummary errors=form.errors().to_vec()/>
            <input type="hidden" name="program" value=program/>
            {first}
            <TextField
                field=form.field("webhook_secret", "")
                label="Signing secret"
                hint="Stripe shows it on the endpoint’s page. It starts with whsec_. It is stored encrypted"
                kind=TextKind::Code
            />
            {actions}
        </form>
    }
}

#[component]
fn Unreachable(command: String) -> impl IntoView {
    view! {
        <Notice tone=Tone::Warning title="Stripe cannot reach this server">
            <p>"Its address works only on this machine. For real payments set BASE_URL to a public address. To try it, run this command and paste the secret it prints:"</p>
            <CodeBlock id="stripe-listen" label="Command for the Stripe CLI" code=command/>
        </Notice>
    }
}

/// Whether an address works only on this machine.
pub(super) fn is_local(url: &str) -> bool {
    let host =
        url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    host == "localhost" || host.ends_with(".localhost") || host == "[::1]" || host.starts_with("127.")
}

/// Connects a program with the signing secret of its endpoint, or adds a rolled one.
#[server(prefix = "/do", endpoint = "stripe/connect")]
pub async fn connect_stripe(
    /// The program.
    #[server(default)]
    program: String,
    /// The secret; never kept.
    #[server(default)]
    webhook_secret: String,
    /// `on` when it is the first one.
    #[server(default)]
    first: String,
) -> Result<(), ServerFnError> {
    // A first secret and a rolled one are pasted on different pages.
    let back = routes::of_form(&program, |program| match first.as_str() {
        "on" => program.settings().stripe_method(ConnectionMethod::Manual),
        _ => program.settings().stripe(),
    });
    let sent = Submission::new(ConnectStripe::PATH, back).typed("webhook_secret", "");
    finish(sent, async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        let before = engine::stripe::connections::status(&engine(), &actor, &id).await?;
        let status =
            engine::stripe::connections::connect_manually(&engine(), &actor, &id, &webhook_secret).await?;
        let words = if !before.is_connected() {
            "Stripe is connected. The first event will appear below."
        } else if status.secrets.len() == before.secrets.len() {
            "This secret is already in use. Nothing was changed."
        } else {
            "Secret added. The previous one stays valid for 24 hours."
        };
        Ok(Redirect::to(routes::program(&id).settings().stripe()).with_flash(Flash::done(words)))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_stripe_cannot_reach_are_warned_about() {
        for url in ["http://localhost:3000/x", "http://127.0.0.1:3000/", "http://[::1]:3000/"] {
            assert!(is_local(url), "{url}");
        }
        for url in ["https://partners.example.com/x", "https://localhost.example.com/"] {
            assert!(!is_local(url), "{url}");
        }
    }
}
