//! Settings > General: name, website, allowed domains, time zone, applications and consent.

use domain::leads::BrowserLeads;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::program_of;
use super::status::{ask, status_cards};
use crate::components::{
    Card, CardBody, Checkbox, Choice, Columns, CopyField, ErrorSummary, Fact, Facts, FormActions,
    MerchantShell, PageHead, SelectField, TextField, TextKind, Time,
};
use crate::forms::submission::{Redirect, Submission, finish, take_form};
use crate::forms::{Flash, FormState, ProgramForm};
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
        Fact::new("Currency", program.currency.to_string())
            .note("Used for reports, fixed commissions and the minimum payout"),
        Fact::new("Created", view! { <Time at=page.zone.date(program.created_at)/> }),
    ];
    let id = program.id.to_string();
    let aside = view! {
        <Card id="facts" title="Can’t be changed">
            <CardBody>
                <Facts compact=true items/>
                <p class="muted small gap-top">"The script and the API use the program ID."</p>
                <CopyField id="program-id" label="Program ID" value=id/>
            </CardBody>
        </Card>
    };
    let fields =
        view! { <SettingsForm form recorded=ProgramForm::of(program) program=program.id.to_string()/> };
    let status = status_cards(&page);
    let crumbs = page.crumbs(&[("Settings", page.routes().settings().general())], "General");
    Ok(view! {
        <MerchantShell frame=page.frame(Section::General) crumbs narrow=true>
            <PageHead title="General" lead="Your program’s name, website and applications."/>
            <Columns aside=aside.into_any()>{fields}</Columns>
            <div class="form-section">{status}</div>
        </MerchantShell>
    }
    .into_any())
}

#[component]
fn SettingsForm(form: FormState, recorded: ProgramForm, program: String) -> impl IntoView {
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
                <TextField field=field("name", &recorded.name) label="Name" hint="Shown to affiliates"/>
                <TextField
                    field=field("website", &recorded.website)
                    label="Website"
                    hint="Links lead here by default"
                    kind=TextKind::Url
                />
                <TextField
                    field=field("allowed_domains", &recorded.allowed_domains)
                    label="Allowed domains"
                    hint="Links can lead to your website, these domains and their subdomains. Separate domains with commas"
                    optional=true
                    kind=TextKind::Code
                />
                <SelectField
                    field=field("time_zone", &recorded.time_zone)
                    label="Time zone"
                    hint="Reports and terms use it for days and months"
                    choices=zones
                />
            </div>
            <div class="form-section">
                <h2>"Affiliates and visitors"</h2>
                <Checkbox
                    field=field("auto_approve", "")
                    checked=is_checked("auto_approve", &recorded.auto_approve)
                    label="Auto-approve applications".into_any()
                    hint="Otherwise you decide on each application"
                />
                <Checkbox
                    field=field("require_consent", "")
                    checked=is_checked("require_consent", &recorded.require_consent)
                    label="Wait for consent".into_any()
                    hint="The script stores nothing in the browser until your site calls Honeyguide.consent('granted')"
                />
                <Checkbox
                    field=field("respect_gpc", "")
                    checked=is_checked("respect_gpc", &recorded.respect_gpc)
                    label="Respect Global Privacy Control".into_any()
                    hint="Visitors whose browser sends this signal are not tracked: no click, no cookie"
                />
                <SelectField
                    field=field("browser_leads", &recorded.browser_leads)
                    label="Leads from the browser"
                    hint="Leads sent or signed by your server always count"
                    choices=lead_choices()
                />
            </div>
            <FormActions submit="Save changes"/>
        </form>
    }
}

fn lead_choices() -> Vec<Choice> {
    let label = |choice| match choice {
        BrowserLeads::Count => "Count when plausible",
        BrowserLeads::Review => "Review each under Unattributed",
        BrowserLeads::Off => "Don’t accept",
    };
    BrowserLeads::ALL.into_iter().map(|choice| Choice::plain(choice.word(), label(choice))).collect()
}

/// Changes a program's settings.
#[server(prefix = "/do", endpoint = "program/change")]
pub async fn change_program(
    /// The program.
    #[server(default)]
    program: String,
    /// The form.
    #[server(default)]
    settings: ProgramForm,
) -> Result<(), ServerFnError> {
    let sent = Submission::new(
        ChangeProgram::PATH,
        routes::of_form(&program, |program| program.settings().general()),
    )
    .with_values("settings", &settings);
    finish(sent, async {
        let (actor, id) = (merchant().await?, program_of(&program)?);
        let change = settings.change().map_err(engine::Error::from)?;
        engine::programs::change(&engine(), &actor, &id, &change).await?;
        Ok(Redirect::to(routes::program(&id).settings().general()).with_flash(Flash::done("Settings saved.")))
    })
    .await
}
