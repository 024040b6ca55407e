//! Why a payment was credited, and with how much: proofs, arithmetic, what happened. For
//! merchants and affiliates alike.

use domain::clock::Timestamp;
use domain::commissions::EntryKind;
use domain::explain::{ProofTried, Verdict as Found};
use domain::money::Currency;
use domain::programs::parse_web_url;
use domain::terms::{ClickModel, Commission, ProofOrder, Rules, rate_text};
use engine::conversions::{Click, ConversionDetail, StoredEntry};

use crate::components::{Cell, Happening, Proof, ReceiptLine, Verdict};
use crate::text::{Zone, amount, money};
use crate::words::{cause_word, commission_left};

/// The proofs in the order in which they were tried.
pub fn proofs(tried: &[ProofTried]) -> Vec<Proof> {
    let proof = |tried: &ProofTried| {
        let verdict = match tried.verdict {
            Found::Decided => Verdict::Decided,
            Found::NoMatch => Verdict::NoMatch,
            Found::Refused => Verdict::Refused,
            Found::NotNeeded => Verdict::NotNeeded,
        };
        Proof::new(tried.proof.title(), verdict, tried.sentence.clone())
    };
    tried.iter().map(proof).collect()
}

/// "last click wins, codes before clicks"
pub fn rules_of_attribution(rules: &Rules) -> String {
    let click = match rules.click_model {
        ClickModel::First => "first click wins",
        ClickModel::Last => "last click wins",
    };
    let order = match rules.proof_order {
        ProofOrder::CouponFirst => "codes before clicks",
        ProofOrder::ClickFirst => "clicks before codes",
    };
    format!("{click}, {order}")
}

/// From what the buyer paid to the base of a commission.
pub fn base_lines(label: &str, gross: i64, base: i64, currency: Currency) -> Vec<ReceiptLine> {
    if gross == base {
        return vec![ReceiptLine::new(label.to_owned(), amount(gross, currency)).gap()];
    }
    vec![
        ReceiptLine::new(label.to_owned(), amount(gross, currency)),
        ReceiptLine::new("Without tax and shipping", amount(base - gross, currency)).gap(),
    ]
}

/// From what the buyer paid to the commission now.
pub fn receipt(detail: &ConversionDetail) -> Vec<ReceiptLine> {
    let conversion = &detail.row.conversion;
    let (currency, owed_in) = (conversion.currency, conversion.commission_currency);
    let mut lines = base_lines("Paid by the customer", conversion.amount, conversion.base, currency);
    lines.push(ReceiptLine::new("Base", amount(conversion.base, currency)).sum());
    let rate = match detail.terms.rules.commission {
        Commission::Percent { rate_bps } => format!("{} of the base", rate_text(rate_bps)),
        Commission::Fixed { .. } => "Fixed for each payment".to_owned(),
    };
    lines.push(ReceiptLine::new(rate, amount(conversion.commission, owed_in)));
    if conversion.reversed > 0 {
        let gone = conversion.refunded.saturating_add(conversion.disputed);
        let word = match (conversion.refunded > 0, conversion.disputed > 0) {
            (true, true) => "Refund and dispute",
            (false, true) => "Dispute",
            _ => "Refund",
        };
        let captured = detail.payment.payment.captured.max(gone);
        let note = format!("{} of {} went back", amount(gone, currency), money(captured, currency));
        lines.push(ReceiptLine::new(word, amount(-conversion.reversed, owed_in)).note(note));
    }
    if conversion.canceled {
        let left = conversion.commission - conversion.reversed;
        lines.push(ReceiptLine::new("Credit withdrawn", amount(-left, owed_in)));
    }
    if let Some(last) = lines.pop() {
        lines.push(last.gap());
    }
    lines.push(ReceiptLine::new("Commission now", money(commission_left(conversion), owed_in)).result());
    lines
}

/// "From deskandmargin.example to /compare, on a desktop"
pub fn click_sentence(click: &Click) -> String {
    let from = click.referrer_host.as_deref().map_or("Directly".to_owned(), |host| format!("From {host}"));
    let page = parse_web_url(&click.landing_url)
        .map_or_else(|_| click.landing_url.clone(), |url| url.path().to_owned());
    match click.device.as_str() {
        "unknown" => format!("{from} to {page}"),
        device => format!("{from} to {page}, on a {device} device"),
    }
}

/// What happened, oldest first: click, payment, money back, end of the hold.
pub fn timeline(detail: &ConversionDetail, zone: &Zone, now: Timestamp) -> Vec<Happening> {
    let conversion = &detail.row.conversion;
    let mut all: Vec<(Timestamp, Happening)> = Vec::new();
    if let Some(click) = &detail.click {
        let title = format!("Click on /r/{}", click.link_code);
        let when = zone.date_and_time(click.at);
        all.push((click.at, Happening::new(Cell::Dot, title, when).text(click_sentence(click))));
    }
    let paid = format!("Paid {}", money(conversion.amount, conversion.currency));
    let earned = format!("{} earned", money(conversion.commission, conversion.commission_currency));
    let when = zone.date_and_time(conversion.paid_at);
    all.push((conversion.paid_at, Happening::new(Cell::Pending, paid, when).text(earned)));
    let changes = detail.entries.iter().filter(|stored| stored.entry.kind != EntryKind::Earn);
    all.extend(changes.map(|stored| changed(detail, stored, zone)));
    all.sort_by_key(|(at, _)| *at);
    let mut happened: Vec<Happening> = all.into_iter().map(|(_, happening)| happening).collect();
    let left = commission_left(conversion);
    if left > 0 {
        let left = money(left, conversion.commission_currency);
        let ended = conversion.hold_until <= now;
        let (cell, title, text) = match (ended, conversion.dispute_open) {
            (_, true) => (Cell::Empty, "Dispute is decided", format!("{left} are held back until then")),
            (true, _) => (Cell::Payable, "Hold ended", format!("{left} became payable")),
            (false, _) => (Cell::Empty, "Hold ends", format!("{left} become payable")),
        };
        let last = Happening::new(cell, title, zone.date(conversion.hold_until)).text(text);
        happened.push(if ended && !conversion.dispute_open { last } else { last.future() });
    }
    happened
}

/// An entry after the first, at the time of the event behind it.
fn changed(detail: &ConversionDetail, stored: &StoredEntry, zone: &Zone) -> (Timestamp, Happening) {
    let entry = &stored.entry;
    let event = detail.payment.events.iter().find(|event| event.event_id == entry.cause);
    let at = event.map_or(entry.at, |event| event.event_created_at);
    let word = cause_word(&stored.cause_type);
    let sum = money(entry.amount.saturating_abs(), entry.currency);
    let (cell, title, text) = match entry.kind {
        EntryKind::Reverse if word == "Dispute" => (Cell::Alert, "Dispute", format!("{sum} taken back")),
        EntryKind::Reverse => (Cell::Half, word, format!("{sum} of the commission taken back")),
        EntryKind::Restore => (Cell::Pending, word, format!("{sum} of the commission given back")),
        EntryKind::Earn | EntryKind::Adjust if entry.amount < 0 => {
            (Cell::Dot, "Corrected", format!("{sum} less, after a better source of the amount"))
        }
        EntryKind::Earn | EntryKind::Adjust => {
            (Cell::Dot, "Corrected", format!("{sum} more, after a better source of the amount"))
        }
    };
    (at, Happening::new(cell, title, zone.date_and_time(at)).text(text))
}
