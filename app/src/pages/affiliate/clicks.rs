//! The clicks on one's links.

use leptos::prelude::*;

use super::standing::standing;
use crate::access::Access;
use crate::components::{EmptyState, Icon, PageHead, Pager, PlainCard, SiteShell};
use crate::frames::{OwnProgramPage, OwnSection};
use crate::pages::page;
use crate::queries::Parameters;
use crate::tables::{ClickTable, Manner};

const ROWS: i64 = 50;

/// An affiliate's clicks, newest first.
#[component]
pub fn AffiliateClicks() -> impl IntoView {
    page(clicks())
}

async fn clicks() -> Access<AnyView> {
    let page = OwnProgramPage::load().await?;
    page.title("Clicks", false);
    let parameters = Parameters::of_request().only(&["before"]);
    let before = parameters.get("before").and_then(|token| token.parse().ok());
    let (engine, actor, program) = (&page.page.engine, &page.page.actor, &page.program.id);
    let mut rows = engine::clicks::list_own(engine, actor, program, before.as_ref(), ROWS + 1).await?;
    let more = rows.len() > ROWS as usize;
    rows.truncate(ROWS as usize);
    let path = page.path("clicks");
    let content = if rows.is_empty() {
        first_use(&page)
    } else {
        let older = rows
            .last()
            .filter(|_| more)
            .map(|row| parameters.clone().with("before", row.token.as_str()).on(&path));
        let newer = before.is_some().then(|| path.clone());
        let manner = Manner::own(&page);
        view! {
            <PlainCard>
                <ClickTable rows manner/>
                <Pager newer older note=format!("Newest first, {ROWS} to a page")/>
            </PlainCard>
        }
        .into_any()
    };
    let standing = standing(&page);
    let lead =
        format!("Who came by your links. Bots are listed and not counted. Times in {}.", page.zone.place());
    let actions =
        view! { <a class="button" href=format!("{path}.csv")><Icon name="download"/>"Export CSV"</a> };
    Ok(view! {
        <SiteShell frame=page.frame(OwnSection::Clicks)>
            <PageHead title="Clicks" lead actions=actions.into_any()/>
            {standing}
            {content}
        </SiteShell>
    }
    .into_any())
}

fn first_use(page: &OwnProgramPage) -> AnyView {
    let actions = view! { <a class="button primary" href=page.path("links")>"Your links"</a> };
    view! {
        <PlainCard>
            <EmptyState
                title="No clicks yet"
                text="As soon as somebody follows a link of yours, the click stands here within a second."
                comb=true
                actions=actions.into_any()
            />
        </PlainCard>
    }
    .into_any()
}
