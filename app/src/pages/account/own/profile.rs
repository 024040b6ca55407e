//! The person's name, and for an owner the company's.

use domain::fields::Name;
use domain::members::Role;
use engine::identity::sessions::MerchantActor;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::{Card, CardBody, FormActions, TextField, TextKind};
use crate::forms::submission::{Redirect, Submission, finish};
use crate::forms::{Flash, FormState};
use crate::request::access::{account, engine, merchant};
use crate::routes;

/// The forms for both names.
pub(super) fn profile_card(
    name: &str,
    member: Option<&MerchantActor>,
    name_form: FormState,
    company_form: FormState,
) -> AnyView {
    let owner = member.filter(|actor| actor.role() == Role::Owner);
    let company = owner.map(|actor| {
        let field = company_form.field("company", actor.merchant_name());
        view! {
            <Card id="company" title="Company">
                <CardBody>
                    <form class="form" method="post" action=RenameCompany::PATH novalidate>
                        <TextField field label="Name" hint="Affiliates see it next to your programs" kind=TextKind::Organization/>
                        <FormActions submit="Save company"/>
                    </form>
                </CardBody>
            </Card>
        }
    });
    let field = name_form.field("name", name);
    view! {
        <Card id="profile" title="Profile">
            <CardBody>
                <form class="form" method="post" action=RenameSelf::PATH novalidate>
                    <TextField field label="Your name" kind=TextKind::PersonName/>
                    <FormActions submit="Save name"/>
                </form>
            </CardBody>
        </Card>
        {company}
    }
    .into_any()
}

/// Changes the name of the signed-in person.
#[server(prefix = "/do", endpoint = "account/name")]
pub async fn rename_self(
    /// The new name.
    #[server(default)]
    name: String,
) -> Result<(), ServerFnError> {
    finish(Submission::new(RenameSelf::PATH, routes::ACCOUNT).typed("name", &name), async {
        let account = account().await?;
        let name =
            Name::parse(&name, "your name").map_err(|problem| engine::Error::field("name", problem))?;
        engine::identity::accounts::rename(&engine(), &account, &name).await?;
        Ok(Redirect::to(routes::ACCOUNT).with_flash(Flash::done("Name saved.")))
    })
    .await
}

/// Changes the name of the company of the signed-in owner.
#[server(prefix = "/do", endpoint = "account/company")]
pub async fn rename_company(
    /// The new name.
    #[server(default)]
    company: String,
) -> Result<(), ServerFnError> {
    finish(Submission::new(RenameCompany::PATH, routes::ACCOUNT).typed("company", &company), async {
        let actor = merchant().await?;
        let name = Name::parse(&company, "the name of your company")
            .map_err(|problem| engine::Error::field("company", problem))?;
        engine::identity::accounts::rename_company(&engine(), &actor, &name).await?;
        Ok(Redirect::to(routes::ACCOUNT).with_flash(Flash::done("Company saved.")))
    })
    .await
}
