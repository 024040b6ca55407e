//! The programs that somebody promotes.

use engine::ledger::reports::Joined;
use leptos::prelude::*;

use crate::components::{Badge, Column, PageHead, PlainCard, ProgramLogo, SiteShell, Table};
use crate::layout::{AffiliatePage, own_program_path, title};
use crate::pages::page;
use crate::presenters::labels::affiliate_state;
use crate::request::access::Access;
use crate::text::money;

/// All programs that one is in.
#[component]
pub fn AffiliatePrograms() -> impl IntoView {
    page(programs())
}

async fn programs() -> Access<AnyView> {
    let page = AffiliatePage::load().await?;
    let joined = engine::ledger::reports::joined(&page.engine, &page.actor).await?;
    title("Your programs", false);
    let rows = joined.iter().map(row).collect_view();
    let columns = vec![
        Column::text("Program"),
        Column::text("You earn"),
        Column::number("Earned"),
        Column::number("Payable"),
        Column::text("State"),
    ];
    Ok(view! {
        <SiteShell frame=page.frame()>
            <PageHead title="Your programs" lead="What you promote, and what came of it."/>
            <PlainCard><Table caption="The programs that you are in" columns cards=true even=true>{rows}</Table></PlainCard>
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
                        <a href=own_program_path(&program.id, "")>{program.name.clone()}</a>
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
