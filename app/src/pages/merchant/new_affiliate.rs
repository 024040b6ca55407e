//! The form that adds an affiliate.

use domain::affiliates::AffiliateInput;
use domain::ids::ProgramId;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::*;
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish, take_form};
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
    affiliate: AffiliateInput,
) -> Result<(), ServerFnError> {
    let program = program.parse::<ProgramId>();
    let back = program.as_ref().map_or(routes::PROGRAMS.to_owned(), |id| routes::program(id).new_affiliate());
    finish(Submission::new(AddAffiliate::PATH, back).with_values("affiliate", &affiliate), async {
        let program = program.map_err(|_| Refusal::NotFound)?;
        let (added, link) =
            engine::programs::affiliates::add(&engine(), &merchant().await?, &program, &affiliate).await?;
        let text = format!("{} is in, with the link /r/{}.", added.name, link.code.as_str());
        Ok(Redirect::to(routes::program(&program).affiliate(&added.id)).with_flash(Flash::done(text)))
    })
    .await
}

/// The form that adds an affiliate.
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
                        "They earn from their first click on. On their page you make an invitation link, with which they choose a password and see what they earned."
                    </p>
                </CardBody>
            </Card>
        };
        Ok(view! {
            <MerchantShell frame=page.frame(Section::Affiliates) crumbs narrow=true>
                <PageHead title="Add an affiliate" lead="Somebody who promotes this program, with a link of their own."/>
                <Columns aside=aside.into_any()>
                    <ErrorSummary errors=form.errors().to_vec()/>
                    <form class="form" method="post" action=AddAffiliate::PATH novalidate>
                        <input type="hidden" name="program" value=program/>
                        <div class="form-section">
                            <TextField field=name label="Name" hint="Of the person or their site"/>
                            <EmailField field=email label="E-mail" hint="They sign in with it" autocomplete="off"/>
                            <TextField
                                field=code
                                label="Code of the first link"
                                hint="The end of their address /r/… . Left empty, it is made from the name"
                                optional=true
                                code=true
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
