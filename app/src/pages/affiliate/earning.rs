//! The receipt of one earning: why, how much, what happened since, and the entries of the
//! ledger with their hashes, so that anyone can verify them.

use domain::ids::ConversionId;
use engine::ledger::conversions::{ConversionDetail, StoredEntry};
use leptos::prelude::*;

use super::status::status_notice;
use super::table::name;
use crate::components::{
    Breadcrumbs, Card, CardBody, Checks, CodeBlock, Column, Columns, Crumb, Fact, Facts, Icon, PageHead,
    Receipt, SiteShell, Table, TableStyle, Time, Timeline,
};
use crate::layout::{AffiliateProgramPage, AffiliateSection};
use crate::pages::page;
use crate::presenters::explanation::{checks_for_affiliate, receipt, timeline};
use crate::presenters::labels::{cause_word, commission_note, commission_state, entry_word};
use crate::presenters::rewards::{has_list, reward_name};
use crate::presenters::terms::facts;
use crate::request::access::{Access, parameter};
use crate::text::amount;

/// One earning of an affiliate.
#[component]
pub fn AffiliateEarning() -> impl IntoView {
    page(earning())
}

async fn earning() -> Access<AnyView> {
    let page = AffiliateProgramPage::load().await?;
    let id: ConversionId = parameter("conversion")?;
    let detail = engine::ledger::conversions::detail_for_affiliate(
        &page.page.engine,
        &page.page.actor,
        &page.program.id,
        &id,
    )
    .await?;
    let heading = name(&detail.row);
    page.title(&heading, false);
    let state = commission_state(detail.row.status);
    let lead = commission_note(&detail.row, &page.zone, page.page.now);
    let unit = detail.row.conversion.currency.to_string();
    let caption = format!("From the payment to your commission, in {unit}");
    let (lines, items) = (receipt(&detail), timeline(&detail, &page.zone, page.page.now));
    let why = why_card(&page, &detail);
    let ledger = ledger_card(&page, &detail);
    let status_notice = status_notice(&page);
    let aside = aside(&page, &detail);
    let (signed, file) = (page.routes().receipt(&id), page.routes().receipt_file(&id));
    let actions = view! {
        <a class="button" href=signed>"Signed receipt"</a>
        <a class="button" href=file><Icon name="download"/>"JSON"</a>
    };
    let crumbs = vec![Crumb::link("Earnings", page.routes().earnings()), Crumb::here(heading.clone())];
    Ok(view! {
        <SiteShell frame=page.frame(AffiliateSection::Earnings)>
            <Breadcrumbs crumbs/>
            <PageHead title=heading state lead actions=actions.into_any()/>
            {status_notice}
            <Columns aside>
                {why}
                <Card id="receipt" title="Receipt" unit><CardBody><Receipt caption lines/></CardBody></Card>
                {ledger}
                <Card id="history" title="What happened"><CardBody><Timeline items/></CardBody></Card>
            </Columns>
        </SiteShell>
    }
    .into_any())
}

fn why_card(page: &AffiliateProgramPage, detail: &ConversionDetail) -> AnyView {
    let items = checks_for_affiliate(&detail.payment.payment.checks, &page.zone);
    let click = detail.click.as_ref().map(|click| {
        let when = page.zone.date_and_time(click.at).text;
        format!("Your click on /r/{}, {when}", click.link_code)
    });
    let number = format!("{} checks, in order", items.len());
    let foot = view! { <span>{click}</span> };
    view! {
        <Card id="why" title="Why you earned this" aside=view! { <p>{number}</p> }.into_any() foot=foot.into_any()>
            <Checks items/>
        </Card>
    }
    .into_any()
}

