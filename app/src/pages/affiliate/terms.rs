//! The rules that an affiliate earns under, and how they were before.

use domain::terms::{TermsVersion, in_force};
use leptos::prelude::*;

use super::status::standing;
use crate::components::{Card, CardBody, Column, Columns, Fact, Facts, PageHead, SiteShell, Table, Time};
use crate::layout::{AffiliateProgramPage, OwnSection};
use crate::pages::page;
use crate::presenters::terms::{explained, facts};
use crate::request::access::{Access, Refusal};
use crate::text::plural;

/// The terms of a program, in plain words and in all versions.
#[component]
pub fn AffiliateTerms() -> impl IntoView {
    page(terms())
}

async fn terms() -> Access<AnyView> {
    let page = AffiliateProgramPage::load().await?;
    let versions =
        engine::programs::terms::list_for_affiliate(&page.page.engine, &page.page.actor, &page.program.id)
            .await?;
    let current = in_force(&versions, page.page.now).ok_or(Refusal::NotFound)?;
    page.title("Terms", false);
    let currency = page.program.currency;
    let heading = format!("You earn {}", current.terms.offer(currency));
    let since = page.zone.date(current.starts_at).text;
    let lead = format!(
        "Version {}, in force since {since}. What was earned before keeps its version.",
        current.version
    );
    let items: Vec<Fact> = explained(&current.terms, currency)
        .into_iter()
        .map(|(label, sentence)| Fact::new(label, sentence))
        .collect();
    let short = facts(&current.terms, currency);
    let aside = view! { <Card id="short" title="In short"><CardBody><Facts compact=true items=short/></CardBody></Card> };
    let history = history(&page, &versions);
    let standing = standing(&page);
    Ok(view! {
        <SiteShell frame=page.frame(OwnSection::Terms)>
            <PageHead title="Terms" lead/>
            {standing}
            <Columns aside=aside.into_any()>
                <Card id="rules" title=heading><CardBody><Facts items/></CardBody></Card>
                {history}
            </Columns>
        </SiteShell>
    }
    .into_any())
}

fn history(page: &AffiliateProgramPage, versions: &[TermsVersion]) -> AnyView {
    let rows = versions
        .iter()
        .rev()
        .map(|version| {
            let rules = &version.terms;
            view! {
                <tr>
                    <th scope="row">{format!("Version {}", version.version)}</th>
                    <td class="nowrap" data-label="Since"><Time at=page.zone.date(version.starts_at)/></td>
                    <td class="full" data-label="Offer">{rules.offer(page.program.currency)}</td>
                    <td class="num" data-label="Window">{plural(rules.window_days, "day", "days")}</td>
                    <td class="num" data-label="Hold">{plural(rules.hold_days, "day", "days")}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![
        Column::text("Version"),
        Column::text("Since"),
        Column::text("Offer"),
        Column::number("Window"),
        Column::number("Hold"),
    ];
    view! {
        <Card id="versions" title="Versions">
            <Table caption="All versions of the terms, newest first" columns cards=true spaced=true>{rows}</Table>
        </Card>
    }
    .into_any()
}
