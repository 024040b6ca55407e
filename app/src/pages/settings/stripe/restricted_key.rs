//! Connecting with a restricted key: the link that creates it, and the form that takes it.

use domain::connections::ConnectionMethod;
use engine::stripe::connections::{ACCOUNT, PERMISSIONS, setup};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::super::program_of;
use crate::components::{
    Card, CardBody, Column, ErrorSummary, FormActions, Icon, Notice, Table, TableStyle, TextField, TextKind,
    Tone,
};
use crate::forms::submission::{Redirect, Submission, finish};
use crate::forms::{Flash, FormState};
use crate::presenters::stripe_dashboard;
use crate::request::access::{engine, merchant};
use crate::routes;

/// The link to Stripe's page with the permissions ticked.
fn key_page(livemode: bool, name: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("name", name);
    for permission in PERMISSIONS.iter().chain([&ACCOUNT]) {
        query.append_pair("permissions[]", permission.slug);
    }
    stripe_dashboard::page(livemode, &format!("/apikeys/create?{}", query.finish()))
}

/// The two steps.
#[component]
pub(super) fn RestrictedKey(
    /// What was typed before.
    form: FormState,
    /// The program's id.
    program: String,
    /// The address that Stripe would deliver to.
    url: String,
    /// Where to go instead.
    cancel: String,
) -> impl IntoView {
    let in_sandbox = setup(&engine()).is_sandbox;
    let rows = PERMISSIONS
        .iter()
        .map(|permission| (permission, "Required"))
        .chain([(&ACCOUNT, "Optional, for the account’s name")])
        .map(|(permission, need)| {
            let level = if permission.level == "Write" {
                view! { <b>"Write"</b> }.into_any()
            } else {
                permission.level.into_any()
            };
            view! {
                <tr>
                    <th scope="row">{permission.name}</th>
                    <td data-label="Level">{level}</td>
                    <td data-label="Need">{need}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![Column::text("Permission"), Column::text("Level"), Column::text("Need")];
    let (live, test) = (key_page(true, "Honeyguide"), key_page(false, "Honeyguide"));
    let unreachable = (super::manual::is_local(&url) && !in_sandbox).then(|| {
        view! {
            <Notice tone=Tone::Warning title="Stripe cannot reach this server">
                "Its address works only on this machine, so Stripe will not create an endpoint for it. Set BASE_URL to a public address first."
            </Notice>
        }
    });
    view! {
        {unreachable}
        <Card id="step-key" title="1. Create the key in Stripe">
            <CardBody>
                <div class="stack tight">
                    <p class="muted">"The link opens Stripe’s page for a new restricted key with the permissions below selected. If Stripe asks what it is for, choose “Building your own integration”. Check the list, create the key and copy it: Stripe shows it once."</p>
                    <p class="button-row">
                        <a class="button" href=live target="_blank" rel="noopener"><Icon name="external"/>"Create a live key"</a>
                        <a class="button" href=test target="_blank" rel="noopener"><Icon name="external"/>"Create a test key"</a>
                    </p>
                    <details class="more">
                        <summary><Icon name="right"/>"The permissions"</summary>
                        <p class="muted gap-top">"Honeyguide writes one thing: its own webhook endpoint. It cannot charge, refund or move money with this key."</p>
                        <Table caption="Permissions of the key" columns style=TableStyle::CARDS.spaced()>{rows}</Table>
                    </details>
                </div>
            </CardBody>
        </Card>
        <Card id="step-paste" title="2. Paste it here">
            <CardBody>
                <form class="form" method="post" action=UseKey::PATH novalidate>
                    <ErrorSummary errors=form.errors().to_vec()/>
                    <input type="hidden" name="program" value=program/>
                    <TextField
                        field=form.field("restricted_key", "")
                        label="Restricted key"
                        hint="It starts with rk_live_ or rk_test_. It is tested right away and stored encrypted. Only its last four characters are shown later"
                        kind=TextKind::Code
                    />
                    <FormActions submit="Test key and connect" cancel/>
                </form>
            </CardBody>
        </Card>
    }
}

/// Connects a program with a restricted key.
#[server(prefix = "/do", endpoint = "stripe/key")]
pub async fn use_key(
    /// The program.
    #[server(default)]
    program: String,
    /// The key; never kept in the form.
    #[server(default)]
    restricted_key: String,
) -> Result<(), ServerFnError> {
    let back = routes::of_form(&program, |program| program.settings().stripe_method(ConnectionMethod::Key));
    let sent = Submission::new(UseKey::PATH, back).typed("restricted_key", "");
    finish(sent, async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        let status =
            engine::stripe::connections::connect_with_key(&engine(), &actor, &id, &restricted_key).await?;
        let name =
            status.connection.and_then(|connection| connection.account_name.or(connection.stripe_account));
        let words = match name {
            Some(name) => format!("Stripe is connected to {name}. Our endpoint is in place."),
            None => "Stripe is connected. Our endpoint is in place.".to_owned(),
        };
        Ok(Redirect::to(routes::program(&id).settings().stripe()).with_flash(Flash::done(words)))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_preselects_every_permission_in_its_mode() {
        let link = key_page(false, "Honeyguide");
        assert!(
            link.starts_with("https://dashboard.stripe.com/test/apikeys/create?name=Honeyguide&"),
            "{link}"
        );
        for permission in PERMISSIONS {
            assert!(link.contains(&format!("permissions%5B%5D={}", permission.slug)), "{}", permission.name);
        }
    }
}
