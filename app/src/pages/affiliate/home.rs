//! An affiliate's first page in a program: the link, the money, the latest earnings.

use domain::money::Currency;
use engine::ledger::reports::{AffiliateHome as Home, Amounts, Balance};
use leptos::prelude::*;

use super::coming::{calendar, next_payout};
use super::status::{counts, status_notice};
use super::table::EarningTable;
use crate::components::{
    Card, CardBody, Chart, ChartPoint, ChartUnit, ChartView, Columns, EmptyState, Fact, Facts, Figure,
    Figures, Goal, Icon, LinkCard, Progress, RewardHead, SiteShell, State,
};
use crate::layout::{AffiliateProgramPage, AffiliateSection};
use crate::pages::page;
use crate::presenters::tables::{RowFormat, short_url};
use crate::presenters::terms::{chips, explained};
use crate::presenters::totals::others;
use crate::request::access::Access;
use crate::routes;
use crate::text::{amount, count, money, plural, share};

/// The first page of an affiliate in a program.
#[component]
pub fn AffiliateHome() -> impl IntoView {
    page(home())
}

async fn home() -> Access<AnyView> {
    let page = AffiliateProgramPage::load().await?;
    let home = engine::ledger::reports::affiliate_home(&page.page.engine, &page.page.actor, &page.program.id)
        .await?;
    page.title("Overview", false);
    let currency = page.program.currency;
    let reward = format!("You earn {}", home.terms.terms.offer(currency));
    let facts = chips(&home.terms.terms, currency);
    let balance = balance_in(&home.balances, currency);
    let status_notice = status_notice(&page);
    let link = link_card(&page, &home);
    let figures = figures(&page, &home, &balance);
    let others = other_currencies(&home.balances, currency);
    let own =
        engine::payouts::own_payouts(&page.page.engine, &page.page.actor, &page.program.id, None, 1).await?;
    let payout = next_payout(&page, &own, &balance);
    let latest = view! { {chart_card(&page, &home)}{calendar(&page, &own)}{latest(&page, &home)} };
    let aside =
        view! { {payout_card(&page, &home, &balance)}{last_30_days(&home, currency)}{missing(&page, &home)} };
    Ok(view! {
        <SiteShell frame=page.frame(AffiliateSection::Overview)>
            <RewardHead title="Overview" reward facts/>
            {status_notice}
            {link}
            <Figures label="Your money" items=figures/>
            {others}
            {payout}
            <Columns aside=aside.into_any()>{latest}</Columns>
        </SiteShell>
    }
    .into_any())
}

/// The balance in a currency; zero before the first commission.
fn balance_in(balances: &[Balance], currency: Currency) -> Balance {
    let found = balances.iter().find(|balance| balance.currency == currency).cloned();
    found.unwrap_or(Balance::zero(currency))
}

fn link_card(page: &AffiliateProgramPage, home: &Home) -> AnyView {
    let Some(link) = &home.link else { return ().into_any() };
    let url = routes::link_url(page.page.engine.base_url(), &link.code);
    let destination = format!("Destination: {}. Add ", short_url(&link.destination_url));
    let text = view! { {destination}<code>"?s=name"</code>" to track placements." };
    let new = counts(page)
        .then(|| view! { <a class="button" href=page.routes().new_link()><Icon name="plus"/>"New link"</a> });
    let actions = view! { {new}<a class="button" href=page.routes().links()>"All links"</a> };
    let files = (page.routes().link_code(&link.id, "png"), page.routes().link_code(&link.id, "svg"));
    view! { <LinkCard title="Your link" url text=text.into_any() files actions=actions.into_any()/> }
        .into_any()
}

fn figures(page: &AffiliateProgramPage, home: &Home, balance: &Balance) -> Vec<Figure> {
    let currency = balance.currency;
    let figure =
        |label: &str, minor: i64| Figure::new(label, amount(minor, currency)).unit(currency.to_string());
    let since = page.zone.date(page.affiliate.created_at).text;
    let next = match home.next_release {
        Some(release) => {
            let on = page.zone.short_date(release.at, page.page.now).text;
            format!("{} released on {on}", amount(release.amount, currency))
        }
        None if balance.on_hold != 0 => "On hold for a dispute or review".to_owned(),
        None => "Nothing on hold".to_owned(),
    };
    let in_payout = match balance.in_payout {
        0 => String::new(),
        minor => format!("{} more in a payout", amount(minor, currency)),
    };
    let minimum = home.terms.terms.minimum_payout_minor;
    let payable = match minimum {
        0 => "No minimum payout".to_owned(),
        minor => format!("Minimum payout: {}", money(minor, currency)),
    };
    vec![
        figure("Total earned", balance.earned).detail(format!("Since {since}, net of refunds")),
        figure("On hold", balance.on_hold).state(State::PENDING).detail(next),
        figure("Payable", balance.payable).state(State::PAYABLE).detail(payable),
        figure("Paid", balance.paid).state(State::PAID).detail(in_payout),
    ]
}

/// Balances in other currencies than the program's. Currencies are never added up.
fn other_currencies(balances: &[Balance], currency: Currency) -> Option<AnyView> {
    let items: Vec<Fact> = balances
        .iter()
        .filter(|balance| balance.currency != currency)
        .map(|b| {
            let parts = format!(
                "{} on hold, {} payable",
                amount(b.on_hold, b.currency),
                amount(b.payable, b.currency)
            );
            Fact::new(format!("Earned in {}", b.currency), money(b.earned, b.currency)).note(parts)
        })
        .collect();
    (!items.is_empty()).then(|| {
        view! { <Card id="others" title="Other currencies"><CardBody><Facts items/></CardBody></Card> }
            .into_any()
    })
}

