//! The statement of a payout: a sheet of paper that prints on A4.

use domain::commissions::EntryKind;
use engine::payouts::{Statement, StatementLine};
use leptos::prelude::*;

use super::labels::entry_word;
use super::payouts::{method_lines, payout_state};
use crate::components::{Brand, Icon, ProgramLogo, SkipLink};
use crate::text::{Zone, amount, money, plural};

/// A statement as its own page.
#[component]
pub fn StatementSheet(
    /// What the payout pays.
    statement: Statement,
    /// The program's time zone.
    zone: Zone,
    /// The time.
    now: domain::clock::Timestamp,
    /// Where it was opened from.
    back: String,
) -> impl IntoView {
    let row = statement.payout.clone();
    let currency = row.payout.currency;
    let (state, _) = payout_state(&row, &zone, now);
    let sent = row.payout.settled_at.or(row.approved_at).map(|at| zone.date(at).text);
    let method = row
        .method
        .as_ref()
        .map_or_else(|| "Paid manually".to_owned(), |(kind, hint)| method_lines(*kind, hint).0);
    let listed = statement.lines.len() as i64;
    let hidden = (row.payout.entries > listed).then(|| {
        let more = plural(row.payout.entries - listed, "more entry", "more entries");
        view! { <p>{format!("And {more}, included in the total.")}</p> }
    });
    let lines = statement.lines.into_iter().map(|line| entry(line, &zone, currency)).collect_view();
    let total = money(row.payout.amount, currency);
    let check = format!("Sum of {} = {total}", plural(row.payout.entries, "ledger entry", "ledger entries"));
    let number = format!("{} · run {}", row.payout.id, row.run_number);
    view! {
        <SkipLink/>
        <main class="desk" id="content">
            <div class="invoice-bar"><a class="back" href=back><Icon name="left"/>"Payouts"</a><Brand href="/" size="small"/></div>
            <article class="invoice-sheet">
                <header class="invoice-head">
                    <div class="issuer">
                        <ProgramLogo name=statement.program.name.clone()/>
                        <span>{statement.program.name.clone()}<small>{statement.merchant_name.clone()}</small></span>
                    </div>
                    <div class="titles"><h1>"Payout statement"</h1><p class="no">{number}</p></div>
                </header>
                <div class="invoice-parties">
                    <section><h2>"Paid to"</h2><address><b>{row.name.clone()}</b><br/>{row.email.clone()}</address></section>
                    <section><h2>"Paid by"</h2><address><b>{statement.merchant_name}</b><br/>{statement.program.name}</address></section>
                </div>
                <dl class="meta">
                    <div><dt>"Status"</dt><dd>{state.word}</dd></div>
                    <div><dt>"Date"</dt><dd>{sent}</dd></div>
                    <div><dt>"To"</dt><dd>{method}</dd></div>
                    <div><dt>"Currency"</dt><dd>{currency.to_string()}</dd></div>
                </dl>
                <div class="body">
                    <table class="lines">
                        <caption class="sr-only">"Entries of this payout"</caption>
                        <thead>
                            <tr>
                                <th scope="col">"Sale on"</th>
                                <th scope="col">"What"</th>
                                <th scope="col" class="num opt">"Net price"</th>
                                <th scope="col" class="num">{format!("Commission, {currency}")}</th>
                            </tr>
                        </thead>
                        <tbody>{lines}</tbody>
                    </table>
                    {hidden}
                </div>
                <footer class="stack">
                    <div class="sums-block">
                        <div class="legal"><p>"This statement lists every ledger entry that the payout pays. It is not an invoice."</p></div>
                        <table class="receipt"><tbody><tr class="result"><th scope="row">"Total"</th><td>{total.clone()}</td></tr></tbody></table>
                    </div>
                    <p class="muted small">{check}</p>
                </footer>
            </article>
        </main>
    }
}

fn entry(line: StatementLine, zone: &Zone, currency: domain::money::Currency) -> impl IntoView + use<> {
    let sum = amount(line.amount, currency);
    let (at, what, price) = match line.sale {
        Some(sale) => {
            let label = sale.label.unwrap_or_else(|| "Payment".to_owned());
            let what = match line.kind {
                EntryKind::Earn => label,
                kind => format!("{}: {label}", entry_word(kind)),
            };
            let price = (line.kind == EntryKind::Earn).then(|| money(sale.base, sale.currency));
            (sale.paid_at, what, price)
        }
        None => (line.at, format!("{}: {}", entry_word(line.kind), line.reason.unwrap_or_default()), None),
    };
    view! {
        <tr>
            <td>{zone.date(at).text}</td>
            <td>{what}</td>
            <td class="num opt">{price}</td>
            <td class="num">{sum}</td>
        </tr>
    }
}
