//! Progress in comb cells: onboarding steps, the way to a minimum payout.

use leptos::prelude::*;

/// How far something is. A cell is ten tenths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many cells there are.
    pub cells: u32,
    /// How many tenths of cells are full.
    pub tenths: u32,
    /// How many tenths, beyond the full ones, are expected.
    pub expected: u32,
}

impl Progress {
    /// Whole steps.
    pub fn steps(done: u32, of: u32) -> Self {
        Self { cells: of, tenths: done.saturating_mul(10), expected: 0 }
    }

    /// An amount on the way to a goal, in `cells` cells. More than the goal is full.
    pub fn amount(has: i64, expects: i64, goal: i64, cells: u32) -> Self {
        let tenths_of = |part: i64| {
            let all = i128::from(cells) * 10;
            let tenths = (i128::from(part.max(0)) * all).checked_div(i128::from(goal)).unwrap_or(all);
            u32::try_from(tenths.clamp(0, all)).unwrap_or(0)
        };
        let tenths = tenths_of(has);
        Self { cells, tenths, expected: tenths_of(has.saturating_add(expects)).saturating_sub(tenths) }
    }
}

/// Widths in the drawing, in hundredths of its unit.
const STEP: u32 = 2_056;
const FIRST: u32 = 1_050;

/// A row of cells.
#[component]
pub fn ProgressCells(
    /// How far it is.
    progress: Progress,
    /// "6 of 7 steps done"; empty where the words stand beside it.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let cells = (0..progress.cells).map(|index| cell(index, progress)).collect_view();
    let width = hundredths(200 + progress.cells * STEP);
    let (role, hidden, label) =
        if label.is_empty() { (None, Some("true"), None) } else { (Some("img"), None, Some(label)) };
    view! {
        <svg class="comb" viewBox=format!("0 0 {width} 24") role=role aria-hidden=hidden aria-label=label>{cells}</svg>
    }
}

fn cell(index: u32, progress: Progress) -> impl IntoView {
    const OUTLINE: &str = "l9.53 5.5v11l-9.53 5.5l-9.53 -5.5v-11z";
    let outline = format!("M{} 1{OUTLINE}", hundredths(FIRST + index * STEP));
    let full = progress.tenths.saturating_sub(index * 10).min(10);
    let expected = progress.tenths + progress.expected > index * 10;
    let class = match (full, expected) {
        (10, _) => "full",
        (0, true) => "soon",
        _ => "empty",
    };
    // A cell that is partly full is filled from below, up to a level between 1 and 23.
    let level = (1..10).contains(&full).then(|| {
        let filled = partly_filled(FIRST + index * STEP, full);
        view! { <path class="full" d=filled></path> }
    });
    view! { <path class=class d=outline></path>{level} }
}

/// The part of a cell below the level of `tenths`, as a path: clipping would need an id,
/// and ids must be unique in a page with several combs.
fn partly_filled(center: u32, tenths: u32) -> String {
    const HALF: u32 = 953;
    const TOP: u32 = 100;
    const SHOULDER: u32 = 650;
    const HIP: u32 = 1_750;
    const BOTTOM: u32 = 2_300;
    let level = BOTTOM - (BOTTOM - TOP) * tenths / 10;
    // Half the width of the cell at the level: it narrows above the shoulder and below the hip.
    let half = if level < SHOULDER {
        HALF * (level - TOP) / (SHOULDER - TOP)
    } else if level > HIP {
        HALF * (BOTTOM - level) / (BOTTOM - HIP)
    } else {
        HALF
    };
    let mut points = vec![(center - half, level), (center + half, level)];
    if level < SHOULDER {
        points.push((center + HALF, SHOULDER));
    }
    if level < HIP {
        points.push((center + HALF, HIP));
    }
    points.push((center, BOTTOM));
    if level < HIP {
        points.push((center - HALF, HIP));
    }
    if level < SHOULDER {
        points.push((center - HALF, SHOULDER));
    }
    let points: Vec<String> =
        points.into_iter().map(|(x, y)| format!("{} {}", hundredths(x), hundredths(y))).collect();
    format!("M{}z", points.join("L"))
}

fn hundredths(value: u32) -> String {
    format!("{}.{:02}", value / 100, value % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_become_tenths_of_a_cell() {
        assert_eq!(
            Progress::amount(6_240, 6_000, 10_000, 10),
            Progress { cells: 10, tenths: 62, expected: 38 }
        );
        assert_eq!(Progress::amount(20_000, 0, 10_000, 10), Progress { cells: 10, tenths: 100, expected: 0 });
        assert_eq!(Progress::amount(-500, 0, 10_000, 10), Progress { cells: 10, tenths: 0, expected: 0 });
        assert_eq!(Progress::amount(0, 0, 0, 10).tenths, 100, "no minimum is always reached");
        assert_eq!(Progress::amount(i64::MAX, i64::MAX, 1, 10).tenths, 100);
    }

    #[test]
    fn a_bar_stays_inside_its_cell() {
        for tenths in 1..10 {
            let path = partly_filled(FIRST, tenths);
            assert!(path.starts_with('M') && path.ends_with('z'), "{path}");
        }
        assert_eq!(partly_filled(1_050, 5), "M0.97 12.00L20.03 12.00L20.03 17.50L10.50 23.00L0.97 17.50z");
    }
}
