//! Settings > API keys: created, shown once, revoked.

use domain::ids::ApiKeyId;
use engine::identity::api_keys::ApiKey;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::program_of;
use crate::components::{
    Card, CardBody, Choice, ChoiceField, Column, Columns, CopyField, DangerCard, EmptyState, ErrorSummary,
    FormActions, MerchantShell, PageHead, Table, TableStyle, Time,
};
use crate::forms::submission::{Redirect, Submission, finish, take_form};
use crate::forms::{Flash, FormState};
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::request::access::{Access, Refusal, engine, merchant, session};
use crate::request::queries::Parameters;
use crate::routes;

/// The session's key under which a new API key waits for the page that shows it, once.
const NEW_KEY: &str = "new-api-key";
/// The parameter that asks before a key is revoked.
const ASK: &str = "revoke";

/// Settings > API keys.
#[component]
pub fn SettingsKeys() -> impl IntoView {
    page(keys())
}

async fn keys() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let form = take_form(CreateKey::PATH).await;
    page.title("API keys", form.has_errors());
    let mut keys = engine::identity::api_keys::list(&page.engine, &page.actor).await?;
    // A key that is limited to another program is shown there.
    keys.retain(|key| key.program_id.as_ref().is_none_or(|id| *id == page.program.id));
    let parameters = Parameters::of_request();
    let wanted = parameters.get(ASK).and_then(|id| id.parse::<ApiKeyId>().ok());
    let question =
        wanted.and_then(|id| keys.iter().find(|key| key.id == id)).map(|key| ask_to_revoke(&page, key));
    let new_key = take_new_key().await?.map(|key| view! { <NewKey key_text=key/> });
    let aside = create_card(&page, form);
    let table = key_table(&page, keys);
    let crumbs = page.crumbs(&[("Settings", page.routes().settings().general())], "API keys");
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Keys) crumbs narrow=true>
            <PageHead
                title="API keys"
                lead_view=view! { "Use the API from your own code. See "<a href=routes::OPENAPI>"openapi.json"</a>"." }.into_any()
            />
            {new_key}
            {question}
            <Columns aside>{table}</Columns>
        </MerchantShell>
    }
    .into_any())
}

/// The text of a key that the request before created; taken once.
async fn take_new_key() -> Access<Option<String>> {
    let session = session().await?;
    // `remove` writes even when nothing is there.
    match session.get::<String>(NEW_KEY).await.map_err(Refusal::session)? {
        Some(_) => session.remove::<String>(NEW_KEY).await.map_err(Refusal::session),
        None => Ok(None),
    }
}

#[component]
fn NewKey(key_text: String) -> impl IntoView {
    view! {
        <Card id="new-key" title="Your new key">
            <CardBody>
                <div class="stack tight">
                    <CopyField id="api-key" label="API key" value=key_text/>
                    <p class="muted">"You won’t see it again. Store it where your server can read it, never in a web page or a repository."</p>
                </div>
            </CardBody>
        </Card>
    }
}