fn payout_card(page: &AffiliateProgramPage, home: &Home, balance: &Balance) -> Option<AnyView> {
    const CELLS: u32 = 10;
    let (currency, minimum) = (balance.currency, home.terms.terms.minimum_payout_minor);
    if minimum == 0 {
        return None;
    }
    let progress = Progress::amount(balance.payable, balance.on_hold, minimum, CELLS);
    let missing = minimum.saturating_sub(balance.payable);
    let text = if missing > 0 {
        let soon = balance.payable.saturating_add(balance.on_hold) >= minimum;
        let soon = if soon { "Commission on hold will cover it." } else { "Your balance carries over." };
        format!("{} to go. {soon}", money(missing, currency))
    } else {
        format!("Minimum reached: {} is payable.", money(balance.payable, currency))
    };
    let who = format!("Paid by {}.", page.merchant_name);
    let all = page.routes().payouts();
    let (has, of) = (amount(balance.payable, currency), format!("of {}", money(minimum, currency)));
    Some(
        view! {
            <Card id="payout" title="Minimum payout" aside=view! { <a href=all>"Payouts"</a> }.into_any()>
                <CardBody><Goal amount=has of progress><p>{text}</p><p class="muted">{who}</p></Goal></CardBody>
            </Card>
        }
        .into_any(),
    )
}

/// What was earned week by week, from the sums.
fn chart_card(page: &AffiliateProgramPage, home: &Home) -> Option<AnyView> {
    if home.newest.is_empty() {
        return None;
    }
    let (currency, now) = (page.program.currency, page.page.now);
    let points: Vec<ChartPoint> = home
        .weeks
        .iter()
        .map(|point| {
            let when = page.zone.short_date(point.at, now);
            let value = point.totals.in_currency(currency).commission;
            ChartPoint { label: when.text, iso: when.iso, value, other: 0 }
        })
        .collect();
    let highest = points.iter().max_by_key(|point| point.value);
    let summary = highest.map_or_else(String::new, |point| {
        format!("Earned per week, at most {} in the week from {}", amount(point.value, currency), point.label)
    });
    let chart = ChartView {
        summary,
        caption: "Earned per week".to_owned(),
        step: "Week from",
        unit: ChartUnit::Money(currency),
        series: "By the date of the payment, net of refunds".to_owned(),
        other: None,
        points,
        growing: true,
    };
    let unit = currency.to_string();
    Some(
        view! { <Card id="weeks" title="Earned per week" unit><CardBody><Chart chart/></CardBody></Card> }
            .into_any(),
    )
}

fn latest(page: &AffiliateProgramPage, home: &Home) -> AnyView {
    if home.newest.is_empty() {
        let share = page.routes().links();
        let actions = view! { <a class="button primary" href=share>"Your links"</a> };
        return view! {
            <Card id="earnings" title="Latest earnings">
                <EmptyState
                    title="No earnings yet"
                    text="Payments credited to you appear here, with the date each commission becomes payable."
                    first_use=true
                    actions=actions.into_any()
                />
            </Card>
        }
        .into_any();
    }
    let (rows, format) = (home.newest.clone(), RowFormat::own(page));
    let (unit, all) = (page.program.currency.to_string(), page.routes().earnings());
    view! {
        <Card id="earnings" title="Latest earnings" unit aside=view! { <a href=all>"All earnings"</a> }.into_any()>
            <EarningTable rows format spaced=true/>
        </Card>
    }
    .into_any()
}

fn last_30_days(home: &Home, currency: Currency) -> AnyView {
    let sums = &home.last_30_days;
    let totals = &sums.totals;
    let all = |value: fn(&Amounts) -> i64| match others(totals, currency, value) {
        Some(others) => format!("{} and {others}", money(value(&totals.in_currency(currency)), currency)),
        None => money(value(&totals.in_currency(currency)), currency),
    };
    let with = |number: i64, whole: i64, of: &str| match share(number, whole) {
        Some(share) => format!("{}, {share} of {of}", count(number)),
        None => count(number),
    };
    let items = vec![
        Fact::new("Clicks", count(sums.clicks)),
        Fact::new("Leads", with(home.leads, sums.clicks, "clicks")),
        Fact::new("New customers", with(totals.first_payments, sums.clicks, "clicks")),
        Fact::new("Payments", count(totals.conversions)),
        Fact::new("Revenue", all(|amounts| amounts.revenue)),
        Fact::new("You earned", all(|amounts| amounts.commission)),
    ];
    view! { <Card id="counts" title="Last 30 days"><CardBody><Facts compact=true items/></CardBody></Card> }
        .into_any()
}

fn missing(page: &AffiliateProgramPage, home: &Home) -> AnyView {
    let rules = explained(&home.terms.terms, page.program.currency)
        .into_iter()
        .take(3)
        .map(|(_, sentence)| view! { <p>{sentence}</p> })
        .collect_view();
    let (clicks, terms) = (page.routes().clicks(), page.routes().terms());
    let days = plural(home.terms.terms.window_days, "day", "days");
    let look = format!("Did they click your link in the {days} before they paid?");
    view! {
        <Card id="missing" title="Missing a referral?">
            <CardBody>
                <div class="stack tight">
                    <div class="stack tight muted">{rules}</div>
                    <p>{look}</p>
                    <p><a href=clicks>"Latest clicks"</a>" · "<a href=terms>"All terms"</a></p>
                </div>
            </CardBody>
        </Card>
    }
    .into_any()
}
