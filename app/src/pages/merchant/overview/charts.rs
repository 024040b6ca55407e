//! The charts of an overview: revenue, clicks, conversions, each with the time before.

use domain::clock::Timestamp;
use engine::ledger::reports::{Overview, Period, Point, Span, Step};
use leptos::prelude::*;

use crate::components::{Card, CardBody, Chart, ChartPoint, ChartUnit, ChartView};
use crate::layout::ProgramPage;
use crate::text::{amount, count};

/// The charts: revenue in the whole width, clicks and conversions side by side.
pub(super) fn charts(page: &ProgramPage, report: &Overview, before: &Span, period: Period) -> AnyView {
    let currency = page.program.currency;
    let view = |what: &'static str, unit, value: &dyn Fn(&Point) -> i64| {
        chart(page, report, before, period.step(), &Measure { what, unit, value })
    };
    // The small ones have the dates of the large one, and space for short words only.
    let small = |chart| ChartView { series: "Now".into(), other: Some("Before".into()), ..chart };
    let revenue = view("Revenue", ChartUnit::Money(currency), &|p| p.totals.in_currency(currency).revenue);
    let clicks = small(view("Clicks", ChartUnit::Count, &|p| p.clicks));
    let conversions = small(view("Conversions", ChartUnit::Count, &|p| p.totals.conversions));
    let per = per(period.step());
    view! {
        <Card id="revenue" title=format!("Revenue per {per}") unit=currency.to_string()>
            <CardBody><Chart chart=revenue/></CardBody>
        </Card>
        <div class="pair">
            <Card id="clicks" title=format!("Clicks per {per}")><CardBody><Chart chart=clicks/></CardBody></Card>
            <Card id="conversions" title=format!("Conversions per {per}")>
                <CardBody><Chart chart=conversions/></CardBody>
            </Card>
        </div>
    }
    .into_any()
}

const fn per(step: Step) -> &'static str {
    match step {
        Step::Hour => "hour",
        Step::Day => "day",
        Step::Week => "week",
    }
}

struct Measure<'a> {
    what: &'static str,
    unit: ChartUnit,
    value: &'a dyn Fn(&Point) -> i64,
}

impl Measure<'_> {
    fn text(&self, value: i64) -> String {
        match self.unit {
            ChartUnit::Count => count(value),
            ChartUnit::Money(currency) => amount(value, currency),
        }
    }
}

fn chart(page: &ProgramPage, report: &Overview, before: &Span, step: Step, measure: &Measure) -> ChartView {
    let hourly = step == Step::Hour;
    let label = |at: Timestamp| {
        if hourly { page.zone.time(at) } else { page.zone.short_date(at, page.now) }
    };
    let others = report.before.iter().map(measure.value);
    let points: Vec<ChartPoint> = report
        .points
        .iter()
        .zip(others.chain(std::iter::repeat(0)))
        .map(|(point, other)| {
            let when = label(point.at);
            ChartPoint { label: when.text, iso: when.iso, value: (measure.value)(point), other }
        })
        .collect();
    let heading = match step {
        Step::Hour => "Hour",
        Step::Day => "Day",
        Step::Week => "Week from",
    };
    let (low, high) = points
        .iter()
        .fold((i64::MAX, i64::MIN), |(low, high), point| (low.min(point.value), high.max(point.value)));
    let peak = points.iter().max_by_key(|point| point.value).map_or("", |point| point.label.as_str());
    let what = measure.what;
    let per = per(step);
    let summary = format!(
        "{what} per {per}, between {} and {}; peak at {peak}",
        measure.text(low.min(high)),
        measure.text(high)
    );
    let range = |from: Timestamp, to: Timestamp| {
        let (first, last) =
            (page.zone.short_date(from, page.now).text, page.zone.short_date(to, page.now).text);
        if hourly {
            format!("{first}, from {}", page.zone.time(from).text)
        } else {
            format!("{first} – {last}")
        }
    };
    ChartView {
        summary,
        caption: format!("{what} per {per}"),
        step: heading,
        unit: measure.unit,
        series: range(report.span.from, page.now),
        other: Some(range(before.from, before.until.plus_ms(-1))),
        points,
        growing: true,
    }
}
