//! A chart that the server draws: one area, one line to compare with, and the same numbers
//! as a table.

mod scale;

use domain::money::Currency;
use leptos::prelude::*;

use self::scale::{Scale, label_stride, tenths};
use super::{Column, Icon, Table};
use crate::text::{amount, count};

/// What the values of a chart are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartUnit {
    /// How many.
    Count,
    /// Minor units of a currency.
    Money(Currency),
}

impl ChartUnit {
    fn text(self, value: i64) -> String {
        match self {
            Self::Count => count(value),
            Self::Money(currency) => amount(value, currency),
        }
    }

    fn exponent(self) -> u8 {
        match self {
            Self::Count => 0,
            Self::Money(currency) => currency.exponent(),
        }
    }
}

/// One day, hour or month.
#[derive(Clone, Debug)]
pub struct ChartPoint {
    /// "21 Nov"
    pub label: String,
    /// "2026-11-21"
    pub iso: String,
    /// The value.
    pub value: i64,
    /// The value to compare with; ignored unless the chart has a second series.
    pub other: i64,
}

/// A chart's numbers and words.
#[derive(Clone, Debug)]
pub struct ChartView {
    /// The whole in a sentence, for those who don't see it.
    pub summary: String,
    /// "Revenue per day in USD"
    pub caption: String,
    /// What a point is: "Day".
    pub step: &'static str,
    /// What the values are.
    pub unit: ChartUnit,
    /// The series, in the key and as a heading: "Clicks", "23 Oct – 21 Nov".
    pub series: String,
    /// The series to compare with.
    pub other: Option<String>,
    /// Oldest first.
    pub points: Vec<ChartPoint>,
    /// Whether the last point is still growing; then it is dotted.
    pub growing: bool,
}

/// A chart with its key, its axes and its table.
#[component]
pub fn Chart(
    /// What is drawn.
    chart: ChartView,
) -> impl IntoView {
    let compared = chart.other.is_some();
    let values = chart.points.iter().map(|point| point.value);
    let others = chart.points.iter().filter(|_| compared).map(|point| point.other);
    let scale = Scale::over(values.chain(others).max().unwrap_or(0), chart.unit.exponent());
    let ticks = scale.ticks().into_iter().rev().map(|tick| {
        let text = scale.tick_text(tick, |value| chart.unit.text(value));
        view! { <li>{text}</li> }
    });
    view! {
        <figure class="chart">
            <ChartKey chart=chart.clone()/>
            <div class="plot-grid">
                <ol class="axis-y" aria-hidden="true">{ticks.collect_view()}</ol>
                <Plot chart=chart.clone() scale/>
                <AxisX labels=chart.points.iter().map(|point| point.label.clone()).collect()/>
            </div>
            <ChartTable chart/>
        </figure>
    }
}

#[component]
fn ChartKey(chart: ChartView) -> impl IntoView {
    let line = |class| view! { <svg viewBox="0 0 20 8" aria-hidden="true"><path class=class d="M0 4h20"></path></svg> };
    let other = chart.other.map(|name| view! { <li>{line("series-before")}{name}</li> });
    let growing = chart.points.last().filter(|_| chart.growing).map(|point| {
        view! { <li>"So far: "<b>{chart.unit.text(point.value)}</b></li> }
    });
    view! { <ul class="chart-key" role="list"><li>{line("series-now")}{chart.series}</li>{other}{growing}</ul> }
}

/// The width of one point in the drawing; its height is 100.
const WIDTH: usize = 10;

#[component]
fn Plot(chart: ChartView, scale: Scale) -> impl IntoView {
    let place = |(index, value): (usize, i64)| {
        format!("{}.0 {}", index * WIDTH + WIDTH / 2, tenths(scale.below_top(value)))
    };
    let now: Vec<String> = chart.points.iter().map(|point| point.value).enumerate().map(place).collect();
    let before: Vec<String> = chart.points.iter().map(|point| point.other).enumerate().map(place).collect();
    let (width, last) = (chart.points.len() * WIDTH, chart.points.len().saturating_sub(1));
    let line = |points: &[String]| format!("M{}", points.join("L"));
    let finished = if chart.growing { &now[..last] } else { &now[..] };

    let area = (!now.is_empty()).then(|| {
        let d = format!("{}V100H{}z", line(&now), WIDTH / 2);
        view! { <path class="area" d=d></path> }
    });
    let other = chart.other.is_some().then(|| view! { <path class="series-before" d=line(&before)></path> });
    let growing = (chart.growing && now.len() > 1)
        .then(|| view! { <path class="series-now today" d=line(&now[last - 1..])></path> });
    let dot = now.last().map(|point| view! { <path class="dot" d=format!("M{point}h0")></path> });
    let hits = chart.points.iter().enumerate().map(|(index, point)| {
        let text = format!("{}: {}", point.label, chart.unit.text(point.value));
        view! { <rect class="hit" x=index * WIDTH y="0" width=WIDTH height="100"><title>{text}</title></rect> }
    });
    let grid: String = (0..4).map(|row| format!("M0 {}h{width}", row * 25)).collect();
    view! {
        <svg class="plot" viewBox=format!("0 0 {width} 100") preserveAspectRatio="none" role="img" aria-label=chart.summary>
            <path class="grid" d=grid></path>
            {area}
            {other}
            <path class="series-now" d=line(finished)></path>
            {growing}
            <path class="base" d=format!("M0 100h{width}")></path>
            {dot}
            {hits.collect_view()}
        </svg>
    }
}

#[component]
fn AxisX(labels: Vec<String>) -> impl IntoView {
    let number = labels.len();
    let stride = label_stride(number);
    // From the newest backwards, so that the last one always has a label, also on phones,
    // where every second one is left out.
    let texts = labels.into_iter().enumerate().rev().step_by(stride).map(|(index, label)| {
        let is_last = index + 1 == number;
        let place = if is_last { 10_000 } else { (index * 2 + 1) * 10_000 / (number * 2) };
        let x = format!("{}.{:02}%", place / 100, place % 100);
        view! { <text class=if is_last { "last" } else { "" } x=x y="2">{label}</text> }
    });
    view! { <svg class="axis-x" aria-hidden="true">{texts.collect_view()}</svg> }
}

#[component]
fn ChartTable(chart: ChartView) -> impl IntoView {
    let unit = chart.unit;
    let compared = chart.other.is_some();
    let mut columns = vec![Column::text(chart.step), Column::number(chart.series)];
    columns.extend(chart.other.map(Column::number));
    let rows = chart.points.into_iter().rev().map(|point| {
        let other = compared.then(|| view! { <td class="num">{unit.text(point.other)}</td> });
        view! {
            <tr>
                <th scope="row"><time datetime=point.iso>{point.label}</time></th>
                <td class="num">{unit.text(point.value)}</td>
                {other}
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <details class="more">
            <summary><Icon name="right"/>"Show as a table"</summary>
            <div class="gap-top"><Table caption=chart.caption columns>{rows}</Table></div>
        </details>
    }
}
