//! One's links, and the form that makes another.

use domain::ids::ProgramId;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::status::{counts, standing};
use crate::components::{
    Card, CardBody, Columns, EmptyState, ErrorSummary, FormActions, PageHead, SiteShell, TextField,
};
use crate::forms::submission::{Redirect, Submission, finish, take_form};
use crate::forms::{Flash, FormState, LinkForm};
use crate::layout::{AffiliateProgramPage, OwnSection, own_program_path};
use crate::pages::page;
use crate::presenters::tables::{LinkTable, RowFormat};
use crate::request::access::{Access, Refusal, affiliate, engine};

/// All links of an affiliate in a program.
#[component]
pub fn AffiliateLinks() -> impl IntoView {
    page(links())
}

async fn links() -> Access<AnyView> {
    let page = AffiliateProgramPage::load().await?;
    let form = take_form(CreateOwnLink::PATH).await;
    let rows =
        engine::programs::links::list_for_affiliate(&page.page.engine, &page.page.actor, &page.program.id)
            .await?;
    page.title("Links", form.has_errors());
    let (format, site) = (RowFormat::own(&page), page.page.engine.base_url().to_owned());
    let table = if rows.is_empty() {
        view! { <EmptyState title="No links yet" text="A link that you make will be listed here, with the clicks on it."/> }.into_any()
    } else {
        view! { <LinkTable rows format site/> }.into_any()
    };
    let standing = standing(&page);
    let table = view! { <Card id="links" title="Your links">{table}</Card> };
    let content = if counts(&page) {
        let aside = new_link(&page, form);
        view! { <Columns aside>{table}</Columns> }.into_any()
    } else {
        table.into_any()
    };
    Ok(view! {
        <SiteShell frame=page.frame(OwnSection::Links)>
            <PageHead title="Links" lead="Each has a code of its own, so that you see which one works. Old links stay good."/>
            {standing}
            {content}
        </SiteShell>
    }
    .into_any())
}

fn new_link(page: &AffiliateProgramPage, form: FormState) -> AnyView {
    let hosts = format!(
        "A page on {}; empty leads to the start page",
        page.program.allowed_domains.domains().join(", ")
    );
    let program = page.program.id.to_string();
    view! {
        <Card id="new" title="New link">
            <CardBody>
                <form class="form" method="post" action=CreateOwnLink::PATH novalidate>
                    <ErrorSummary errors=form.errors().to_vec()/>
                    <input type="hidden" name="program" value=program/>
                    <TextField
                        field=form.field("link[code]", "")
                        label="Code"
                        hint="The end of the link; empty makes one from your name"
                        optional=true
                        code=true
                    />
                    <TextField field=form.field("link[destination_url]", "") label="Destination" hint=hosts optional=true kind="url" code=true/>
                    <TextField
                        field=form.field("link[placement]", "")
                        label="Placement"
                        hint="A word of yours that tells placements apart"
                        optional=true
                        code=true
                    />
                    <FormActions submit="Create the link"/>
                </form>
            </CardBody>
        </Card>
    }
    .into_any()
}

/// Makes a link for oneself.
#[server(prefix = "/do", endpoint = "own-link/create")]
pub async fn create_own_link(
    /// The program.
    #[server(default)]
    program: String,
    /// The form.
    #[server(default)]
    link: LinkForm,
) -> Result<(), ServerFnError> {
    let id = program.parse::<ProgramId>();
    let path = id.as_ref().map_or("/affiliate".to_owned(), |id| own_program_path(id, "links"));
    finish(Submission::new(CreateOwnLink::PATH, path.clone()).with_values("link", &link), async {
        let id = id.map_err(|_| Refusal::NotFound)?;
        let draft = link.draft().map_err(engine::Error::from)?;
        let made = engine::programs::links::create_own(&engine(), &affiliate().await?, &id, &draft).await?;
        Ok(Redirect::to(path).with_flash(Flash::done(format!("The link /r/{} is ready.", made.code))))
    })
    .await
}
