//! The rules that an affiliate earns under, and how they were before.

use domain::money::Currency;
use domain::terms::{Terms, TermsVersion, in_force};
use leptos::prelude::*;

use super::status::status_notice;
use crate::components::{
    Card, CardBody, Column, Fact, Facts, PageHead, RewardList, SiteShell, Table, TableStyle, Time,
};
use crate::layout::{AffiliateProgramPage, AffiliateSection};
use crate::pages::page;
use crate::presenters::rewards::{has_list, reward_views};
use crate::presenters::terms::explained;
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
        "Version {}, in effect since {since}. Earlier commissions keep the version they were earned under.",
        current.version
    );
    let items: Vec<Fact> = explained(&current.terms, currency)
        .into_iter()
        .map(|(label, sentence)| Fact::new(label, sentence))
        .collect();
    let rewards = rewards_card(&current.terms, currency);
    let history = (versions.len() > 1).then(|| history(&page, &versions));
    let status_notice = status_notice(&page);
    Ok(view! {
        <SiteShell frame=page.frame(AffiliateSection::Terms)>
            <PageHead title="Terms" lead/>
            {status_notice}
            <Card id="rules" title=heading><CardBody><Facts items/></CardBody></Card>
            {rewards}
            {history}
        </SiteShell>
    }
    .into_any())
}

/// The rewards one by one, where the one line of the offer does not say it all.
fn rewards_card(terms: &Terms, currency: Currency) -> Option<AnyView> {
    let rewards = has_list(terms).then(|| reward_views(terms, currency))?;
    let aside = view! { <p>"The first that fits decides"</p> }.into_any();
    Some(view! { <Card id="rewards" title="Rewards" aside><RewardList rewards/></Card> }.into_any())
}

fn history(page: &AffiliateProgramPage, versions: &[TermsVersion]) -> AnyView {
    let rows = versions
        .iter()
        .rev()
        .map(|version| {
            let terms = &version.terms;
            view! {
                <tr>
                    <th scope="row">{format!("Version {}", version.version)}</th>
                    <td class="nowrap" data-label="In effect since"><Time at=page.zone.date(version.starts_at)/></td>
                    <td class="full" data-label="Offer">{terms.offer(page.program.currency)}</td>
                    <td class="num" data-label="Window">{plural(terms.window_days, "day", "days")}</td>
                    <td class="num" data-label="Hold">{plural(terms.hold_days, "day", "days")}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![
        Column::text("Version"),
        Column::text("In effect since"),
        Column::text("Offer"),
        Column::number("Window"),
        Column::number("Hold"),
    ];
    view! {
        <Card id="versions" title="Versions">
            <Table caption="All versions of the terms, newest first" columns style=TableStyle::CARDS.spaced()>{rows}</Table>
        </Card>
    }
    .into_any()
}
