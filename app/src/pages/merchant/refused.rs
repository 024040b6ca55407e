//! Deliveries that were refused or belong to nobody: how many, why, and a few of them.

use domain::clock::{HOUR_MS, Timestamp};
use engine::stripe::rejections::{Hour, Sample};
use leptos::prelude::*;

use crate::components::*;
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::stripe_links::refusal_words;
use crate::text::{count, plural};

/// How far back the page looks, days.
const DAYS: i64 = 30;
/// Rows of hours that are shown; the sums above count all.
const SHOWN: usize = 50;

/// Refused deliveries.
#[component]
pub fn RefusedDeliveries() -> impl IntoView {
    page(async {
        let page = ProgramPage::load().await?;
        page.title("Refused deliveries", false);
        let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
        let seen = engine::stripe::rejections::of_program(engine, actor, program, DAYS).await?;
        let lead = format!(
            "Deliveries of the last {DAYS} days that were not taken in, counted by the hour. Times in {}.",
            page.zone.place()
        );
        let crumbs = page.crumbs(&[("Events", page.routes().events())], "Refused");
        let content = if seen.hours.is_empty() {
            view! {
                <PlainCard>
                    <EmptyState title="Nothing was refused" text="A delivery with a wrong signature, or one that belongs to no connection, would be counted here."/>
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
        Ok(view! {
            <MerchantShell frame=page.frame(Section::Events) crumbs>
                <PageHead title="Refused deliveries" lead/>
                {content}
            </MerchantShell>
        }
        .into_any())
    })
}

/// What is wrong, most frequent first, and what to do about it.
fn sums(hours: &[Hour], settings: String) -> AnyView {
    let mut codes: Vec<(String, i64)> = Vec::new();
    for hour in hours {
        match codes.iter_mut().find(|(code, _)| *code == hour.code) {
            Some((_, sum)) => *sum += hour.deliveries,
            None => codes.push((hour.code.clone(), hour.deliveries)),
        }
    }
    codes.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    let items: Vec<Fact> = codes
        .into_iter()
        .map(|(code, sum)| {
            let (title, remedy) = refusal_words(&code);
            Fact::new(title, plural(sum, "delivery", "deliveries")).note(remedy)
        })
        .collect();
    let aside = view! { <a href=settings>"Stripe settings"</a> };
    view! { <Card id="why" title="Why, and what to do" aside=aside.into_any()><CardBody><Facts items/></CardBody></Card> }.into_any()
}

fn hours(page: &ProgramPage, hours: Vec<Hour>) -> AnyView {
    let columns = vec![
        Column::text("Hour"),
        Column::text("Reason"),
        Column::text("Came to"),
        Column::number("Deliveries"),
    ];
    let rows = hours.into_iter().take(SHOWN).map(|hour| {
        let at = page.zone.recent(Timestamp(hour.hour.saturating_mul(HOUR_MS)), page.now);
        let place = match hour.place.as_str() {
            "platform" => "The platform’s endpoint",
            "nowhere" => "An address that nobody has",
            _ => "This program’s endpoint",
        };
        view! {
            <tr>
                <th scope="row"><Time at/></th>
                <td class="full">{refusal_words(&hour.code).0}<span class="sub mono">{hour.code.clone()}</span></td>
                <td data-label="Came to">{place}</td>
                <td class="num lead">{count(hour.deliveries)}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <Card id="hours" title="By the hour">
            <Table caption="Refused deliveries by the hour, newest first" columns cards=true spaced=true>{rows}</Table>
        </Card>
    }
    .into_any()
}

fn samples(page: &ProgramPage, samples: Vec<Sample>) -> Option<AnyView> {
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
            None => "mode not said",
        };
        let account = sample.account.map(|account| view! { <span class="sub mono">{account}</span> });
        view! {
            <tr>
                <th scope="row">{kind}<small class="mono">{sample.event_id}</small></th>
                <td class="full">{refusal_words(&sample.code).0}{account}</td>
                <td data-label="Version">{sample.api_version}<span class="sub">{format!("{mode} · {} bytes", count(sample.bytes))}</span></td>
                <td class="num" data-label="Received"><Time at=page.zone.recent(sample.at, page.now)/></td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    Some(
        view! {
            <Card id="samples" title="Examples" aside=view! { <p>"Unverified: anybody may have sent them"</p> }.into_any()>
                <Table caption="Samples of refused deliveries, newest first" columns cards=true spaced=true>{rows}</Table>
            </Card>
        }
        .into_any(),
    )
}
