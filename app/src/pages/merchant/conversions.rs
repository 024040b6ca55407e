//! A program's conversions: filters and pages are in the address.

use domain::checks::CheckKind;
use domain::commissions::CommissionStatus;
use engine::ledger::conversions::{Filter as Narrowing, Page};
use engine::ledger::reports::span;
use engine::programs::affiliates::Affiliate;
use leptos::prelude::*;

use crate::components::periods::{Periods, spoken};
use crate::components::*;
use crate::forms::Field;
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::labels::{check_word, commission_state};
use crate::presenters::tables::{ConversionTable, RowFormat};
use crate::request::access::Access;
use crate::request::queries::{self, ConversionQuery, FILTERS, Paged, Parameters};

const ROWS: i64 = 50;
/// The number of affiliates that the filter offers; a link on an affiliate's page narrows to any.
const OFFERED: i64 = 200;

/// A program's conversions.
#[component]
pub fn Conversions() -> impl IntoView {
    page(async {
        let page = ProgramPage::load().await?;
        page.title("Conversions", false);
        let parameters = Parameters::of_request();
        let query = queries::conversions(&parameters, &page.program.time_zone, page.now);
        let list = List::load(&page, &query).await?;
        let affiliates = engine::programs::affiliates::list(
            &page.engine,
            &page.actor,
            &page.program.id,
            None,
            "",
            OFFERED,
        )
        .await?;
        let kept = parameters.only(&FILTERS);
        let periods = view! {
            <Periods path=page.routes().conversions() keep=kept.clone() current=query.period/>
        };
        let content =
            if list.ever { listed(&page, &query, &kept, affiliates, list) } else { first_use(&page) };
        Ok(view! {
            <MerchantShell frame=page.frame(Section::Conversions) crumbs=page.crumbs(&[], "Conversions")>
                <PageHead title="Conversions" lead=lead(&page, &query) actions=periods.into_any()/>
                {content}
            </MerchantShell>
        }
        .into_any())
    })
}

fn lead(page: &ProgramPage, query: &ConversionQuery) -> String {
    let whole = span(query.period, &page.program.time_zone, page.now, false);
    let dates = page.zone.period(whole.from, page.now);
    let (test, currency, place) =
        (if page.is_test { "Test payments" } else { "Payments" }, page.program.currency, page.zone.place());
    format!("{test} credited to an affiliate, {dates}. Amounts in {currency}, times in {place}.")
}

/// A page of rows, and whether there is any row at all.
struct List {
    page: Paged,
    /// Whether the program has any conversion at all.
    ever: bool,
}

impl List {
    async fn load(page: &ProgramPage, query: &ConversionQuery) -> Access<Self> {
        let list = async |filter: &Narrowing, from: &Page, limit: i64| {
            let (engine, actor) = (&page.engine, &page.actor);
            engine::ledger::conversions::list(engine, actor, &page.program.id, filter, from, limit).await
        };
        let rows = list(&query.filter, &query.page, ROWS + 1).await?;
        let ever = !rows.is_empty() || !list(&Narrowing::default(), &Page::First, 1).await?.is_empty();
        Ok(Self { page: Paged::cut(rows, &query.page, ROWS as usize), ever })
    }
}

fn listed(
    page: &ProgramPage,
    query: &ConversionQuery,
    kept: &Parameters,
    affiliates: Vec<Affiliate>,
    list: List,
) -> AnyView {
    let path = page.routes().conversions();
    let (newer, older) = list.page.around(kept, &path);
    let export = kept.on(&page.routes().conversions_csv());
    let table = if list.page.rows.is_empty() {
        let nothing = no_match(query, kept, &path);
        view! { <PlainCard>{nothing}</PlainCard> }.into_any()
    } else {
        let (rows, format) = (list.page.rows, RowFormat::of(page));
        view! {
            <PlainCard>
                <ConversionTable rows format/>
                <Pager newer older note=format!("Newest first, {ROWS} per page")/>
            </PlainCard>
        }
        .into_any()
    };
    view! {
        <section class="stack tight" aria-label="Conversions">
            <div class="page-head">
                {filters(query, kept, affiliates, &path)}
                <a class="button" href=export><Icon name="download"/>"Export CSV"</a>
            </div>
            {table}
        </section>
    }
    .into_any()
}

