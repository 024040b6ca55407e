//! A signed receipt as a sheet that prints on A4. It shows the document and nothing else, so that
//! the public page, the affiliate and the company see the same.

use domain::commissions::EntryKind;
use domain::terms::{Commission, rate_text};
use engine::ledger::receipts::compact::compact;
use engine::ledger::receipts::{Receipt, ReceiptEntry};
use leptos::prelude::*;

use super::labels::commission_state;
use crate::components::{
    Badge, Fact, Facts, ProgramLogo, Qr, QrImage, Receipt as Arithmetic, ReceiptLine, State,
};
use crate::routes;
use crate::text::{Zone, amount, money, plural};

/// The entries that fit on one sheet, one line each. The others are added up.
const LISTED: usize = 12;

/// The modules of a printed code that a phone reads from paper: version 25.
const MOST_MODULES: usize = 117;

/// The address that a receipt's code leads to: the check of this receipt, or the page to upload it
/// when it has too many entries for a code.
fn check_url(receipt: &Receipt) -> (String, bool) {
    let with_receipt = format!("{}{}", receipt.issuer, routes::receipt_of(&compact(receipt)));
    match Qr::of_document(&with_receipt, MOST_MODULES) {
        Some(_) => (with_receipt, true),
        None => (format!("{}{}", receipt.issuer, routes::RECEIPT), false),
    }
}

/// The sheet.
#[component]
pub fn ReceiptSheet(
    /// What the document says.
    receipt: Receipt,
    /// Whether its signature is genuine. Otherwise the sheet is marked, and has no code.
    is_genuine: bool,
) -> impl IntoView {
    let zone = Zone::named("UTC");
    let code = is_genuine.then(|| code(&receipt));
    let state = if is_genuine {
        view! { <Badge state=commission_state(receipt.status)/> }.into_any()
    } else {
        let says = format!("Says: {}", commission_state(receipt.status).word.to_lowercase());
        view! { <Badge state=State::NOT_VERIFIED/><small>{says}</small> }.into_any()
    };
    let issued = zone.date(receipt.issued_at).text;
    let foot = if is_genuine {
        format!(
            "Issued on {issued} by {} at {}. It says what was so on that day. Dates in UTC.",
            receipt.merchant, receipt.issuer
        )
    } else {
        "This is what the document says. Nobody confirms any of it.".to_owned()
    };
    let customer = receipt.customer.clone().unwrap_or_else(|| "Unknown".to_owned());
    let caption = format!("How the commission was computed, in {}", receipt.commission_currency);
    let lines = lines(&receipt, &zone);
    let facts = seal(&receipt);
    view! {
        <article class="sheet" data-unverified=(!is_genuine).then_some("") aria-labelledby="receipt-title">
            <header>
                <div class="program-name">
                    <ProgramLogo name=receipt.program.clone()/>
                    <span>{receipt.program.clone()}<small>{format!("by {}", receipt.merchant)}</small></span>
                </div>
                <div class="id"><h2 id="receipt-title">"Commission receipt"</h2><code>{receipt.conversion_id.to_string()}</code></div>
            </header>
            <dl class="parties">
                <div><dt>"Affiliate"</dt><dd>{receipt.affiliate.clone()}<small>{receipt.affiliate_id.to_string()}</small></dd></div>
                <div><dt>"Customer"</dt><dd>{customer}<small>"Masked for privacy"</small></dd></div>
                <div><dt>"Paid on"</dt><dd>{zone.date(receipt.paid_at).text}</dd></div>
                <div><dt>"Status"</dt><dd>{state}</dd></div>
            </dl>
            <div><Arithmetic caption lines/></div>
            <div class="seal"><Facts compact=true items=facts/>{code}</div>
            <footer>{foot}</footer>
        </article>
    }
}

fn code(receipt: &Receipt) -> Option<AnyView> {
    let (url, has_receipt) = check_url(receipt);
    let code = Qr::of_document(&url, MOST_MODULES)?;
    let words = if has_receipt { "Scan to check this receipt" } else { "Scan, then upload the JSON file" };
    Some(
        view! { <div class="qr-box"><QrImage code label="QR code of the public check"/><a href=url>{words}</a></div> }
            .into_any(),
    )
}

/// From what the customer paid to the commission.
fn lines(receipt: &Receipt, zone: &Zone) -> Vec<ReceiptLine> {
    let (paid_in, owed_in) = (receipt.currency, receipt.commission_currency);
    let what = receipt.label.clone().unwrap_or_else(|| "Payment".to_owned());
    let mut lines =
        vec![ReceiptLine::new("Paid by the customer", amount(receipt.amount, paid_in)).note(what)];
    if receipt.base != receipt.amount {
        let rest = receipt.base.saturating_sub(receipt.amount);
        lines.push(ReceiptLine::new("Tax, shipping and discounts", amount(rest, paid_in)));
    }
    lines.push(ReceiptLine::new("Base", money(receipt.base, paid_in)).sum().gap());
    let (listed, rest) = receipt.entries.split_at(receipt.entries.len().min(LISTED));
    lines.extend(listed.iter().map(|entry| {
        let place = format!("Ledger entry {}, {}", entry.sequence, zone.date(entry.at).text);
        ReceiptLine::new(entry_label(receipt, entry), amount(entry.amount, owed_in)).note(place)
    }));
    if !rest.is_empty() {
        let sum = rest.iter().map(|entry| entry.amount).fold(0, i64::saturating_add);
        let label = plural(rest.len() as i64, "more ledger entry", "more ledger entries");
        lines.push(ReceiptLine::new(label, amount(sum, owed_in)).note("Listed in the JSON file"));
    }
    lines.push(ReceiptLine::new("Commission", money(receipt.commission, owed_in)).result());
    lines
}

fn entry_label(receipt: &Receipt, entry: &ReceiptEntry) -> String {
    match entry.kind {
        EntryKind::Earn => match receipt.rate {
            Commission::Percent { rate_bps } => {
                format!("{} of the base, terms version {}", rate_text(rate_bps), receipt.terms_version)
            }
            Commission::Fixed { .. } => format!("Fixed per payment, terms version {}", receipt.terms_version),
        },
        EntryKind::Adjust => "Corrected by a more reliable amount".to_owned(),
        EntryKind::Reverse => "Reversed".to_owned(),
        EntryKind::Restore => "Restored".to_owned(),
        EntryKind::Correction => "Correction".to_owned(),
        EntryKind::Bonus => "Bonus".to_owned(),
    }
}

/// What proves it: the last entry's place in the chain, and the signature.
fn seal(receipt: &Receipt) -> Vec<Fact> {
    let code = |text: &str| {
        let text = text.to_owned();
        view! { <code>{text}</code> }
    };
    let mut facts = Vec::new();
    if let Some(last) = receipt.entries.last() {
        facts.push(Fact::new("Entry before", code(&last.previous_hash)));
        facts.push(Fact::new("Last entry", code(&last.hash)));
    }
    facts.push(Fact::new("Signature", code(&receipt.signature)));
    facts.push(Fact::new("Key", code(&format!("ed25519:{}", receipt.key_id))));
    facts
}
