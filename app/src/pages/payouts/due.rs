//! Who is due what, and drafting a run that pays it.

use domain::money::Currency;
use domain::payouts::DueStatus;
use engine::payouts::{Due, DueList};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::actions::DraftRun;
use super::{Part, tabs};
use crate::components::*;
use crate::forms::submission::take_form;
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::payouts::{due_note, due_state, method_lines};
use crate::request::access::Access;
use crate::request::queries::Parameters;
use crate::text::{amount, money, plural};

const ROWS: i64 = 50;

/// Who is due what.
#[component]
pub fn PayoutsDue() -> impl IntoView {
    page(due())
}

async fn due() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let parameters = Parameters::of_request();
    let status = parameters.get("status").and_then(DueStatus::from_word);
    let number: i64 = parameters.get("page").and_then(|page| page.parse().ok()).unwrap_or(1).clamp(1, 10_000);
    let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
    let offset = (number - 1) * ROWS;
    let mut list = engine::payouts::due(engine, actor, program, status, offset, ROWS + 1).await?;
    let more = list.rows.len() > ROWS as usize;
    list.rows.truncate(ROWS as usize);
    let form = take_form(DraftRun::PATH).await;
    page.title("Payouts", form.has_errors());
    let lead = format!(
        "Balances as of {} in {}. You send the money; Honeyguide prepares files and keeps the books.",
        page.zone.date_and_time(list.at).text,
        page.zone.place()
    );
    let path = page.routes().payouts();
    let at = |number: i64| parameters.clone().only(&["status"]).with("page", &number.to_string()).on(&path);
    let (newer, older) = ((number > 1).then(|| at(number - 1)), more.then(|| at(number + 1)));
    let is_empty = list.totals.is_empty();
    let figures = figures(&list, page.program.currency);
    let content = if is_empty {
        nothing(&page)
    } else {
        let export = parameters.clone().only(&["status"]).on(&page.routes().payouts_csv());
        let pages = newer.is_some() || older.is_some();
        let pager = pages.then(|| view! { <Pager newer older by_name=true note="Largest first"/> });
        let errors = form.errors().to_vec();
        view! {
            <div class="filter-row"><Statuses path=path.clone() list=list.clone() current=status/>{rhythm(&page, &list)}
                <a class="button" href=export><Icon name="download"/>"Export CSV"</a>
            </div>
            <ErrorSummary errors/>
            {table(&page, &list, pager.into_any())}
        }
        .into_any()
    };
    let tabs = tabs(&page, Part::Due);
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Payouts) crumbs=page.crumbs(&[], "Payouts")>
            <PageHead title="Payouts" lead/>
            <Tabs label="Payouts" tabs/>
            <Figures label="Totals" items=figures/>
            <section class="stack tight" aria-label="Due">{content}</section>
        </MerchantShell>
    }
    .into_any())
}

/// The sum in the program's currency, and in a remark those of others.
fn figure(label: &str, sums: &[(Currency, i64)], currency: Currency, detail: String) -> Figure {
    let own = sums.iter().find(|(of, _)| *of == currency).map_or(0, |(_, minor)| *minor);
    let others: Vec<String> = sums
        .iter()
        .filter(|(of, minor)| *of != currency && *minor != 0)
        .map(|(of, minor)| money(*minor, *of))
        .collect();
    let detail = if others.is_empty() { detail } else { format!("and {}. {detail}", others.join(", ")) };
    Figure::new(label, amount(own, currency)).unit(currency.to_string()).detail(detail)
}

fn figures(list: &DueList, currency: Currency) -> Vec<Figure> {
    let of = |is: fn(DueStatus) -> bool| {
        let totals = || list.totals.iter().filter(move |total| is(total.status));
        let sums: Vec<_> = totals().map(|total| (total.currency, total.amount)).collect();
        let mut by_currency: Vec<(Currency, i64)> = Vec::new();
        for (currency, minor) in sums {
            match by_currency.iter_mut().find(|(of, _)| *of == currency) {
                Some((_, sum)) => *sum += minor,
                None => by_currency.push((currency, minor)),
            }
        }
        (by_currency, totals().map(|total| total.affiliates).sum::<i64>())
    };
    let people = |number| plural(number, "affiliate", "affiliates");
    let (payable, payable_people) = of(DueStatus::is_payable);
    let (below, below_people) = of(|status| status == DueStatus::BelowMinimum);
    let (attention, attention_people) = of(DueStatus::needs_attention);
    let on_hold: Vec<_> = list.balances.iter().map(|balance| (balance.currency, balance.on_hold)).collect();
    let in_payouts: i64 =
        list.balances.iter().filter(|b| b.currency == currency).map(|balance| balance.in_payout).sum();
    let hold = match in_payouts {
        0 => "Until the hold period is over".to_owned(),
        minor => format!("{} more in runs", amount(minor, currency)),
    };
    let minimum = format!("{}; carried over", people(below_people));
    vec![
        figure("Payable", &payable, currency, people(payable_people)).state(State::PAYABLE),
        figure("On hold", &on_hold, currency, hold).state(State::PENDING),
        figure("Below minimum", &below, currency, minimum).state(State::BELOW_MINIMUM),
        figure("Needs attention", &attention, currency, people(attention_people)).state(State::NO_METHOD),
    ]
}

