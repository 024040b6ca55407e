//! Key figures in one strip, and the small curves beside them.

use leptos::prelude::*;

use super::{CellIcon, State, Tone};

/// One key figure.
#[derive(Clone, Debug, Default)]
pub struct Figure {
    /// "Affiliate revenue"
    pub label: String,
    /// The state of money that the figure sums up; its cell is drawn before the label.
    pub state: Option<State>,
    /// "10,054.80"
    pub value: String,
    /// "USD"; may be empty.
    pub unit: String,
    /// "↑ 18.4%" and "from 8,492.40"; both may be empty.
    pub change: (String, String),
    /// A remark; may be empty.
    pub detail: String,
    /// The course of the value, oldest first; fewer than two points draw nothing.
    pub course: Vec<i64>,
}

impl Figure {
    /// A figure with its label.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into(), ..Self::default() }
    }

    /// With a unit.
    #[must_use]
    pub fn unit(self, unit: impl Into<String>) -> Self {
        Self { unit: unit.into(), ..self }
    }

    /// With the cell of a state.
    #[must_use]
    pub fn state(self, state: State) -> Self {
        Self { state: Some(state), ..self }
    }

    /// With a comparison: "↑ 18.4%", "from 8,492.40".
    #[must_use]
    pub fn change(self, change: impl Into<String>, from: impl Into<String>) -> Self {
        Self { change: (change.into(), from.into()), ..self }
    }

    /// With a remark.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// With its course, oldest first.
    #[must_use]
    pub fn course(self, course: Vec<i64>) -> Self {
        Self { course, ..self }
    }
}

/// Two to five key figures.
#[component]
pub fn Figures(
    /// "Key figures"
    #[prop(into)]
    label: String,
    /// The figures.
    items: Vec<Figure>,
) -> impl IntoView {
    let items = items.into_iter().map(|figure| view! { <OneFigure figure/> });
    view! { <section aria-label=label><dl class="figures">{items.collect_view()}</dl></section> }
}

#[component]
fn OneFigure(figure: Figure) -> impl IntoView {
    // Payable and paid money keep the color of their cell; a waiting one stays ink.
    let tone = figure.state.map_or(Tone::Neutral, |state| state.tone);
    let cell = figure.state.map(|state| view! { <CellIcon cell=state.cell/> });
    let unit = (!figure.unit.is_empty()).then(|| view! { " "<small>{figure.unit}</small> });
    let spark = (figure.course.len() > 1)
        .then(|| view! { <dd class="spark-cell"><Sparkline course=figure.course/></dd> });
    let (change, from) = figure.change;
    let change = (!change.is_empty())
        .then(|| view! { <dd class="detail"><span class="delta">{change}</span>" "{from}</dd> });
    let detail = (!figure.detail.is_empty()).then(|| view! { <dd class="detail">{figure.detail}</dd> });
    view! {
        <div data-tone=tone.name()>
            <dt>{cell}{figure.label}</dt>
            <dd class="value">{figure.value}{unit}</dd>
            {spark}
            {change}
            {detail}
        </div>
    }
}

/// A course without axes, beside the figure that it led to.
#[component]
pub fn Sparkline(
    /// The values, oldest first; at least two.
    course: Vec<i64>,
) -> impl IntoView {
    let points = spark_points(&course);
    let last = points.last().cloned().unwrap_or_default();
    view! {
        <svg class="spark" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
            <path d=format!("M{}", points.join("L"))></path>
            <path class="dot" d=format!("M{last}h0")></path>
        </svg>
    }
}

/// The points of a course in a square of 100, in tenths, the largest value on top.
fn spark_points(course: &[i64]) -> Vec<String> {
    let low = i128::from(course.iter().copied().min().unwrap_or(0));
    let high = i128::from(course.iter().copied().max().unwrap_or(0));
    let steps = course.len().saturating_sub(1).max(1);
    let point = |(index, value): (usize, &i64)| {
        let x = index * 1_000 / steps;
        let y = ((high - i128::from(*value)) * 1_000).checked_div(high - low).unwrap_or(500);
        format!("{}.{} {}.{}", x / 10, x % 10, y / 10, y % 10)
    };
    course.iter().enumerate().map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::spark_points;

    #[test]
    fn a_sparkline_fills_its_box() {
        assert_eq!(spark_points(&[0, 5, 10]), ["0.0 100.0", "50.0 50.0", "100.0 0.0"]);
        assert_eq!(spark_points(&[3, 3]), ["0.0 50.0", "100.0 50.0"], "a constant line is in the middle");
        assert_eq!(spark_points(&[i64::MIN, i64::MAX]), ["0.0 100.0", "100.0 0.0"]);
    }
}
