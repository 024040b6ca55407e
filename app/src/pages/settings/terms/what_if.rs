//! What a draft of the terms would have paid in the last days.

use domain::terms::Terms;
use engine::ledger::payments::{WhatIf, WhatIfLine, what_if};
use leptos::prelude::*;

use super::Step;
use crate::components::{Card, CardBody, Column, Fact, Facts, Segment, Segments, Table, TableStyle};
use crate::layout::ProgramPage;
use crate::request::access::Access;
use crate::request::queries::Parameters;
use crate::text::{amount, count, money};

/// The periods that can be chosen, in days.
const PERIODS: [(i64, &str, &str); 3] =
    [(30, "30 d", "30 days"), (90, "90 d", "90 days"), (365, "1 yr", "1 year")];
/// The period at first.
const USUAL: i64 = 90;
/// The affiliates that are listed; the sums are of all.
const LISTED: usize = 50;

const PARAMETER: &str = "days";

/// The card with the comparison.
pub(super) async fn what_if_card(page: &ProgramPage, proposed: &Terms) -> Access<AnyView> {
    let asked = Parameters::of_request().get(PARAMETER).and_then(|days| days.parse::<i64>().ok());
    let days = asked.filter(|days| PERIODS.iter().any(|period| period.0 == *days)).unwrap_or(USUAL);
    let result = what_if(&page.engine, &page.actor, &page.program.id, proposed, days).await;
    let body = match result {
        Ok(result) => comparison(page, &result),
        Err(engine::Error::Unavailable) => {
            view! { <CardBody><p class="muted">"Other comparisons are running. Reload the page in a moment."</p></CardBody> }
                .into_any()
        }
        Err(error) => return Err(error.into()),
    };
    let path = Step::Preview.on(&page.routes().settings().terms());
    let items = PERIODS.into_iter().map(|(period, label, spoken)| Segment {
        label: label.to_owned(),
        spoken: Some(spoken.to_owned()),
        href: format!("{path}&{PARAMETER}={period}#what-if"),
        current: period == days,
        count: None,
    });
    let aside = view! { <Segments label="Period" items=items.collect()/> }.into_any();
    Ok(view! { <Card id="what-if" title="What if" aside>{body}</Card> }.into_any())
}

fn comparison(page: &ProgramPage, result: &WhatIf) -> AnyView {
    let since = page.zone.date(result.since).text;
    if result.payments == 0 {
        return view! { <CardBody><p class="muted">{format!("No customer has paid since {since}.")}</p></CardBody> }
            .into_any();
    }
    let cut = result.is_cut.then(|| format!(" These are the newest {} payments.", count(result.payments)));
    let lead = format!(
        "Had this draft applied since {since}, with the refunds of today:{}",
        cut.unwrap_or_default()
    );
    let own = page.program.currency;
    let mut facts = vec![Fact::new(
        "Payments that change",
        format!("{} of {}", count(result.changed), count(result.payments)),
    )];
    for (currency, (was, would_be)) in result.totals() {
        let text = format!("{} instead of {}", money(would_be, currency), money(was, currency));
        let label =
            if currency == own { "Commission".to_owned() } else { format!("Commission in {currency}") };
        facts.push(Fact::new(label, text).note(difference_text(was, would_be, currency)));
    }
    if result.over_caps > 0 {
        facts.push(Fact::new("Over the limits", money(result.over_caps, own)));
    }
    let rows = result.lines.iter().take(LISTED).map(row).collect_view();
    let more = result.lines.len().saturating_sub(LISTED);
    let more = (more > 0)
        .then(|| view! { <p class="muted">{format!("And {} more affiliates.", count(more as i64))}</p> });
    let columns = vec![
        Column::text("Affiliate"),
        Column::number("Earned"),
        Column::number("With this draft"),
        Column::number("Difference"),
    ];
    view! {
        <CardBody>
            <p class="muted">{lead}</p>
            <Facts compact=true items=facts/>
        </CardBody>
        <Table caption="Difference per affiliate" columns style=TableStyle::CARDS.spaced()>{rows}</Table>
        {more}
    }
    .into_any()
}

fn row(line: &WhatIfLine) -> impl IntoView + use<> {
    let WhatIfLine { name, currency, was, would_be, .. } = line;
    view! {
        <tr>
            <th scope="row">{name.clone()}</th>
            <td class="num" data-label="Earned">{amount(*was, *currency)}</td>
            <td class="num" data-label="With this draft">{amount(*would_be, *currency)}</td>
            <td class="num lead">{signed(would_be.saturating_sub(*was), *currency)}</td>
        </tr>
    }
}

/// "+12.00 USD"
fn signed(minor: i64, currency: domain::money::Currency) -> String {
    if minor > 0 { format!("+{}", money(minor, currency)) } else { money(minor, currency) }
}

/// "+12.00 USD, 13.1% more"
fn difference_text(was: i64, would_be: i64, currency: domain::money::Currency) -> String {
    let difference = would_be.saturating_sub(was);
    let change = signed(difference, currency);
    if was <= 0 || difference == 0 {
        return change;
    }
    let per_mille = i128::from(difference).abs() * 1_000 / i128::from(was);
    let word = if difference > 0 { "more" } else { "less" };
    format!("{change}, {}.{}% {word}", per_mille / 10, per_mille % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_a_sign_and_a_share() {
        let usd: domain::money::Currency = "usd".parse().unwrap();
        assert_eq!(difference_text(10_000, 11_310, usd), "+13.10 USD, 13.1% more");
        assert_eq!(difference_text(10_000, 9_000, usd), "\u{2212}10.00 USD, 10.0% less");
        assert_eq!(difference_text(0, 900, usd), "+9.00 USD");
        assert_eq!(difference_text(900, 900, usd), "0.00 USD");
    }
}
