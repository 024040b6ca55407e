//! The list of the company's programs.

use engine::programs::Program;
use leptos::prelude::*;

use crate::components::*;
use crate::layout::{MerchantPage, title};
use crate::pages::page;
use crate::presenters::labels::program_state;
use crate::routes;
use crate::text::Zone;

/// The company's programs, or an invitation to create the first one.
#[component]
pub fn Programs() -> impl IntoView {
    page(async {
        let page = MerchantPage::load().await?;
        title("Programs", false);
        let company = page.actor.merchant_name().to_owned();
        let content = if page.programs.is_empty() { first_program() } else { list(&page.programs) };
        let new = (!page.programs.is_empty()).then(|| {
            view! { <a class="button primary" href=routes::NEW_PROGRAM><Icon name="plus"/>"New program"</a> }
        });
        Ok(view! {
            <MerchantShell frame=page.frame()>
                <PageHead title="Programs" lead=company actions=new.into_any()/>
                {content}
            </MerchantShell>
        }
        .into_any())
    })
}

fn first_program() -> AnyView {
    let actions = view! { <a class="button primary" href=routes::NEW_PROGRAM>"Create a program"</a> };
    view! {
        <PlainCard>
            <EmptyState
                title="No programs yet"
                text="A program defines what affiliates earn and where their links lead. You can change everything later except the currency."
                first_use=true
                actions=actions.into_any()
            />
        </PlainCard>
    }
    .into_any()
}

fn list(programs: &[Program]) -> AnyView {
    let columns = vec![
        Column::text("Program"),
        Column::text("Website"),
        Column::text("Currency"),
        Column::text("Created"),
        Column::text("Status"),
    ];
    let rows = programs.iter().map(row).collect_view();
    view! {
        <PlainCard>
            <Table caption="Programs by creation date" columns style=TableStyle::CARDS.even()>{rows}</Table>
        </PlainCard>
    }
    .into_any()
}

fn row(program: &Program) -> impl IntoView + use<> {
    let since = Zone::named(&program.time_zone).date(program.created_at);
    let website = program.website.trim_start_matches("https://").trim_end_matches('/').to_owned();
    view! {
        <tr>
            <th scope="row">
                <span class="person">
                    <ProgramLogo name=program.name.clone()/>
                    <a href=routes::program(&program.id).overview()>{program.name.clone()}</a>
                </span>
            </th>
            <td data-label="Website">{website}</td>
            <td data-label="Currency">{program.currency.to_string()}</td>
            <td data-label="Created" class="nowrap"><Time at=since/></td>
            <td class="lead"><Badge state=program_state(program.status)/></td>
        </tr>
    }
}
