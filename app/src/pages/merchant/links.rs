//! All links of a program, and the newest clicks.

use engine::programs::links::LinkWithClicks;
use engine::tracking::clicks::Click;
use leptos::prelude::*;

use crate::components::*;
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::tables::{ClickTable, LinkTable, RowFormat};
use crate::request::queries::Parameters;

const LINKS: i64 = 25;
const CLICKS: i64 = 50;

/// Links and clicks.
#[component]
pub fn LinksAndClicks() -> impl IntoView {
    page(async {
        let page = ProgramPage::load().await?;
        page.title("Clicks and links", false);
        let parameters = Parameters::of_request().only(&["links", "clicks"]);
        let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
        let links_before = parameters.get("links").and_then(|id| id.parse().ok());
        let clicks_before = parameters.get("clicks").and_then(|token| token.parse().ok());
        let links =
            engine::programs::links::list(engine, actor, program, None, links_before.as_ref(), LINKS + 1)
                .await?;
        let clicks =
            engine::tracking::clicks::list(engine, actor, program, None, clicks_before.as_ref(), CLICKS + 1)
                .await?;
        let lead = format!("All tracking links and their clicks. Times in {}.", page.zone.place());
        let content = if links.is_empty() && links_before.is_none() {
            first_use(&page)
        } else {
            let links = links_card(&page, &parameters, links);
            let clicks = clicks_card(&page, &parameters, clicks);
            view! { {links}{clicks} }.into_any()
        };
        Ok(view! {
            <MerchantShell frame=page.frame(Section::Links) crumbs=page.crumbs(&[], "Clicks and links")>
                <PageHead title="Clicks and links" lead/>
                {content}
            </MerchantShell>
        }
        .into_any())
    })
}

fn links_card(page: &ProgramPage, parameters: &Parameters, mut rows: Vec<LinkWithClicks>) -> AnyView {
    let path = page.routes().links();
    let more = rows.len() > LINKS as usize;
    rows.truncate(LINKS as usize);
    let older = rows
        .last()
        .filter(|_| more)
        .map(|row| parameters.clone().with("links", row.link.id.as_str()).on(&path));
    let newer = parameters.get("links").map(|_| parameters.clone().without(&["links"]).on(&path));
    let pager = (older.is_some() || newer.is_some())
        .then(|| view! { <Pager newer older note=format!("Newest first, {LINKS} per page")/> });
    let (format, site) = (RowFormat::of(page), page.engine.base_url().to_owned());
    view! {
        <Card id="links" title="Links" aside=view! { <p>"All-time clicks"</p> }.into_any()>
            <LinkTable rows format site/>
            {pager}
        </Card>
    }
    .into_any()
}

fn clicks_card(page: &ProgramPage, parameters: &Parameters, mut rows: Vec<Click>) -> AnyView {
    let path = page.routes().links();
    let more = rows.len() > CLICKS as usize;
    rows.truncate(CLICKS as usize);
    let older = rows.last().filter(|_| more).map(|row| {
        let address = parameters.clone().with("clicks", row.token.as_str()).on(&path);
        format!("{address}#clicks")
    });
    let newer = parameters.get("clicks").map(|_| parameters.clone().without(&["clicks"]).on(&path));
    let format = RowFormat::of(page);
    let table = if rows.is_empty() {
        let text = "Clicks appear here within a second.";
        view! { <EmptyState title="No clicks yet" text/> }.into_any()
    } else {
        view! {
            <ClickTable rows format/>
            <Pager newer older note=format!("Newest first, {CLICKS} per page")/>
        }
        .into_any()
    };
    let file = view! { <a href=page.routes().clicks_csv()><Icon name="download"/>"Export CSV"</a> };
    view! { <Card id="clicks" title="Clicks" aside=file.into_any()>{table}</Card> }.into_any()
}

fn first_use(page: &ProgramPage) -> AnyView {
    let actions =
        view! { <a class="button primary" href=page.routes().new_affiliate()>"Add an affiliate"</a> };
    view! {
        <PlainCard>
            <EmptyState
                title="No links yet"
                text="Each affiliate gets a link with their own code. Links and their clicks appear here."
                first_use=true
                actions=actions.into_any()
            />
        </PlainCard>
    }
    .into_any()
}
