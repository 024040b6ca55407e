//! Tables that stand on several pages: conversions, clicks, links, entries of the ledger.

use domain::clock::Timestamp;
use domain::ids::ProgramId;
use domain::money::Currency;
use engine::ledger::conversions::{Click, ConversionRow, StoredEntry};
use engine::programs::links::LinkWithClicks;
use leptos::prelude::*;

use crate::components::*;
use crate::layout::{AffiliateProgramPage, ProgramPage};
use crate::presenters::labels::{
    cause_word, commission_left, commission_note, commission_state, credited_by, entry_word, payment_label,
};
use crate::request::href::safe_href;
use crate::routes;
use crate::text::{Zone, amount, count, money, short_id};

/// How rows of one program are shown.
#[derive(Clone)]
pub struct RowFormat {
    /// The program.
    pub program: ProgramId,
    /// Its time zone.
    pub zone: Zone,
    /// The time.
    pub now: Timestamp,
    /// Its currency; amounts in another one name it.
    pub currency: Currency,
    /// Whether the rows are all of one affiliate, who is then not named.
    pub of_one: bool,
}

impl RowFormat {
    /// Rows of a program.
    pub fn of(page: &ProgramPage) -> Self {
        Self {
            program: page.program.id.clone(),
            zone: page.zone.clone(),
            now: page.now,
            currency: page.program.currency,
            of_one: false,
        }
    }

    /// Rows of one affiliate of a program.
    pub fn of_one(page: &ProgramPage) -> Self {
        Self { of_one: true, ..Self::of(page) }
    }

    /// One's own rows, on the affiliate's side.
    pub fn own(page: &AffiliateProgramPage) -> Self {
        Self {
            program: page.program.id.clone(),
            zone: page.zone.clone(),
            now: page.page.now,
            currency: page.program.currency,
            of_one: true,
        }
    }

    /// An amount, with its currency where it is not the program's.
    pub fn amount(&self, minor: i64, currency: Currency) -> String {
        if currency == self.currency { amount(minor, currency) } else { money(minor, currency) }
    }
}

/// Conversions, newest first.
#[component]
pub fn ConversionTable(
    /// The rows.
    rows: Vec<ConversionRow>,
    /// How they are shown.
    format: RowFormat,
) -> impl IntoView {
    let mut columns = vec![Column::text("Payment"), Column::text("Date")];
    if !format.of_one {
        columns.push(Column::text("Affiliate"));
    }
    // Beside an aside there is not enough space for all columns.
    let wide = !format.of_one;
    if wide {
        columns.push(Column::text("Credited by"));
    }
    columns.extend([Column::number("Amount"), Column::number("Commission"), Column::text("Status")]);
    let rows = rows.into_iter().map(|row| conversion(row, &format)).collect_view();
    let style = if wide { TableStyle::WIDE } else { TableStyle::CARDS.spaced() };
    view! { <Table caption="Conversions, newest first" columns style>{rows}</Table> }
}

fn conversion(row: ConversionRow, format: &RowFormat) -> impl IntoView + use<> {
    let c = &row.conversion;
    let (date, time) = (format.zone.short_date(c.paid_at, format.now), format.zone.time(c.paid_at));
    let (method, more) = credited_by(&row);
    let more = (!more.is_empty()).then(|| view! { <span class="sub">{more}</span> });
    let method = (!format.of_one)
        .then(|| view! { <td data-label="Credited by"><span class="nowrap">{method}</span>{more}</td> });
    let left = commission_left(c);
    let of = (left != c.commission).then(
        || view! { <small>{format!("of {}", format.amount(c.commission, c.commission_currency))}</small> },
    );
    let affiliate = (!format.of_one).then(|| {
        let href = routes::program(&format.program).affiliate(&c.affiliate_id);
        view! { <td data-label="Affiliate" class="nowrap"><a class="plain" href=href>{row.affiliate_name.clone()}</a></td> }
    });
    let label = payment_label(row.label.as_deref(), &row.stripe_id);
    let buyer = row.email.as_ref().map(|email| view! { <small>{email.to_string()}</small> });
    let (status, note) = (commission_state(row.status), commission_note(&row, &format.zone, format.now));
    view! {
        <tr>
            <th scope="row"><a href=routes::program(&format.program).conversion(&c.id)>{label}</a>{buyer}</th>
            <td data-label="Date" class="nowrap"><Time at=date/><span class="sub">{time.text}</span></td>
            {affiliate}
            {method}
            <td class="num" data-label="Amount">{format.amount(c.amount, c.currency)}</td>
            <td class="num lead">{format.amount(left, c.commission_currency)}{of}</td>
            <td class="full"><Status state=status note/></td>
        </tr>
    }
}

/// Clicks, newest first.
#[component]
pub fn ClickTable(
    /// The rows.
    rows: Vec<Click>,
    /// How they are shown.
    format: RowFormat,
) -> impl IntoView {
    let mut columns = vec![Column::text("Time"), Column::text("Link")];
    if !format.of_one {
        columns.push(Column::text("Affiliate"));
    }
    columns.extend([Column::text("From"), Column::text("To"), Column::text("Device")]);
    let rows = rows.into_iter().map(|row| click(row, &format)).collect_view();
    let style = if format.of_one { TableStyle::CARDS } else { TableStyle::WIDE };
    let style = style.spaced();
    view! { <Table caption="Clicks, newest first" columns style>{rows}</Table> }
}