/// On which day runs are drafted by themselves.
fn rhythm(page: &ProgramPage, list: &DueList) -> AnyView {
    let settings = page.routes().settings().payouts();
    let text = match list.settings.draft_day {
        Some(day) => format!("A draft is prepared on day {day} of each month. "),
        None => "Runs are drafted manually. ".to_owned(),
    };
    view! { <p class="muted small">{text}<a href=settings>"Change"</a></p> }.into_any()
}

#[component]
fn Statuses(path: String, list: DueList, current: Option<DueStatus>) -> impl IntoView {
    let count = |status: Option<DueStatus>| -> i64 {
        let totals = list.totals.iter().filter(|total| status.is_none_or(|status| total.status == status));
        totals.map(|total| total.affiliates).sum()
    };
    let all = Segment {
        label: "All".to_owned(),
        href: path.clone(),
        current: current.is_none(),
        count: Some(count(None)),
        ..Segment::default()
    };
    let some =
        DueStatus::ALL.into_iter().filter(|status| count(Some(*status)) > 0 || current == Some(*status));
    let items = std::iter::once(all)
        .chain(some.map(|status| Segment {
            label: due_state(status).word.to_owned(),
            href: Parameters::default().with("status", status.word()).on(&path),
            current: current == Some(status),
            count: Some(count(Some(status))),
            ..Segment::default()
        }))
        .collect();
    view! { <Segments label="Status" items/> }
}

fn table(page: &ProgramPage, list: &DueList, pager: AnyView) -> AnyView {
    let payable = || list.totals.iter().filter(|total| total.status.is_payable());
    let all: i64 = payable().map(|total| total.affiliates).sum();
    let shown = list.rows.iter().filter(|due| due.status.is_payable()).count() as i64;
    // With more than one page, those of the others can only be chosen together.
    let everyone = (all > shown).then(|| {
        let label = format!("Everyone who is payable: {}", plural(all, "affiliate", "affiliates"));
        view! { <label class="check"><input type="checkbox" name="all" value="yes"/>{label}</label> }
    });
    let sums: Vec<String> = payable().map(|total| money(total.amount, total.currency)).collect();
    let picked = format!("{} payable", plural(all, "affiliate", "affiliates"));
    let rows = list.rows.iter().map(|due| row(page, list, due)).collect_view();
    let columns = vec![
        Column::text("Pay"),
        Column::text("Affiliate"),
        Column::text("Method"),
        Column::text("Status"),
        Column::number("Due"),
    ];
    view! {
        <form method="post" action=DraftRun::PATH aria-label="Draft a payout run">
            <input type="hidden" name="program" value=page.program.id.to_string()/>
            <PlainCard>
                <Table caption="Balances, largest first" columns style=TableStyle::CARDS.even()>{rows}</Table>
                {pager}
                <div class="pick-bar">
                    <p class="picked"><b>{picked}</b><span>{sums.join(", ")}</span>{everyone}</p>
                    <label class="until">"Up to"<input class="input" type="date" name="until"/></label>
                    <button class="button primary">"Draft payout run"</button>
                </div>
            </PlainCard>
        </form>
    }
    .into_any()
}

fn row(page: &ProgramPage, list: &DueList, due: &Due) -> AnyView {
    let (method, sub) = match (due.method, &due.method_hint) {
        (Some(kind), Some(hint)) => method_lines(kind, hint),
        _ => ("None".to_owned(), String::new()),
    };
    let note = due_note(due, list.minimum, list.settings.method_hold_days, &page.zone, page.now);
    let label = format!("Pay {}", due.name);
    let value = format!("{}:{}", due.affiliate_id, due.currency.code());
    view! {
        <tr>
            <td class="tick">
                <input
                    type="checkbox"
                    name="chosen[]"
                    value=value
                    aria-label=label
                    checked=due.status.is_payable()
                    disabled=!due.status.may_be_chosen()
                />
            </td>
            <th scope="row">
                <span class="person">
                    <Avatar name=due.name.clone()/>
                    <a href=page.routes().affiliate(&due.affiliate_id)>{due.name.clone()}</a>
                </span>
            </th>
            <td data-label="Method">{method}<span class="sub">{sub}</span></td>
            <td data-label="Status"><Status state=due_state(due.status) note/></td>
            <td class="num lead">{money(due.amount, due.currency)}</td>
        </tr>
    }
    .into_any()
}

fn nothing(page: &ProgramPage) -> AnyView {
    let actions = view! { <a class="button" href=page.routes().conversions()>"Conversions"</a> };
    view! {
        <PlainCard>
            <EmptyState
                title="Nothing is due"
                text="Commissions appear here when their hold period is over. Then you draft a run, approve it and send the money."
                first_use=true
                actions=actions.into_any()
            />
        </PlainCard>
    }
    .into_any()
}
