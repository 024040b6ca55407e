//! The page that creates a program with its first terms.

use domain::fields::Problems;
use domain::money::Currency;
use domain::programs::ProgramDraft;
use domain::terms::Terms;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::*;
use crate::forms::submission::{Redirect, Submission, finish, take_form};
use crate::forms::{Flash, FormState, ProgramForm, TermsForm};
use crate::layout::{MerchantPage, title};
use crate::pages::page;
use crate::request::access::{engine, merchant};
use crate::routes;
use crate::text::{CURRENCIES, time_zones};

/// Creates a program.
#[server(prefix = "/do", endpoint = "program/create")]
pub async fn create_program(
    /// Name, website, currency.
    #[server(default)]
    program: ProgramForm,
    /// The first terms.
    #[server(default)]
    terms: TermsForm,
) -> Result<(), ServerFnError> {
    let sent = Submission::new(CreateProgram::PATH, routes::NEW_PROGRAM)
        .with_values("program", &program)
        .with_values("terms", &terms);
    finish(sent, async {
        let mut problems = Problems::new();
        let draft = program.draft(&mut problems);
        // Without a currency, the amounts are checked all the same.
        let currency = draft.as_ref().map_or_else(usual_currency, |draft| draft.currency);
        let (Some(draft), Some(terms)) = (draft, terms.terms(&[], currency, &mut problems)) else {
            return Err(engine::Error::from(problems).into());
        };
        let created = engine::programs::create(&engine(), &merchant().await?, &draft, &terms).await?;
        let flash = Flash::done(format!("{} is ready. Next, connect Stripe.", created.name));
        Ok(Redirect::to(routes::program(&created.id).overview()).with_flash(flash))
    })
    .await
}

/// The currency that the form begins with.
fn usual_currency() -> Currency {
    "usd".parse().expect("three letters")
}

/// The page that creates a program.
#[component]
pub fn NewProgram() -> impl IntoView {
    page(async {
        let page = MerchantPage::load().await?;
        let form = take_form(CreateProgram::PATH).await;
        title("New program", form.has_errors());
        let crumbs = vec![Crumb::link("Programs", routes::PROGRAMS), Crumb::here("New program")];
        Ok(view! {
            <MerchantShell frame=page.frame() crumbs narrow=true>
                <PageHead title="New program" lead="What affiliates promote and what they earn."/>
                <Columns aside=view! { <Later/> }.into_any()>
                    <ErrorSummary errors=form.errors().to_vec()/>
                    <CreateForm form/>
                </Columns>
            </MerchantShell>
        }
        .into_any())
    })
}

#[component]
fn CreateForm(form: FormState) -> impl IntoView {
    let field = |name: &str, value: &str| form.field(&format!("program[{name}]"), value);
    let currencies =
        CURRENCIES.map(|(code, name)| Choice::plain(code, format!("{} – {name}", code.to_uppercase())));
    let zones: Vec<Choice> =
        time_zones().into_iter().map(|zone| Choice::plain(zone.clone(), zone.replace('_', " "))).collect();
    // The currency of a new program is chosen in this form.
    let recorded = TermsForm {
        commission_amount: "10".to_owned(),
        minimum_payout: "50".to_owned(),
        ..TermsForm::of(&Terms::default(), usual_currency())
    };
    view! {
        <form class="form" method="post" action=CreateProgram::PATH novalidate>
            <div class="form-section">
                <h2>"Program"</h2>
                <TextField field=field("name", "") label="Name" hint="Shown to affiliates, such as “Lumen Partners”"/>
                <TextField field=field("website", "") label="Website" hint="Links lead here by default, such as https://example.com" kind=TextKind::OwnUrl/>
                <TextField field=field("allowed_domains", "") label="Allowed domains" hint="Links can lead to your website, these domains and their subdomains. Separate domains with commas" optional=true kind=TextKind::Code/>
                <SelectField field=field("currency", "usd") label="Currency" hint="For reports, fixed commissions and the minimum payout. It can’t be changed later" choices=currencies.to_vec()/>
                <SelectField field=field("time_zone", "UTC") label="Time zone" hint="Reports use it for days and months" choices=zones/>
            </div>
            <TermsFields form=form.clone() recorded currency=""/>
            <div class="form-section">
                <h2>"Joining and privacy"</h2>
                <Checkbox
                    field=field("auto_approve", "")
                    checked=form.is_checked("program[auto_approve]", ProgramDraft::AUTO_APPROVE)
                    label="Auto-approve applications".into_any()
                    hint="Otherwise you decide on each application."
                />
                <Checkbox
                    field=field("require_consent", "")
                    checked=form.is_checked("program[require_consent]", false)
                    label="Ask for consent before anything is stored".into_any()
                    hint="No click is tracked and no cookie is set until your site reports consent."
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
                    "The program starts at once. Then connect Stripe, add one line of script to your site, and add your first affiliates."
                </p>
            </CardBody>
        </Card>
        <Card id="change" title="Changing terms later">
            <CardBody>
                <p class="muted">
                    "A change creates a new version. Earlier conversions keep theirs."
                </p>
            </CardBody>
        </Card>
    }
}