fn key_table(page: &ProgramPage, keys: Vec<ApiKey>) -> AnyView {
    if keys.is_empty() {
        return view! {
            <Card id="keys" title="Keys">
                <EmptyState title="No keys yet" text="Keys that you create are listed here with their last use." first_use=true/>
            </Card>
        }
        .into_any();
    }
    let rows = keys
        .into_iter()
        .map(|key| {
            let scope = if key.program_id.is_some() { "This program" } else { "All programs" };
            let used = match key.last_used_at {
                Some(at) => view! { <Time at=page.zone.ago(at, page.now)/> }.into_any(),
                None => view! { <span class="muted">"Never"</span> }.into_any(),
            };
            let revoke = Parameters::default().with(ASK, key.id.as_str()).on(&page.routes().settings().keys());
            view! {
                <tr>
                    <th scope="row"><span class="mono">{format!("hgk_…{}", key.last_four)}</span><small>{scope}</small></th>
                    <td data-label="Created"><Time at=page.zone.date(key.created_at)/></td>
                    <td data-label="Last used">{used}</td>
                    <td class="num lead"><a href=revoke>"Revoke…"</a></td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![
        Column::text("Key"),
        Column::text("Created"),
        Column::text("Last used"),
        Column::number("Action"),
    ];
    view! {
        <Card id="keys" title="Keys">
            <Table caption="API keys, newest first" columns style=TableStyle::CARDS.spaced()>{rows}</Table>
        </Card>
    }
    .into_any()
}

fn create_card(page: &ProgramPage, form: FormState) -> AnyView {
    let program = page.program.id.to_string();
    let choices = vec![
        Choice::new("program", "This program only", format!("{}, and nothing else.", page.program.name)),
        Choice::new(
            "all",
            "All programs",
            format!("All of {}, including future ones.", page.actor.merchant_name()),
        ),
    ];
    view! {
        <Card id="create" title="New key">
            <CardBody>
                <ErrorSummary errors=form.errors().to_vec()/>
                <form class="form" method="post" action=CreateKey::PATH novalidate>
                    <input type="hidden" name="program" value=program/>
                    <ChoiceField field=form.field("scope", "program") label="What can it access?" choices/>
                    <FormActions submit="Create key"/>
                </form>
            </CardBody>
        </Card>
    }
    .into_any()
}

fn ask_to_revoke(page: &ProgramPage, key: &ApiKey) -> AnyView {
    let (program, id, back) =
        (page.program.id.to_string(), key.id.to_string(), page.routes().settings().keys());
    let used = match key.last_used_at {
        Some(at) => format!("It was last used {}.", page.zone.ago(at, page.now).text),
        None => "It has never been used.".to_owned(),
    };
    let title = format!("Revoke hgk_…{}?", key.last_four);
    let consequence = format!("{used} Requests that use it will fail immediately. This can’t be undone.");
    view! {
        <DangerCard id="revoke" title consequence>
            <form class="form-actions" method="post" action=RevokeKey::PATH>
                <input type="hidden" name="program" value=program/>
                <input type="hidden" name="id" value=id/>
                <button class="button danger">"Revoke the key"</button>
                <a class="button quiet" href=back>"Cancel"</a>
            </form>
        </DangerCard>
    }
    .into_any()
}

/// Creates an API key, which the next page shows once.
#[server(prefix = "/do", endpoint = "key/create")]
pub async fn create_key(
    /// The program.
    #[server(default)]
    program: String,
    /// `program`, or `all` for every program of the company.
    #[server(default)]
    scope: String,
) -> Result<(), ServerFnError> {
    let sent =
        Submission::new(CreateKey::PATH, routes::of_form(&program, |program| program.settings().keys()))
            .typed("scope", &scope);
    finish(sent, async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        let limit = match scope.as_str() {
            "program" => Some(&id),
            "all" => None,
            _ => return Err(engine::Error::field("scope", "Choose what the key can access").into()),
        };
        let (_, text) = engine::identity::api_keys::create(&engine(), &actor, limit).await?;
        session().await?.insert(NEW_KEY, text).await.map_err(Refusal::session)?;
        Ok(Redirect::to(routes::program(&id).settings().keys())
            .with_flash(Flash::done("Key created. Copy it now.")))
    })
    .await
}

/// Revokes an API key.
#[server(prefix = "/do", endpoint = "key/revoke")]
pub async fn revoke_key(
    /// The program whose page shows it.
    #[server(default)]
    program: String,
    /// The key.
    #[server(default)]
    id: String,
) -> Result<(), ServerFnError> {
    finish(
        Submission::new(RevokeKey::PATH, routes::of_form(&program, |program| program.settings().keys())),
        async {
            let (actor, program) = (merchant().await?, program_of(&program)?);
            let key: ApiKeyId = id.parse().map_err(|_| Refusal::NotFound)?;
            engine::identity::api_keys::revoke(&engine(), &actor, &key).await?;
            Ok(Redirect::to(routes::program(&program).settings().keys())
                .with_flash(Flash::done("Key revoked.")))
        },
    )
    .await
}
