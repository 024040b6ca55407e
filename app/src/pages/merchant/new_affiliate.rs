//! The page that adds an affiliate.

use domain::ids::ProgramId;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::*;
use crate::forms::submission::{Redirect, Submission, finish, take_form};
use crate::forms::{AffiliateForm, Flash};
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::request::access::{Refusal, engine, merchant};
use crate::routes;

/// Adds an affiliate with a first link.
#[server(prefix = "/do", endpoint = "affiliate/add")]
pub async fn add_affiliate(
    /// The program.
    #[server(default)]
    program: String,
    /// Name, address, code.
    #[server(default)]
    affiliate: AffiliateForm,
) -> Result<(), ServerFnError> {
    let program = program.parse::<ProgramId>();
    let back = program.as_ref().map_or(routes::PROGRAMS.to_owned(), |id| routes::program(id).new_affiliate());
    finish(Submission::new(AddAffiliate::PATH, back).with_values("affiliate", &affiliate), async {
        let program = program.map_err(|_| Refusal::NotFound)?;
        let draft = affiliate.draft().map_err(engine::Error::from)?;
        let (added, link) =
            engine::programs::affiliates::add(&engine(), &merchant().await?, &program, &draft).await?;
        let text = format!("{} added. Link: /r/{}", added.name, link.code);
        Ok(Redirect::to(routes::program(&program).affiliate(&added.id)).with_flash(Flash::done(text)))
    })
    .await
}

/// The page that adds an affiliate.
#[component]
pub fn NewAffiliate() -> impl IntoView {
    page(async {
        let page = ProgramPage::load().await?;
        let form = take_form(AddAffiliate::PATH).await;
        page.title("Add an affiliate", form.has_errors());
        let field = |name: &str| form.field(&format!("affiliate[{name}]"), "");
        let (name, email, code) = (field("name"), field("email"), field("code"));
        let program = page.program.id.to_string();
        let cancel = page.routes().affiliates();
        let crumbs = page.crumbs(&[("Affiliates", page.routes().affiliates())], "Add an affiliate");
        let aside = view! {
            <Card id="next" title="What happens next">
                <CardBody>
                    <p class="muted">
                        "Clicks on their link count right away. Create an invitation link on their page so they can choose a password and see their earnings."
                    </p>
                </CardBody>
            </Card>
        };
        Ok(view! {
            <MerchantShell frame=page.frame(Section::Affiliates) crumbs narrow=true>
                <PageHead title="Add an affiliate" lead="Someone who promotes this program with a link of their own."/>
                <Columns aside=aside.into_any()>
                    <ErrorSummary errors=form.errors().to_vec()/>
                    <form class="form" method="post" action=AddAffiliate::PATH novalidate>
                        <input type="hidden" name="program" value=program/>
                        <div class="form-section">
                            <TextField field=name label="Name" hint="A person or a site"/>
                            <EmailField field=email label="Email" hint="They sign in with it" autocomplete="off"/>
                            <TextField
                                field=code
                                label="Code of the first link"
                                hint="The end of their link /r/… Leave it empty to use their name"
                                optional=true
                                kind=TextKind::Code
                                width=Width::Medium
                            />
                        </div>
                        <FormActions submit="Add affiliate" cancel/>
                    </form>
                </Columns>
            </MerchantShell>
        }
        .into_any())
    })
}
