//! The form that makes a program with its first terms.

use domain::programs::ProgramInput;
use domain::terms::{Rules, RulesInput};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::*;
use crate::forms::submission::{Redirect, Submission, finish, take_form};
use crate::forms::{Flash, FormState, RulesFields};
use crate::layout::{MerchantPage, title};
use crate::pages::page;
use crate::request::access::{engine, merchant};
use crate::routes;
use crate::text::{CURRENCIES, time_zones};

/// Makes a program.
#[server(prefix = "/do", endpoint = "program/create")]
pub async fn create_program(
    /// Name, website, currency.
    #[server(default)]
    program: ProgramInput,
    /// The first terms.
    #[server(default)]
    rules: RulesInput,
) -> Result<(), ServerFnError> {
    let sent = Submission::new(CreateProgram::PATH, routes::NEW_PROGRAM)
        .with_values("program", &program)
        .with_values("rules", &rules);
    finish(sent, async {
        let made = engine::programs::create(&engine(), &merchant().await?, &program, &rules).await?;
        let flash = Flash::done(format!("{} is ready. Next, connect Stripe.", made.name));
        Ok(Redirect::to(routes::program(&made.id).overview()).with_flash(flash))
    })
    .await
}

/// The form that makes a program.
#[component]
pub fn NewProgram() -> impl IntoView {
    page(async {
        let page = MerchantPage::load().await?;
        let form = take_form(CreateProgram::PATH).await;
        title("New program", form.has_errors());
        let crumbs = vec![Crumb::link("Programs", routes::PROGRAMS), Crumb::here("New program")];
        Ok(view! {
            <MerchantShell frame=page.frame() crumbs narrow=true>
                <PageHead title="New program" lead="What affiliates promote, and what they earn for it."/>
                <Columns aside=view! { <Later/> }.into_any()>
                    <ErrorSummary errors=form.errors().to_vec()/>
                    <ProgramForm form/>
                </Columns>
            </MerchantShell>
        }
        .into_any())
    })
}

#[component]
fn ProgramForm(form: FormState) -> impl IntoView {
    let field = |name: &str, value: &str| form.field(&format!("program[{name}]"), value);
    let currencies =
        CURRENCIES.map(|(code, name)| Choice::plain(code, format!("{} – {name}", code.to_uppercase())));
    let zones: Vec<Choice> =
        time_zones().into_iter().map(|zone| Choice::plain(zone.clone(), zone.replace('_', " "))).collect();
    // The currency of a new program is chosen in this very form.
    let rules = RulesInput {
        commission_amount: "10".to_owned(),
        minimum_payout: "50".to_owned(),
        ..RulesInput::from_rules(&Rules::default(), "usd".parse().expect("a currency"))
    };
    view! {
        <form class="form" method="post" action=CreateProgram::PATH novalidate>
            <div class="form-section">
                <h2>"Program"</h2>
                <TextField field=field("name", "") label="Name" hint="Affiliates see it, such as “Lumen Partners”"/>
                <TextField field=field("website", "") label="Website" hint="Where links lead unless they say otherwise, such as https://example.com" kind="url" autocomplete="url" code=true/>
                <TextField field=field("landing_hosts", "") label="Further hosts" hint="Links may lead to the website’s host and these, subdomains included. Separate them by commas" optional=true code=true/>
                <SelectField field=field("currency", "usd") label="Currency" hint="Of reports, fixed commissions and the minimum payout. It cannot be changed later" choices=currencies.to_vec()/>
                <SelectField field=field("time_zone", "UTC") label="Time zone" hint="Of days and months in reports" choices=zones/>
            </div>
            <RulesFields form=form.clone() recorded=rules currency=""/>
            <div class="form-section">
                <h2>"Joining and privacy"</h2>
                <Checkbox
                    field=field("auto_approve", "")
                    checked=form.is_checked("program[auto_approve]", true)
                    label="Approve affiliates at once".into_any()
                    hint="Otherwise whoever applies waits until you let them in."
                />
                <Checkbox
                    field=field("require_consent", "")
                    checked=form.is_checked("program[require_consent]", false)
                    label="Ask for consent before anything is stored".into_any()
                    hint="No click and no cookie until your site reports consent."
                />
            </div>
            <FormActions submit="Create program" cancel=routes::PROGRAMS/>
        </form>
    }
}

#[component]
fn Later() -> impl IntoView {
    view! {
        <Card id="later" title="What happens next">
            <CardBody>
                <p class="muted">
                    "The program starts at once. You then connect Stripe, put one line of script on your site, and add your first affiliates."
                </p>
            </CardBody>
        </Card>
        <Card id="change" title="Changing terms later">
            <CardBody>
                <p class="muted">
                    "A change makes a new version. Conversions keep the version they were made under."
                </p>
            </CardBody>
        </Card>
    }
}