fn filters(
    query: &ConversionQuery,
    kept: &Parameters,
    affiliates: Vec<Affiliate>,
    path: &str,
) -> impl IntoView + use<> {
    let chip = |parameter: &str, name: &str, value: String| Filter {
        name: name.to_owned(),
        value,
        remove: kept.clone().without(&[parameter]).on(path),
    };
    let Narrowing { status, affiliate, method, .. } = &query.filter;
    let mut chips = Vec::new();
    if let Some(id) = affiliate {
        let name = affiliates.iter().find(|one| one.id == *id).map(|one| one.name.clone());
        chips.push(chip("affiliate", "Affiliate", name.unwrap_or_else(|| id.to_string())));
    }
    if let Some(status) = status {
        chips.push(chip("status", "Status", commission_state(*status).word.to_lowercase()));
    }
    if let Some(method) = method {
        chips.push(chip("method", "Credited by", check_word(*method).to_lowercase()));
    }
    let field = |name: &str| Field::with_value(name, kept.get(name).unwrap_or_default());
    let any = || Choice::plain("", "Any");
    let mut people = vec![any()];
    people.extend(affiliates.into_iter().map(|one| Choice::plain(one.id.as_str(), one.name)));
    let mut states = vec![any()];
    states.extend(CommissionStatus::ALL.map(|s| Choice::plain(s.word(), commission_state(s).word)));
    let mut methods = vec![any()];
    methods.extend(CheckKind::ALL.map(|kind| Choice::plain(kind.word(), check_word(kind))));
    let keep = kept.clone().only(&["period"]).pairs().to_vec();
    let (status, method, affiliate) = (field("status"), field("method"), field("affiliate"));
    view! {
        <Filters filters=chips clear=kept.clone().only(&["period"]).on(path) action=path.to_owned() keep>
            <SelectField field=status label="Status" choices=states/>
            <SelectField field=affiliate label="Affiliate" choices=people/>
            <SelectField field=method label="Credited by" choices=methods/>
        </Filters>
    }
}

fn no_match(query: &ConversionQuery, kept: &Parameters, path: &str) -> AnyView {
    let period = spoken(query.period);
    let year = (query.period != engine::ledger::reports::Period::Year).then(|| {
        let class = if query.is_narrowed() { "button" } else { "button primary" };
        view! { <a class=class href=kept.clone().with("period", "12mo").on(path)>"Show 12 months"</a> }
    });
    if !query.is_narrowed() {
        return view! {
            <EmptyState
                title="No conversions in this period"
                text=format!("Nothing was credited to an affiliate in the last {period}.")
                actions=year.into_any()
            />
        }
        .into_any();
    }
    let clear = kept.clone().only(&["period"]).on(path);
    let actions = view! { <a class="button primary" href=clear>"Clear filters"</a>{year} };
    view! {
        <EmptyState
            title="No conversions match"
            text=format!("No conversions in the last {period} match these filters.")
            actions=actions.into_any()
        />
    }
    .into_any()
}

fn first_use(page: &ProgramPage) -> AnyView {
    let actions = view! {
        <a class="button primary" href=page.routes().settings().tracking()>"Install tracking"</a>
        <a class="button" href=page.routes().settings().stripe()>"Connect Stripe"</a>
    };
    let title = if page.is_test { "No test conversions yet" } else { "No conversions yet" };
    view! {
        <PlainCard>
            <EmptyState
                title
                text="Payments credited to an affiliate appear here, with the check that decided."
                first_use=true
                actions=actions.into_any()
            />
        </PlainCard>
    }
    .into_any()
}
