//! The programs that an affiliate promotes.

use engine::ledger::reports::Joined;
use leptos::prelude::*;

use crate::components::{Badge, Column, PageHead, PlainCard, ProgramLogo, SiteShell, Table, TableStyle};
use crate::layout::{AffiliatePage, title};
use crate::pages::page;
use crate::presenters::labels::affiliate_state;
use crate::request::access::{Access, Refusal};
use crate::routes;
use crate::text::money;

/// All programs of the signed-in affiliate.
#[component]
pub fn AffiliatePrograms() -> impl IntoView {
    page(programs())
}

async fn programs() -> Access<AnyView> {
    let page = AffiliatePage::load().await?;
    let joined = engine::ledger::reports::joined(&page.engine, &page.actor).await?;
    // There is nothing to choose from.
    if let [only] = joined.as_slice() {
        return Err(Refusal::Elsewhere(routes::affiliate_program(&only.program.id).overview()));
    }
    title("Your programs", false);
    let rows = joined.iter().map(row).collect_view();
    let columns = vec![
        Column::text("Program"),
        Column::text("You earn"),
        Column::number("Earned"),
        Column::number("Payable"),
        Column::text("Status"),
    ];
    Ok(view! {
        <SiteShell frame=page.frame()>
            <PageHead title="Your programs" lead="Programs you promote and what you earned."/>
            <PlainCard><Table caption="Programs you promote" columns style=TableStyle::CARDS.even()>{rows}</Table></PlainCard>
        </SiteShell>
    }
    .into_any())
}

fn row(joined: &Joined) -> impl IntoView + use<> {
    let program = &joined.program;
    let all = |of: fn(&engine::ledger::reports::Balance) -> i64| {
        let sums: Vec<String> =
            joined.balances.iter().map(|balance| money(of(balance), balance.currency)).collect();
        if sums.is_empty() { money(0, program.currency) } else { sums.join(", ") }
    };
    view! {
        <tr>
            <th scope="row">
                <span class="person">
                    <ProgramLogo name=program.name.clone()/>
                    <span>
                        <a href=routes::affiliate_program(&program.id).overview()>{program.name.clone()}</a>
                        <small>{format!("by {}", joined.merchant_name)}</small>
                    </span>
                </span>
            </th>
            <td class="full" data-label="You earn">{joined.terms.terms.offer(program.currency)}</td>
            <td class="num" data-label="Earned">{all(|balance| balance.earned)}</td>
            <td class="num" data-label="Payable">{all(|balance| balance.payable)}</td>
            <td class="lead"><Badge state=affiliate_state(joined.affiliate.status)/></td>
        </tr>
    }
}
