//! Rejected deliveries: how many, why, and a few examples.

use std::collections::BTreeMap;

use domain::clock::{HOUR_MS, Timestamp};
use domain::deliveries::{DeliveryTarget, RejectionReason};
use domain::words::Word;
use engine::stripe::rejections::{AfterDisconnect, RejectionHour, RejectionSample};
use leptos::prelude::*;

use crate::components::*;
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::rejection;
use crate::text::{count, plural};

/// How far back the page looks, days.
const DAYS: i64 = 30;
/// Rows of hours that are shown; the sums above count all.
const SHOWN: usize = 50;

/// Rejected deliveries.
#[component]
pub fn RejectedDeliveries() -> impl IntoView {
    page(async {
        let page = ProgramPage::load().await?;
        page.title("Rejected deliveries", false);
        let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
        let seen = engine::stripe::rejections::of_program(engine, actor, program, DAYS).await?;
        let lead =
            format!("Deliveries rejected in the last {DAYS} days, by hour. Times in {}.", page.zone.place());
        let crumbs = page.crumbs(&[("Events", page.routes().events())], "Rejected");
        let content = if seen.hours.is_empty() {
            view! {
                <PlainCard>
                    <EmptyState title="No rejected deliveries" text="Deliveries with a wrong signature, or without a connection, appear here."/>
                </PlainCard>
            }
            .into_any()
        } else {
            let (sums, hours, samples) = (
                sums(&seen.hours, page.routes().settings().stripe()),
                hours(&page, seen.hours),
                samples(&page, seen.samples),
            );
            view! { {sums}{hours}{samples} }.into_any()
        };
        let after_disconnect = after_disconnect(&page, seen.after_disconnect);
        Ok(view! {
            <MerchantShell frame=page.frame(Section::Events) crumbs>
                <PageHead title="Rejected deliveries" lead/>
                {content}
                {after_disconnect}
            </MerchantShell>
        }
        .into_any())
    })
}

/// Deliveries after a disconnect: expected, so they are apart from the list of what is wrong.
fn after_disconnect(page: &ProgramPage, after: AfterDisconnect) -> Option<AnyView> {
    let last = after.last_at?;
    let came = plural(after.deliveries, "delivery", "deliveries");
    let last = page.zone.recently(last, page.now).text;
    let what = format!("{came} after Stripe was disconnected, the last one {last}. ");
    let remedy = rejection::remedy(RejectionReason::ConnectionEnded);
    let title = rejection::title(RejectionReason::ConnectionEnded);
    Some(view! { <Card id="expected" title=title><CardBody><p class="muted">{what}{remedy}</p></CardBody></Card> }.into_any())
}

/// What is wrong, most frequent first, and what to do about it.
fn sums(hours: &[RejectionHour], settings: String) -> AnyView {
    let mut sums: BTreeMap<RejectionReason, i64> = BTreeMap::new();
    for hour in hours {
        *sums.entry(hour.reason).or_default() += hour.deliveries;
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    let items: Vec<Fact> = sums
        .into_iter()
        .map(|(reason, sum)| {
            Fact::new(rejection::title(reason), plural(sum, "delivery", "deliveries"))
                .note(rejection::remedy(reason))
        })
        .collect();
    let aside = view! { <a href=settings>"Stripe settings"</a> };
    view! { <Card id="why" title="Why, and what to do" aside=aside.into_any()><CardBody><Facts items/></CardBody></Card> }.into_any()
}

fn hours(page: &ProgramPage, hours: Vec<RejectionHour>) -> AnyView {
    let columns = vec![
        Column::text("Hour"),
        Column::text("Reason"),
        Column::text("Sent to"),
        Column::number("Deliveries"),
    ];
    let rows = hours.into_iter().take(SHOWN).map(|hour| {
        let at = page.zone.recent(Timestamp(hour.hour.saturating_mul(HOUR_MS)), page.now);
        let target = match hour.target {
            DeliveryTarget::Connection(_) => "This program’s endpoint",
            DeliveryTarget::Platform => "The platform’s endpoint",
            DeliveryTarget::Unknown => "An unknown address",
        };
        view! {
            <tr>
                <th scope="row"><Time at/></th>
                <td class="full">{rejection::title(hour.reason)}<span class="sub mono">{hour.reason.word()}</span></td>
                <td data-label="Sent to">{target}</td>
                <td class="num lead">{count(hour.deliveries)}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <Card id="hours" title="By hour">
            <Table caption="Rejected deliveries by hour, newest first" columns style=TableStyle::CARDS.spaced()>{rows}</Table>
        </Card>
    }
    .into_any()
}

fn samples(page: &ProgramPage, samples: Vec<RejectionSample>) -> Option<AnyView> {
    if samples.is_empty() {
        return None;
    }
    let columns = vec![
        Column::text("Claims to be"),
        Column::text("Reason"),
        Column::text("Version"),
        Column::number("Received"),
    ];
    let rows = samples.into_iter().map(|sample| {
        let kind = sample.event_type.unwrap_or_else(|| "No event".to_owned());
        let mode = match sample.livemode {
            Some(true) => "live",
            Some(false) => "test",
            None => "mode unknown",
        };
        let account = sample.account.map(|account| view! { <span class="sub mono">{account}</span> });
        view! {
            <tr>
                <th scope="row">{kind}<small class="mono">{sample.event_id}</small></th>
                <td class="full">{rejection::title(sample.reason)}{account}</td>
                <td data-label="Version">{sample.api_version}<span class="sub">{format!("{mode} · {} bytes", count(sample.bytes))}</span></td>
                <td class="num" data-label="Received"><Time at=page.zone.recent(sample.at, page.now)/></td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    Some(
        view! {
            <Card id="samples" title="Examples" aside=view! { <p>"Unverified: anyone could have sent these"</p> }.into_any()>
                <Table caption="Samples of rejected deliveries, newest first" columns style=TableStyle::CARDS.spaced()>{rows}</Table>
            </Card>
        }
        .into_any(),
    )
}
