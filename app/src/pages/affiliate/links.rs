//! An affiliate's links, and the form that creates another.

use domain::ids::ProgramId;
use engine::programs::coupons::Coupon;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::status::{counts, status_notice};
use crate::components::{
    Card, CardBody, Columns, CopyField, EmptyState, ErrorSummary, Fact, Facts, FormActions, PageHead,
    SiteShell, TextField, TextKind,
};
use crate::forms::submission::{Redirect, Submission, finish, take_form};
use crate::forms::{Flash, FormState, LinkForm};
use crate::layout::{AffiliateProgramPage, AffiliateSection};
use crate::pages::page;
use crate::presenters::promotion_code;
use crate::presenters::tables::{LinkTable, RowFormat};
use crate::request::access::{Access, Refusal, affiliate, engine};
use crate::routes;

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
    let code = rows.last().map(|row| row.link.code.to_string());
    let (format, site) = (RowFormat::own(&page), page.page.engine.base_url().to_owned());
    let table = if rows.is_empty() {
        view! { <EmptyState title="No links yet" text="Links you create appear here with their clicks."/> }
            .into_any()
    } else {
        view! { <LinkTable rows format site/> }.into_any()
    };
    let status_notice = status_notice(&page);
    let table = view! { <Card id="links" title="Your links">{table}</Card> };
    let (engine, actor) = (&page.page.engine, &page.page.actor);
    let codes = engine::programs::coupons::list_for_affiliate(engine, actor, &page.program.id).await?;
    let content = if counts(&page) {
        let aside =
            view! { {new_link(&page, form)}{any_page(&page, code)}{own_codes(&page, codes)} }.into_any();
        view! { <Columns aside>{table}</Columns> }.into_any()
    } else {
        table.into_any()
    };
    Ok(view! {
        <SiteShell frame=page.frame(AffiliateSection::Links)>
            <PageHead title="Links" lead="Each link has its own code, so you can see which one performs best. Existing links keep working."/>
            {status_notice}
            {content}
        </SiteShell>
    }
    .into_any())
}

fn new_link(page: &AffiliateProgramPage, form: FormState) -> AnyView {
    let hosts = format!(
        "A page on {}. Leave empty for the home page",
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
                        hint="The last part of the link. Leave empty to generate one"
                        optional=true
                        kind=TextKind::Code
                    />
                    <TextField field=form.field("link[destination_url]", "") label="Destination" hint=hosts optional=true kind=TextKind::Url/>
                    <TextField
                        field=form.field("link[placement]", "")
                        label="Placement"
                        hint="Where you use the link, such as newsletter"
                        optional=true
                        kind=TextKind::Code
                    />
                    <FormActions submit="Create link"/>
                </form>
            </CardBody>
        </Card>
    }
    .into_any()
}

/// How to link to any page without a link of its own.
fn any_page(page: &AffiliateProgramPage, code: Option<String>) -> Option<AnyView> {
    let example = format!("{}?via={}", page.program.website, code?);
    Some(
        view! {
            <Card id="via" title="Any page">
                <CardBody>
                    <div class="stack tight">
                        <p class="muted">"Add ?via= and your code to the address of any page on the site. Clicks count the same way."</p>
                        <CopyField id="via-example" label="Address with your code" value=example/>
                    </div>
                </CardBody>
            </Card>
        }
        .into_any(),
    )
}

/// The promotion codes that credit the affiliate.
fn own_codes(page: &AffiliateProgramPage, codes: Vec<Coupon>) -> Option<AnyView> {
    if codes.is_empty() {
        return None;
    }
    let items = codes.into_iter().map(|code| match code.status.problem_at(page.page.now) {
        None => Fact::new(code.code, "credits you, even without a click"),
        Some(problem) => Fact::new(code.code, promotion_code::problem_badge(problem)),
    });
    let items: Vec<Fact> = items.collect();
    Some(
        view! {
            <Card id="codes" title="Your promotion codes">
                <CardBody><Facts items compact=true/></CardBody>
            </Card>
        }
        .into_any(),
    )
}

/// Creates a link for the signed-in affiliate.
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
    let path =
        id.as_ref().map_or(routes::AFFILIATE_PROGRAMS.to_owned(), |id| routes::affiliate_program(id).links());
    finish(Submission::new(CreateOwnLink::PATH, path.clone()).with_values("link", &link), async {
        let id = id.map_err(|_| Refusal::NotFound)?;
        let draft = link.draft().map_err(engine::Error::from)?;
        let made = engine::programs::links::create_own(&engine(), &affiliate().await?, &id, &draft).await?;
        Ok(Redirect::to(path).with_flash(Flash::done(format!("The link /r/{} is ready.", made.code))))
    })
    .await
}
