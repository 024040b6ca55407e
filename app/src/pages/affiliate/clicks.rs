//! The clicks on an affiliate's links.

use leptos::prelude::*;

use super::status::status_notice;
use crate::components::{EmptyState, Icon, PageHead, Pager, PlainCard, SiteShell};
use crate::layout::{AffiliateProgramPage, AffiliateSection};
use crate::pages::page;
use crate::presenters::tables::{ClickTable, RowFormat};
use crate::request::access::Access;
use crate::request::queries::Parameters;

const ROWS: i64 = 50;

/// An affiliate's clicks, newest first.
#[component]
pub fn AffiliateClicks() -> impl IntoView {
    page(clicks())
}

async fn clicks() -> Access<AnyView> {
    let page = AffiliateProgramPage::load().await?;
    page.title("Clicks", false);
    let parameters = Parameters::of_request().only(&["before"]);
    let before = parameters.get("before").and_then(|token| token.parse().ok());
    let (engine, actor, program) = (&page.page.engine, &page.page.actor, &page.program.id);
    let mut rows =
        engine::tracking::clicks::list_for_affiliate(engine, actor, program, before.as_ref(), ROWS + 1)
            .await?;
    let more = rows.len() > ROWS as usize;
    rows.truncate(ROWS as usize);
    let path = page.routes().clicks();
    let content = if rows.is_empty() {
        first_use(&page)
    } else {
        let older = rows
            .last()
            .filter(|_| more)
            .map(|row| parameters.clone().with("before", row.token.as_str()).on(&path));
        let newer = before.is_some().then(|| path.clone());
        let format = RowFormat::own(&page);
        view! {
            <PlainCard>
                <ClickTable rows format/>
                <Pager newer older note=format!("Newest first, {ROWS} per page")/>
            </PlainCard>
        }
        .into_any()
    };
    let status_notice = status_notice(&page);
    let lead =
        format!("Clicks on your links. Bots are listed but not counted. Times in {}.", page.zone.place());
    let actions =
        view! { <a class="button" href=page.routes().clicks_csv()><Icon name="download"/>"Export CSV"</a> };
    Ok(view! {
        <SiteShell frame=page.frame(AffiliateSection::Clicks)>
            <PageHead title="Clicks" lead actions=actions.into_any()/>
            {status_notice}
            {content}
        </SiteShell>
    }
    .into_any())
}

fn first_use(page: &AffiliateProgramPage) -> AnyView {
    let actions = view! { <a class="button primary" href=page.routes().links()>"Your links"</a> };
    view! {
        <PlainCard>
            <EmptyState
                title="No clicks yet"
                text="Clicks on your links appear here within a second."
                first_use=true
                actions=actions.into_any()
            />
        </PlainCard>
    }
    .into_any()
}
