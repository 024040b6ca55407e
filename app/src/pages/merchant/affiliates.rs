//! Affiliates: the list of a program's affiliates.

use domain::affiliates::AffiliateStatus;
use engine::ledger::reports::Amounts;
use engine::programs::affiliates::AffiliateRow;
use leptos::prelude::*;

use crate::components::*;
use crate::layout::{AffiliatesTab, ProgramPage, Section};
use crate::pages::page;
use crate::presenters::labels::affiliate_state;
use crate::presenters::tables::RowFormat;
use crate::presenters::totals::in_all_currencies;
use crate::request::queries::Parameters;
use crate::routes;
use crate::text::count;

const ROWS: i64 = 50;

/// A program's affiliates.
#[component]
pub fn Affiliates() -> impl IntoView {
    page(async {
        let page = ProgramPage::load().await?;
        let parameters = Parameters::of_request();
        let status = parameters.get("status").and_then(AffiliateStatus::from_word);
        let after = parameters.get("after").unwrap_or_default().to_owned();
        let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
        let mut rows =
            engine::programs::affiliates::list_with_sums(engine, actor, program, status, &after, ROWS + 1)
                .await?;
        let more = rows.len() > ROWS as usize;
        rows.truncate(ROWS as usize);
        page.title("Affiliates", false);
        let path = page.routes().affiliates();
        let next = rows.last().filter(|_| more).map(|last| {
            parameters.clone().only(&["status"]).with("after", last.affiliate.id.as_str()).on(&path)
        });
        let first = (!after.is_empty()).then(|| parameters.only(&["status"]).on(&path));
        let actions = view! {
            <a class="button" href=page.routes().new_affiliate()><Icon name="plus"/>"Add an affiliate"</a>
            <a class="button primary" href=page.routes().new_invitations()><Icon name="mail"/>"Invite"</a>
        };
        let format = RowFormat::of(&page);
        let is_empty = rows.is_empty() && after.is_empty();
        let content = match (is_empty, status) {
            (true, None) => first_use(&page),
            (true, Some(status)) => no_match(status, &path),
            (false, _) => table(rows, &format, first, next),
        };
        let lead = format!("Lifetime performance. Amounts in {}.", page.program.currency);
        let segments = (!is_empty || status.is_some()).then(|| view! { <Statuses path current=status/> });
        Ok(view! {
            <MerchantShell frame=page.frame(Section::Affiliates) crumbs=page.crumbs(&[], "Affiliates")>
                <PageHead title="Affiliates" lead actions=actions.into_any()/>
                <Tabs label="Affiliates" tabs=page.affiliates_tabs(AffiliatesTab::All)/>
                <section class="stack tight" aria-label="Affiliates">{segments}{content}</section>
            </MerchantShell>
        }
        .into_any())
    })
}

#[component]
fn Statuses(path: String, current: Option<AffiliateStatus>) -> impl IntoView {
    let mut items = vec![Segment {
        label: "All".to_owned(),
        href: path.clone(),
        current: current.is_none(),
        ..Segment::default()
    }];
    items.extend(AffiliateStatus::ALL.map(|status| Segment {
        label: affiliate_state(status).word.to_owned(),
        href: Parameters::default().with("status", status.word()).on(&path),
        current: current == Some(status),
        ..Segment::default()
    }));
    view! { <div><Segments label="Status" items/></div> }
}

fn table(
    rows: Vec<AffiliateRow>,
    format: &RowFormat,
    first: Option<String>,
    next: Option<String>,
) -> AnyView {
    let columns = vec![
        Column::text("Affiliate"),
        Column::text("Status"),
        Column::text("Joined"),
        Column::number("Clicks"),
        Column::number("Conversions"),
        Column::number("Revenue"),
        Column::number("Commission"),
    ];
    let rows = rows.into_iter().map(|found| row(found, format)).collect_view();
    view! {
        <PlainCard>
            <Table caption="Affiliates by join date" columns style=TableStyle::WIDE.even()>{rows}</Table>
            <Pager newer=first older=next by_name=true note="Sorted by join date"/>
        </PlainCard>
    }
    .into_any()
}

fn row(row: AffiliateRow, format: &RowFormat) -> impl IntoView + use<> {
    let AffiliateRow { affiliate, clicks, totals } = row;
    let money = |value: fn(&Amounts) -> i64| in_all_currencies(&totals, format.currency, value);
    let href = routes::program(&format.program).affiliate(&affiliate.id);
    view! {
        <tr>
            <th scope="row">
                <span class="person">
                    <Avatar name=affiliate.name.clone()/>
                    <span><a href=href>{affiliate.name.clone()}</a><small>{affiliate.email.to_string()}</small></span>
                </span>
            </th>
            <td data-label="Status"><Badge state=affiliate_state(affiliate.status)/></td>
            <td data-label="Joined" class="nowrap"><Time at=format.zone.short_date(affiliate.created_at, format.now)/></td>
            <td data-label="Clicks" class="num">{count(clicks)}</td>
            <td data-label="Conversions" class="num">{count(totals.conversions)}</td>
            <td data-label="Revenue" class="num">{money(|amounts| amounts.revenue)}</td>
            <td class="num lead">{money(|amounts| amounts.commission)}</td>
        </tr>
    }
}

fn first_use(page: &ProgramPage) -> AnyView {
    let actions = view! { <a class="button primary" href=page.routes().new_invitations()>"Invite the first affiliates"</a> };
    view! {
        <PlainCard>
            <EmptyState
                title="No affiliates yet"
                text="Affiliates appear here with their clicks, revenue and commission. Each one gets their own link."
                first_use=true
                actions=actions.into_any()
            />
        </PlainCard>
    }
    .into_any()
}

fn no_match(status: AffiliateStatus, path: &str) -> AnyView {
    let (title, text) = match status {
        AffiliateStatus::Pending => ("No pending affiliates", "Affiliates you set to pending appear here."),
        AffiliateStatus::Active => ("No active affiliates", "Add an affiliate or approve an application."),
        AffiliateStatus::Suspended => ("No suspended affiliates", "Affiliates you suspend appear here."),
        AffiliateStatus::Declined => ("No declined applications", "Applications you decline appear here."),
    };
    let actions = view! { <a class="button" href=path.to_owned()>"All affiliates"</a> };
    view! { <PlainCard><EmptyState title text actions=actions.into_any()/></PlainCard> }.into_any()
}