fn aside(page: &AffiliateProgramPage, detail: &ConversionDetail) -> AnyView {
    let conversion = &detail.row.conversion;
    let customer = detail.row.email.as_ref().map_or_else(|| "Unknown".to_owned(), |email| email.masked());
    let items = vec![
        Fact::new("Customer", customer),
        Fact::new("Their payment", format!("No. {}", conversion.payment_number)),
        Fact::new("Paid", view! { <Time at=page.zone.date_and_time(conversion.paid_at)/> }),
        Fact::new("Hold period ends", view! { <Time at=page.zone.date(conversion.hold_until)/> }),
    ];
    let ended = detail.payment.subscription_ended_at.map(|at| {
        Fact::new("Subscription ended", view! { <Time at=page.zone.date(at)/> })
            .note("Later periods earn nothing")
    });
    let reward = has_list(&detail.terms.terms).then(|| {
        Fact::new("Reward", reward_name(conversion.reward.position, conversion.reward.name.as_deref()))
    });
    let items: Vec<Fact> = items.into_iter().chain(reward).chain(ended).collect();
    let version = format!("Version {}", detail.terms.version);
    let terms = facts(&detail.terms.terms, page.program.currency);
    let all = page.routes().terms();
    view! {
        <Card id="facts" title="Payment"><CardBody><Facts compact=true items/></CardBody></Card>
        <Card id="terms" title="Terms applied" aside=view! { <a href=all>{version}</a> }.into_any()>
            <CardBody><Facts compact=true items=terms/></CardBody>
        </Card>
    }
    .into_any()
}

fn ledger_card(page: &AffiliateProgramPage, detail: &ConversionDetail) -> AnyView {
    // Another affiliate may have been credited before; their entries are not shown.
    let own: Vec<&StoredEntry> =
        detail.entries.iter().filter(|stored| stored.entry.affiliate_id == page.affiliate.id).collect();
    let rows = own.iter().map(|stored| row(page, stored)).collect_view();
    let currency = detail.row.conversion.commission_currency;
    let sum: i64 = own.iter().map(|stored| stored.entry.amount).fold(0, i64::saturating_add);
    let foot = view! { <tr><th scope="row">"Sum"</th><td class="hide"></td><td class="num lead">{amount(sum, currency)}</td><td class="hide"></td></tr> };
    let columns =
        vec![Column::text("Entry"), Column::text("Cause"), Column::number("Amount"), Column::text("Hash")];
    let commands: Vec<String> = own
        .iter()
        .map(|stored| {
            let text = stored.entry.chain_text(stored.sequence, &stored.previous_hash);
            format!("# {}\nprintf '%s' '{text}' | sha256sum", stored.hash)
        })
        .collect();
    view! {
        <Card id="ledger" title="Ledger" unit=currency.to_string()>
            <Table caption="Entries of the ledger, oldest first" columns style=TableStyle::CARDS.spaced() foot=foot.into_any()>{rows}</Table>
            <CardBody>
                <details class="more">
                    <summary><Icon name="right"/>"Verify it yourself"</summary>
                    <div class="stack tight gap-top">
                        <p class="muted">"The ledger is append-only. Each hash covers its entry and the previous hash, so a changed or missing entry shows. Each command prints the hash above it."</p>
                        <CodeBlock id="chain" label="Commands that recompute the hashes" code=commands.join("\n\n")/>
                    </div>
                </details>
            </CardBody>
        </Card>
    }
    .into_any()
}

fn row(page: &AffiliateProgramPage, stored: &StoredEntry) -> impl IntoView + use<> {
    const SHOWN: usize = 12;
    let entry = &stored.entry;
    let place = format!("No. {}", stored.sequence);
    view! {
        <tr>
            <th scope="row">{entry_word(entry.kind)}<small>{place}</small></th>
            <td data-label="Cause">{cause_word(entry.cause.kind)}<span class="sub"><Time at=page.zone.date_and_time(entry.at)/></span></td>
            <td class="num lead">{amount(entry.amount, entry.currency)}</td>
            <td data-label="Hash"><span class="key" title=stored.hash.clone()>{stored.hash.chars().take(SHOWN).collect::<String>()}</span></td>
        </tr>
    }
}
