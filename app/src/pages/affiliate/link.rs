//! One of an affiliate's links: to share, to print, and what it brought.

use domain::ids::{LinkId, ProgramId};
use engine::programs::links::OwnLink;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::status::status_notice;
use crate::components::{
    Breadcrumbs, Card, CardBody, Crumb, Fact, Facts, LinkCard, PageHead, SiteShell, State,
};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::layout::{AffiliateProgramPage, AffiliateSection};
use crate::pages::page;
use crate::presenters::tables::short_url;
use crate::presenters::totals::others;
use crate::request::access::{Access, Refusal, affiliate, engine, parameter};
use crate::routes;
use crate::text::{count, money, share};

/// One link of an affiliate.
#[component]
pub fn AffiliateLink() -> impl IntoView {
    page(link())
}

async fn link() -> Access<AnyView> {
    let page = AffiliateProgramPage::load().await?;
    let id: LinkId = parameter("link")?;
    let (engine, actor) = (&page.page.engine, &page.page.actor);
    let links = engine::programs::links::list_for_affiliate(engine, actor, &page.program.id).await?;
    let found = links.into_iter().find(|row| row.link.id == id).ok_or(Refusal::NotFound)?;
    let title = format!("/r/{}", found.link.code);
    page.title(&title, false);
    let crumbs = vec![Crumb::link("Links", page.routes().links()), Crumb::here(title.clone())];
    let status_notice = status_notice(&page);
    let state = found.link.archived_at.is_some().then_some(State::ARCHIVED);
    let url = routes::link_url(engine.base_url(), &found.link.code);
    let files = (page.routes().link_code(&id, "png"), page.routes().link_code(&id, "svg"));
    let text = format!("Destination: {}", short_url(&found.link.destination_url)).into_any();
    let (brought, archive) = (brought(&page, &found), archive_card(&page, &found));
    let head = match state {
        Some(state) => view! { <PageHead title state/> }.into_any(),
        None => view! { <PageHead title/> }.into_any(),
    };
    Ok(view! {
        <SiteShell frame=page.frame(AffiliateSection::Links)>
            <Breadcrumbs crumbs/>
            {head}
            {status_notice}
            <LinkCard title="The link" url text files/>
            {brought}
            {archive}
        </SiteShell>
    }
    .into_any())
}

fn brought(page: &AffiliateProgramPage, row: &OwnLink) -> AnyView {
    let (currency, totals) = (page.program.currency, &row.totals);
    let customers = match share(totals.first_payments, row.clicks) {
        Some(share) => format!("{}, {share} of clicks", count(totals.first_payments)),
        None => count(totals.first_payments),
    };
    let sum = |of: fn(&engine::ledger::reports::Amounts) -> i64| {
        let own = money(of(&totals.in_currency(currency)), currency);
        others(totals, currency, of).map_or(own.clone(), |others| format!("{own} and {others}"))
    };
    let mut items = vec![
        Fact::new("Clicks", count(row.clicks)),
        Fact::new("New customers", customers),
        Fact::new("Payments", count(totals.conversions)),
        Fact::new("Revenue", sum(|amounts| amounts.revenue)),
        Fact::new("You earned", sum(|amounts| amounts.commission)),
        Fact::new("Created", page.zone.date(row.link.created_at).text),
    ];
    items.extend(row.link.placement.clone().map(|word| Fact::new("Placement", word)));
    view! { <Card id="brought" title="What it brought"><CardBody><Facts items/></CardBody></Card> }.into_any()
}

fn archive_card(page: &AffiliateProgramPage, row: &OwnLink) -> AnyView {
    let is_archived = row.link.archived_at.is_some();
    let (title, text, value, button) = if is_archived {
        (
            "Archived",
            "It leads to its destination and its clicks count. Restore it to see it in the list.",
            "no",
            "Restore",
        )
    } else {
        (
            "Archive",
            "Takes the link off your list. It keeps leading to its destination and its clicks keep counting, because it may be printed or posted somewhere.",
            "yes",
            "Archive link",
        )
    };
    let (program, link) = (page.program.id.to_string(), row.link.id.to_string());
    view! {
        <Card id="archive" title=title>
            <CardBody>
                <form class="stack tight" method="post" action=ArchiveOwnLink::PATH>
                    <input type="hidden" name="program" value=program/>
                    <input type="hidden" name="link" value=link/>
                    <p class="muted">{text}</p>
                    <div><button class="button" name="archive" value=value>{button}</button></div>
                </form>
            </CardBody>
        </Card>
    }
    .into_any()
}

/// Puts a link of the signed-in affiliate away, or takes it back.
#[server(prefix = "/do", endpoint = "own-link/archive")]
pub async fn archive_own_link(
    /// The program.
    #[server(default)]
    program: String,
    /// The link.
    #[server(default)]
    link: String,
    /// `yes` to archive it.
    #[server(default)]
    archive: String,
) -> Result<(), ServerFnError> {
    let id = program.parse::<ProgramId>();
    let path =
        id.as_ref().map_or(routes::AFFILIATE_PROGRAMS.to_owned(), |id| routes::affiliate_program(id).links());
    finish(Submission::new(ArchiveOwnLink::PATH, path.clone()), async {
        let id = id.map_err(|_| Refusal::NotFound)?;
        let link = link.parse::<LinkId>().map_err(|_| Refusal::NotFound)?;
        let is_archived = archive == "yes";
        engine::programs::links::archive_own(&engine(), &affiliate().await?, &id, &link, is_archived).await?;
        let word = if is_archived { "Link archived. It keeps working." } else { "Link restored." };
        Ok(Redirect::to(path).with_flash(Flash::done(word)))
    })
    .await
}
