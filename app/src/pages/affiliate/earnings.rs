//! All earnings of an affiliate: filters and pages are in the address.

use domain::commissions::CommissionStatus;
use engine::ledger::conversions::{Filter as Narrowing, Page};
use engine::ledger::reports::span;
use leptos::prelude::*;

use super::status::status_notice;
use super::table::EarningTable;
use crate::components::periods::{Periods, spoken};
use crate::components::{
    Choice, EmptyState, Filter, Filters, Icon, PageHead, Pager, PlainCard, SelectField, SiteShell,
};
use crate::forms::Field;
use crate::layout::{AffiliateProgramPage, AffiliateSection};
use crate::pages::page;
use crate::presenters::labels::commission_state;
use crate::presenters::tables::RowFormat;
use crate::request::access::Access;
use crate::request::queries::{self, ConversionQuery, Paged, Parameters};

const ROWS: i64 = 50;
/// What narrows the list; the CSV takes the same.
const FILTERS: [&str; 2] = ["status", "period"];

/// An affiliate's earnings.
#[component]
pub fn AffiliateEarnings() -> impl IntoView {
    page(earnings())
}

async fn earnings() -> Access<AnyView> {
    let page = AffiliateProgramPage::load().await?;
    page.title("Earnings", false);
    let parameters = Parameters::of_request();
    let query = queries::conversions(&parameters, &page.program.time_zone, page.page.now);
    let list = List::load(&page, &query).await?;
    let kept = parameters.only(&FILTERS);
    let path = page.routes().earnings();
    let actions = view! { <Periods path keep=kept.clone() current=query.period/> };
    let content = if list.ever { listed(&page, &query, &kept, list) } else { first_use(&page) };
    let status_notice = status_notice(&page);
    let lead = lead(&page, &query);
    Ok(view! {
        <SiteShell frame=page.frame(AffiliateSection::Earnings)>
            <PageHead title="Earnings" lead actions=actions.into_any()/>
            {status_notice}
            {content}
            <p class="muted">"Missing a referral? "<a href=page.routes().missing_referral()>"Check it"</a></p>
        </SiteShell>
    }
    .into_any())
}

fn lead(page: &AffiliateProgramPage, query: &ConversionQuery) -> String {
    let whole = span(query.period, &page.program.time_zone, page.page.now, false);
    let dates = page.zone.period(whole.from, page.page.now);
    format!(
        "Payments credited to you, {dates}. Amounts in {}, times in {}.",
        page.program.currency,
        page.zone.place()
    )
}

/// A page of rows, and whether there is any row at all.
struct List {
    page: Paged,
    /// Whether there is any earning at all.
    ever: bool,
}

impl List {
    async fn load(page: &AffiliateProgramPage, query: &ConversionQuery) -> Access<Self> {
        let list = async |filter: &Narrowing, from: &Page, limit: i64| {
            let (engine, actor) = (&page.page.engine, &page.page.actor);
            engine::ledger::conversions::list_for_affiliate(
                engine,
                actor,
                &page.program.id,
                filter,
                from,
                limit,
            )
            .await
        };
        let rows = list(&query.filter, &query.page, ROWS + 1).await?;
        let ever = !rows.is_empty() || !list(&Narrowing::default(), &Page::First, 1).await?.is_empty();
        Ok(Self { page: Paged::cut(rows, &query.page, ROWS as usize), ever })
    }
}

fn listed(page: &AffiliateProgramPage, query: &ConversionQuery, kept: &Parameters, list: List) -> AnyView {
    let path = page.routes().earnings();
    let (newer, older) = list.page.around(kept, &path);
    let export = kept.on(&page.routes().earnings_csv());
    let table = if list.page.rows.is_empty() {
        no_match(query, kept, &path)
    } else {
        let (rows, format) = (list.page.rows, RowFormat::own(page));
        view! {
            <EarningTable rows format/>
            <Pager newer older note=format!("Newest first, {ROWS} per page")/>
        }
        .into_any()
    };
    view! {
        <section class="stack tight" aria-label="Earnings">
            <div class="page-head">
                {filters(query, kept, &path)}
                <a class="button" href=export><Icon name="download"/>"Export CSV"</a>
            </div>
            <PlainCard>{table}</PlainCard>
        </section>
    }
    .into_any()
}

fn filters(query: &ConversionQuery, kept: &Parameters, path: &str) -> impl IntoView + use<> {
    let chip = query.filter.status.map(|status| Filter {
        name: "Status".to_owned(),
        value: commission_state(status).word.to_lowercase(),
        remove: kept.clone().without(&["status"]).on(path),
    });
    let mut states = vec![Choice::plain("", "Any")];
    states.extend(
        CommissionStatus::ALL.map(|status| Choice::plain(status.word(), commission_state(status).word)),
    );
    let status = Field::with_value("status", kept.get("status").unwrap_or_default());
    let others = kept.clone().only(&["period"]);
    let (clear, keep) = (others.on(path), others.pairs().to_vec());
    view! {
        <Filters filters=chip.into_iter().collect() clear action=path.to_owned() keep>
            <SelectField field=status label="Status" choices=states/>
        </Filters>
    }
}

fn no_match(query: &ConversionQuery, kept: &Parameters, path: &str) -> AnyView {
    let text = format!("No earnings in the last {} match.", spoken(query.period));
    let clear = (query.filter.status.is_some())
        .then(|| view! { <a class="button primary" href=kept.clone().only(&["period"]).on(path)>"Clear filters"</a> });
    let year = (query.period != engine::ledger::reports::Period::Year).then(
        || view! { <a class="button" href=kept.clone().with("period", "12mo").on(path)>"Show 12 months"</a> },
    );
    let actions = view! { {clear}{year} };
    view! { <EmptyState title="No earnings match" text actions=actions.into_any()/> }.into_any()
}

fn first_use(page: &AffiliateProgramPage) -> AnyView {
    let actions = view! { <a class="button primary" href=page.routes().links()>"Your links"</a> };
    view! {
        <PlainCard>
            <EmptyState
                title="No earnings yet"
                text="Payments credited to you appear here, with the date each commission becomes payable."
                first_use=true
                actions=actions.into_any()
            />
        </PlainCard>
    }
    .into_any()
}
