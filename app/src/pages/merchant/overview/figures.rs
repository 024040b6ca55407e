//! The key figures of an overview.

use engine::ledger::reports::{Overview, Point};

use crate::components::Figure;
use crate::presenters::totals::others;
use crate::text::{amount, change, count, money, plural};

/// Revenue, commission, conversions, clicks: now, before, and their course.
pub(super) fn figures(report: &Overview) -> Vec<Figure> {
    let (now, before) = (Point::sum(&report.points), Point::sum(&report.before));
    let currency = report.program.currency;
    let course = |value: &dyn Fn(&Point) -> i64| moving(report.points.iter().map(value).collect());
    let (own, own_before) = (now.totals.in_currency(currency), before.totals.in_currency(currency));
    let unit = currency.to_string();
    let others =
        others(&now.totals, currency, |amounts| amounts.revenue).map(|others| format!("and {others}"));
    let refunded = (own.refunded > 0).then(|| format!("{} refunded", amount(own.refunded, currency)));
    let details: Vec<String> = others.into_iter().chain(refunded).collect();
    let revenue = Figure::new("Affiliate revenue", amount(own.revenue, currency))
        .unit(&unit)
        .detail(details.join(", "));
    let (conversions, first_payments) = (now.totals.conversions, now.totals.first_payments);
    let (earlier, renewals) = (before.totals.conversions, conversions - first_payments);
    let figure = Figure::new("Conversions", count(conversions)).detail(format!(
        "{}, {}",
        plural(first_payments, "first payment", "first payments"),
        plural(renewals, "renewal", "renewals"),
    ));
    vec![
        compared(revenue, own.revenue, own_before.revenue, amount(own_before.revenue, currency))
            .course(course(&|p| p.totals.in_currency(currency).revenue)),
        owed(report),
        compared(figure, conversions, earlier, count(earlier)).course(course(&|p| p.totals.conversions)),
        compared(Figure::new("Clicks", count(now.clicks)), now.clicks, before.clicks, count(before.clicks))
            .course(course(&|p| p.clicks)),
    ]
}

fn compared(figure: Figure, now: i64, before: i64, before_text: String) -> Figure {
    match change(now, before) {
        Some(change) => figure.change(change, format!("from {before_text}")),
        None => figure,
    }
}

/// What is owed in the program's currency; other currencies are listed below, never added.
fn owed(report: &Overview) -> Figure {
    let currency = report.program.currency;
    let own = report.owed.iter().find(|balance| balance.currency == currency);
    let (earned, payable) = own.map_or((0, 0), |balance| (balance.earned, balance.payable));
    let mut detail = format!("{} payable now", amount(payable, currency));
    for other in report.owed.iter().filter(|balance| balance.currency != currency) {
        detail = format!("{detail}, and {}", money(other.earned, other.currency));
    }
    // What was owed before each step's payments, so that the course ends at the figure.
    let total = Point::sum(&report.points).totals.in_currency(currency).commission;
    let course = report.points.iter().scan(earned.saturating_sub(total), |sum, point| {
        *sum = sum.saturating_add(point.totals.in_currency(currency).commission);
        Some(*sum)
    });
    Figure::new("Commission owed", amount(earned, currency))
        .unit(currency.to_string())
        .detail(detail)
        .course(moving(course.collect()))
}

/// A course that never changes is not drawn.
fn moving(course: Vec<i64>) -> Vec<i64> {
    if course.windows(2).any(|pair| pair[0] != pair[1]) { course } else { Vec::new() }
}