fn click(click: Click, format: &RowFormat) -> impl IntoView + use<> {
    let affiliate = (!format.of_one).then(|| {
        let href = routes::program(&format.program).affiliate(&click.affiliate_id);
        view! { <td data-label="Affiliate" class="nowrap"><a class="plain" href=href>{click.affiliate_name.clone()}</a></td> }
    });
    let from = click.referrer_host.unwrap_or_else(|| "Directly".to_owned());
    let campaign = [click.utm_source, click.utm_medium, click.utm_campaign].into_iter().flatten();
    let campaign: Vec<String> = campaign.collect();
    let campaign = (!campaign.is_empty()).then(|| campaign.join(" / "));
    let tags: Vec<String> = [campaign, click.placement].into_iter().flatten().collect();
    let tags = (!tags.is_empty()).then(|| view! { <span class="sub">{tags.join(" · ")}</span> });
    let device = match (click.bot, click.device.as_str()) {
        (true, _) => "Bot, not counted",
        (_, "desktop") => "Desktop",
        (_, "mobile") => "Phone",
        (_, "tablet") => "Tablet",
        _ => "Unknown",
    };
    view! {
        <tr>
            <th scope="row" class="nowrap"><Time at=format.zone.recent(click.at, format.now)/></th>
            <td data-label="Link" class="nowrap"><span class="key">{format!("/r/{}", click.link_code)}</span></td>
            {affiliate}
            <td data-label="From">{from}{tags}</td>
            <td data-label="To">{short_url(&click.landing_url)}</td>
            <td data-label="Device" class="nowrap">{device}</td>
        </tr>
    }
}

/// An address without what is the same everywhere.
pub fn short_url(url: &str) -> String {
    const LONGEST: usize = 60;
    let plain = url.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
    if plain.chars().count() <= LONGEST {
        return plain.to_owned();
    }
    let kept: String = plain.chars().take(LONGEST).collect();
    format!("{kept}…")
}

/// Links, newest first.
#[component]
pub fn LinkTable(
    /// The rows.
    rows: Vec<LinkWithClicks>,
    /// How they are shown.
    format: RowFormat,
    /// Where this installation is reached.
    #[prop(into)]
    site: String,
) -> impl IntoView {
    let mut columns = vec![Column::text("Link")];
    if !format.of_one {
        columns.push(Column::text("Affiliate"));
    }
    columns.extend([Column::text("Destination"), Column::text("Created"), Column::number("Clicks")]);
    let rows = rows.into_iter().map(|row| link(row, &format, &site)).collect_view();
    view! { <Table caption="Links, newest first" columns style=TableStyle::CARDS.spaced()>{rows}</Table> }
}

fn link(row: LinkWithClicks, format: &RowFormat, site: &str) -> impl IntoView + use<> {
    let (link, name) = (row.link, row.affiliate_name);
    let (start, code) = (format!("{site}/r/"), link.code.as_str().to_owned());
    let id = format!("url-{}", link.id);
    let affiliate = (!format.of_one).then(|| {
        let href = routes::program(&format.program).affiliate(&link.affiliate_id);
        view! { <td data-label="Affiliate" class="nowrap"><a class="plain" href=href>{name}</a></td> }
    });
    let placement =
        link.placement.map(|word| view! { <span class="sub">{format!("Placement {word}")}</span> });
    let landing = safe_href(&link.destination_url).to_owned();
    view! {
        <tr>
            <th scope="row">
                <span class="copy-line">
                    <span class="key" id=id.clone()>{start}<wbr/>{code}</span>
                    <button class="button quiet" type="button" data-copy=id><Icon name="copy"/>"Copy"</button>
                </span>
            </th>
            {affiliate}
            <td data-label="Destination"><a class="plain" href=landing rel="noopener">{short_url(&link.destination_url)}</a>{placement}</td>
            <td data-label="Created" class="nowrap"><Time at=format.zone.short_date(link.created_at, format.now)/></td>
            <td class="num" data-label="Clicks">{count(row.clicks)}</td>
        </tr>
    }
}

/// Entries of the ledger; of one conversion with their sum.
#[component]
pub fn EntryTable(
    /// The rows.
    rows: Vec<StoredEntry>,
    /// How they are shown.
    format: RowFormat,
    /// Their sum, if the list has all of them.
    #[prop(optional)]
    sum: Option<(i64, Currency)>,
) -> impl IntoView {
    let columns = vec![
        Column::text("Entry"),
        Column::text("Cause"),
        Column::number(format!("Amount, {}", format.currency)),
        Column::text("Hash"),
    ];
    let foot = sum.map(|(minor, currency)| {
        view! {
            <tr>
                <th scope="row">"Sum"</th>
                <td class="hide"></td>
                <td class="num lead">{format.amount(minor, currency)}</td>
                <td class="hide"></td>
            </tr>
        }
    });
    let rows = rows.into_iter().map(|row| entry(row, &format)).collect_view();
    view! {
        <Table caption="Entries of the ledger" columns style=TableStyle::CARDS.spaced() foot=foot.into_any()>{rows}</Table>
    }
}

fn entry(stored: StoredEntry, format: &RowFormat) -> impl IntoView + use<> {
    let entry = stored.entry;
    let word = entry_word(entry.kind);
    let name = match &entry.conversion_id {
        Some(id) => view! { <a href=routes::program(&format.program).conversion(id)>{word}</a> }.into_any(),
        None => word.into_any(),
    };
    let hash = format!("{} {}", &stored.hash[..4], &stored.hash[4..8]);
    view! {
        <tr>
            <th scope="row">
                {name}
                <small><Time at=format.zone.date_and_time(entry.at)/></small>
            </th>
            <td data-label="Cause">{cause_word(entry.cause.kind)}<span class="sub mono">{short_id(&entry.cause.id)}</span></td>
            <td class="num lead">{format.amount(entry.amount, entry.currency)}</td>
            <td data-label="Hash"><span class="key" title=stored.hash>{hash}</span></td>
        </tr>
    }
}
