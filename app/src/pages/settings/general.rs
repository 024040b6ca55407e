//! Name, website, hosts, time zone, admission and consent of a program.

use domain::programs::ProgramInput;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::program_of;
use super::status::{ask, status_cards};
use crate::components::{
    Card, CardBody, Checkbox, Choice, Columns, CopyField, ErrorSummary, Fact, Facts, FormActions,
    MerchantShell, PageHead, SelectField, TextField, Time,
};
use crate::forms::submission::{Redirect, Submission, finish, take_form};
use crate::forms::{Flash, FormState};
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::request::access::{Access, engine, merchant};
use crate::request::queries::Parameters;
use crate::routes;
use crate::text::time_zones;

/// Settings > General.
#[component]
pub fn SettingsGeneral() -> impl IntoView {
    page(general())
}

async fn general() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    if let Some(question) = ask(&page, &Parameters::of_request()).await? {
        return Ok(question);
    }
    let form = take_form(ChangeProgram::PATH).await;
    page.title("General", form.has_errors());
    let program = &page.program;
    let items = vec![
        Fact::new("Currency", program.currency.to_string()).note("Money is counted in it, so it stays"),
        Fact::new("Made", view! { <Time at=page.zone.date(program.created_at)/> }),
    ];
    let id = program.id.to_string();
    let aside = view! {
        <Card id="facts" title="What stays">
            <CardBody>
                <Facts compact=true items/>
                <p class="muted small gap-top">"Program id, for the script and the API"</p>
                <CopyField id="program-id" label="Program id" value=id/>
            </CardBody>
        </Card>
    };
    let fields = view! { <ProgramForm form recorded=recorded(&page) program=program.id.to_string()/> };
    let status = status_cards(&page);
    let crumbs = page.crumbs(&[("Settings", page.routes().settings().general())], "General");
    Ok(view! {
        <MerchantShell frame=page.frame(Section::General) crumbs narrow=true>
            <PageHead title="General" lead="Where links may lead, and how affiliates come in."/>
            <Columns aside=aside.into_any()>{fields}</Columns>
            <div class="form-section">{status}</div>
        </MerchantShell>
    }
    .into_any())
}

/// The form as it looks for the program.
fn recorded(page: &ProgramPage) -> ProgramInput {
    let program = &page.program;
    let on = |yes: bool| if yes { "on".to_owned() } else { String::new() };
    // The website's own host is always among them and needs no mention.
    let hosts: Vec<&str> = program.landing_hosts.hosts().iter().skip(1).map(String::as_str).collect();
    ProgramInput {
        name: program.name.clone(),
        website: program.website.clone(),
        landing_hosts: hosts.join(", "),
        currency: program.currency.code().to_owned(),
        time_zone: program.time_zone.clone(),
        auto_approve: on(program.auto_approve),
        require_consent: on(program.require_consent),
    }
}

#[component]
fn ProgramForm(form: FormState, recorded: ProgramInput, program: String) -> impl IntoView {
    let field = |name: &str, recorded: &str| form.field(&format!("settings[{name}]"), recorded);
    let is_checked =
        |name: &str, recorded: &str| form.is_checked(&format!("settings[{name}]"), !recorded.is_empty());
    let mut zones: Vec<Choice> =
        time_zones().into_iter().map(|zone| Choice::plain(zone.clone(), zone)).collect();
    if !zones.iter().any(|zone| zone.value == recorded.time_zone) {
        zones.push(Choice::plain(recorded.time_zone.clone(), recorded.time_zone.clone()));
    }
    view! {
        <ErrorSummary errors=form.errors().to_vec()/>
        <form class="form" method="post" action=ChangeProgram::PATH novalidate>
            <input type="hidden" name="program" value=program/>
            <div class="form-section">
                <TextField field=field("name", &recorded.name) label="Name" hint="Affiliates see it"/>
                <TextField
                    field=field("website", &recorded.website)
                    label="Website"
                    hint="Where a link leads unless it says otherwise"
                    kind="url"
                    code=true
                />
                <TextField
                    field=field("landing_hosts", &recorded.landing_hosts)
                    label="Further hosts"
                    hint="Links may lead to these, to the website’s host and to their subdomains. Separate hosts by commas"
                    optional=true
                    code=true
                />
                <SelectField
                    field=field("time_zone", &recorded.time_zone)
                    label="Time zone"
                    hint="Days and months of reports and terms are counted in it"
                    choices=zones
                />
            </div>
            <div class="form-section">
                <h2>"Affiliates and visitors"</h2>
                <Checkbox
                    field=field("auto_approve", "")
                    checked=is_checked("auto_approve", &recorded.auto_approve)
                    label="Approve affiliates at once".into_any()
                    hint="Without it, whoever applies waits until you let them in"
                />
                <Checkbox
                    field=field("require_consent", "")
                    checked=is_checked("require_consent", &recorded.require_consent)
                    label="Wait for consent".into_any()
                    hint="The script keeps nothing in a browser until your site calls Honeyguide.consent('granted')"
                />
            </div>
            <FormActions submit="Save changes"/>
        </form>
    }
}

/// Changes a program. Its currency stays, whatever is sent.
#[server(prefix = "/do", endpoint = "program/change")]
pub async fn change_program(
    /// The program.
    #[server(default)]
    program: String,
    /// The form.
    #[server(default)]
    settings: ProgramInput,
) -> Result<(), ServerFnError> {
    let sent = Submission::new(
        ChangeProgram::PATH,
        routes::of_form(&program, |program| program.settings().general()),
    )
    .with_values("settings", &settings);
    finish(sent, async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        let recorded = engine::programs::get(&engine(), &actor, &id).await?;
        let input = ProgramInput { currency: recorded.currency.code().to_owned(), ..settings };
        engine::programs::update(&engine(), &actor, &id, &input).await?;
        Ok(Redirect::to(routes::program(&id).settings().general())
            .with_flash(Flash::done("The settings were saved.")))
    })
    .await
}
