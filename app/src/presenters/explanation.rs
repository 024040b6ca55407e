//! Why a payment was credited, and with how much: checks, arithmetic, what happened. For
//! merchants and affiliates alike.

use domain::checks::{Check, CheckKind, CheckReason, Verdict as Found};
use domain::clock::Timestamp;
use domain::commissions::{CauseKind, EntryKind, HoldReason};
use domain::money::Currency;
use domain::programs::parse_web_url;
use domain::terms::{AttributionPriority, ClickModel, Commission, Terms, rate_text};
use engine::ledger::conversions::{Click, ConversionDetail, StoredEntry};

use crate::components::{Cell, CheckItem, Happening, ReceiptLine, Verdict};
use crate::presenters::labels::{cause_word, commission_left};
use crate::presenters::reasons::{check_sentence, check_sentences, check_title};
use crate::presenters::rewards::cap_line;
use crate::text::{Zone, amount, money};

/// The checks of a payment, in order.
pub fn checks(checks: &[Check], zone: &Zone) -> Vec<CheckItem> {
    let sentences = check_sentences(checks, zone);
    let item = |(check, sentence): (&Check, String)| {
        let verdict = match check.verdict {
            // "Not an affiliate sale" decides too.
            _ if check.is_decisive() => Verdict::Decided,
            Found::Decided => Verdict::Decided,
            Found::NoMatch => Verdict::NoMatch,
            Found::Refused => Verdict::Refused,
            Found::NotNeeded => Verdict::NotNeeded,
        };
        CheckItem::new(check_title(check.kind), verdict, sentence)
    };
    checks.iter().zip(sentences).map(item).collect()
}

/// The same for the affiliate who is credited. Only the check that decided is shown in full:
/// what the others found may be about another affiliate, or about the buyer.
pub fn checks_for_affiliate(checks: &[Check], zone: &Zone) -> Vec<CheckItem> {
    let item = |check: &Check| {
        let (verdict, text) = match (check.verdict, check.kind) {
            (Found::Decided, CheckKind::Assignment) => {
                (Verdict::Decided, "The program assigned this payment to you manually.".to_owned())
            }
            (Found::Decided, kind) => (Verdict::Decided, check_sentence(kind, &check.reason, zone)),
            (Found::NoMatch, _) => (Verdict::NoMatch, nothing_found(&check.reason).to_owned()),
            (Found::Refused, _) => (Verdict::Refused, "A match was found, but it does not count.".to_owned()),
            (Found::NotNeeded, _) => (Verdict::NotNeeded, "An earlier check decided.".to_owned()),
        };
        CheckItem::new(check_title(check.kind), verdict, text)
    };
    checks.iter().map(item).collect()
}

/// Why a check found nothing, without anything about other affiliates or the buyer.
fn nothing_found(reason: &CheckReason) -> &'static str {
    match reason {
        CheckReason::NotAttributed => "This customer had no affiliate.",
        CheckReason::NoCode => "No promotion code was used.",
        CheckReason::CodeUnassigned { .. } => "The promotion code that was used belongs to no affiliate.",
        CheckReason::NoToken => "No click token was found.",
        CheckReason::NoEmail => "Stripe sent no email address.",
        CheckReason::NoLead => "No lead with this address was tracked.",
        _ => "Nothing was found.",
    }
}

/// "last click wins, codes before clicks"
pub fn attribution_terms(terms: &Terms) -> String {
    let click = match terms.click_model {
        ClickModel::First => "first click wins",
        ClickModel::Last => "last click wins",
    };
    let order = match terms.attribution_priority {
        AttributionPriority::PromotionCode => "codes before clicks",
        AttributionPriority::Click => "clicks before codes",
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
    // A withdrawn credit keeps the amounts that it had, whatever the payment says now.
    let whole = if conversion.canceled { conversion.base } else { detail.payment.payment.base };
    let mut lines = base_lines("Paid by the customer", conversion.amount, whole, currency);
    if conversion.base < whole {
        lines.push(ReceiptLine::new("Other products", amount(conversion.base - whole, currency)).gap());
    }
    lines.push(ReceiptLine::new("Base", amount(conversion.base, currency)).sum());
    let rate = match conversion.reward.commission {
        Commission::Percent { rate_bps } => format!("{} of the base", rate_text(rate_bps)),
        Commission::Fixed { .. } => "Fixed per payment".to_owned(),
    };
    let over = conversion.reward.capped.map_or(0, |capped| capped.over.minor);
    lines.push(ReceiptLine::new(rate, amount(conversion.commission.saturating_add(over), owed_in)));
    lines.extend(conversion.reward.capped.as_ref().map(cap_line));
    if conversion.reversed > 0 {
        let gone = conversion.refunded.saturating_add(conversion.disputed);
        let word = match (conversion.refunded > 0, conversion.disputed > 0) {
            (true, true) => "Refund and dispute",
            (false, true) => "Dispute",
            _ => "Refund",
        };
        let captured = detail.payment.payment.captured.max(gone);
        let note = format!("{} of {} returned", amount(gone, currency), money(captured, currency));
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

/// What happened, oldest first: click, payment, money back, end of the hold period.
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
    if let Some(at) = detail.payment.subscription_ended_at {
        let text = "Later periods earn nothing";
        all.push((at, Happening::new(Cell::Dot, "Subscription ended", zone.date_and_time(at)).text(text)));
    }
    all.sort_by_key(|(at, _)| *at);
    let mut happened: Vec<Happening> = all.into_iter().map(|(_, happening)| happening).collect();
    let left = commission_left(conversion);
    if left > 0 {
        let left = money(left, conversion.commission_currency);
        let ended = conversion.hold_until <= now;
        let held = conversion.hold.filter(|reason| reason.is_open_ended());
        let (cell, title, text) = match (ended, held) {
            (_, Some(HoldReason::Dispute)) => {
                (Cell::Empty, "Dispute is decided", format!("{left} is on hold until then"))
            }
            (_, Some(HoldReason::Review)) => {
                (Cell::Empty, "Review is closed", format!("{left} is on hold until then"))
            }
            (_, Some(_)) => (Cell::Empty, "Manual review", format!("{left} is on hold until then")),
            (true, None) => (Cell::Payable, "Hold period ended", format!("{left} became payable")),
            (false, None) => (Cell::Empty, "Hold period ends", format!("{left} becomes payable")),
        };
        let last = Happening::new(cell, title, zone.date(conversion.hold_until)).text(text);
        happened.push(if ended && held.is_none() { last } else { last.future() });
    }
    happened
}

/// An entry after the first, at the time of the event behind it.
fn changed(detail: &ConversionDetail, stored: &StoredEntry, zone: &Zone) -> (Timestamp, Happening) {
    let entry = &stored.entry;
    let event = detail.payment.events.iter().find(|event| event.event_id == entry.cause.id);
    let at = event.map_or(entry.at, |event| event.event_created_at);
    let word = cause_word(entry.cause.kind);
    let sum = money(entry.amount.saturating_abs(), entry.currency);
    let (cell, title, text) = match entry.kind {
        EntryKind::Reverse if entry.cause.kind == CauseKind::Dispute => {
            (Cell::Alert, "Dispute", format!("{sum} reversed"))
        }
        EntryKind::Reverse => (Cell::Half, word, format!("{sum} of the commission reversed")),
        EntryKind::Correction | EntryKind::Bonus => (Cell::Dot, word, sum),
        EntryKind::Restore => (Cell::Pending, word, format!("{sum} of the commission restored")),
        EntryKind::Earn | EntryKind::Adjust if entry.amount < 0 => {
            (Cell::Dot, "Corrected", format!("{sum} less, based on a more reliable amount"))
        }
        EntryKind::Earn | EntryKind::Adjust => {
            (Cell::Dot, "Corrected", format!("{sum} more, based on a more reliable amount"))
        }
    };
    (at, Happening::new(cell, title, zone.date_and_time(at)).text(text))
}

#[cfg(test)]
mod tests {
    use domain::attribution::{PaymentKind, PaymentStatus};
    use domain::clock::DAY_MS;
    use domain::commissions::{Cause, CommissionStatus, Entry};
    use domain::terms::{AppliedReward, Recurrence, TermsVersion};
    use engine::ledger::conversions::{Conversion, ConversionRow};
    use engine::ledger::payments::{Payment, PaymentDetail};
    use leptos::prelude::*;

    use super::*;
    use crate::components::Receipt;

    const PAID: Timestamp = Timestamp(1_790_000_000_000);

    fn id<T: std::str::FromStr>(prefix: &str) -> T {
        match format!("{prefix}00000000000000000000000000").parse() {
            Ok(id) => id,
            Err(_) => panic!("no id with {prefix}"),
        }
    }

    fn payment(currency: Currency) -> Payment {
        Payment {
            id: id("pmt_"),
            program_id: id("prg_"),
            connection_id: id("con_"),
            customer_id: id("cst_"),
            kind: PaymentKind::Invoice,
            stripe_id: "in_1".into(),
            status: PaymentStatus::Paid,
            currency: Some(currency),
            gross: 15_678,
            base: 14_400,
            captured: 15_678,
            refunded: 2_613,
            disputed: 0,
            dispute_open: false,
            paid_at: PAID,
            subscription: None,
            billing_reason: None,
            label: Some("Pro, yearly".into()),
            email: None,
            items: vec![],
            payment_number: 1,
            checks: vec![],
            no_commission: None,
            reevaluate_at: None,
        }
    }

    fn entry(kind: EntryKind, amount: i64, currency: Currency, day: i64) -> StoredEntry {
        StoredEntry {
            entry: Entry {
                id: id("ent_"),
                affiliate_id: id("aff_"),
                conversion_id: Some(id("cnv_")),
                kind,
                amount,
                currency,
                cause: Cause::event(format!("evt_{day}"), "charge.refunded"),
                at: PAID.plus_days(day),
            },
            program_id: id("prg_"),
            sequence: day + 1,
            previous_hash: "0".repeat(64),
            hash: "1".repeat(64),
        }
    }

    /// 144.00 of 156.78 USD at 25%, a sixth of which was refunded eight days later.
    fn detail() -> ConversionDetail {
        let currency: Currency = "usd".parse().unwrap();
        ConversionDetail {
            row: ConversionRow {
                conversion: Conversion {
                    id: id("cnv_"),
                    program_id: id("prg_"),
                    payment_id: id("pmt_"),
                    customer_id: id("cst_"),
                    affiliate_id: id("aff_"),
                    link_id: None,
                    terms_id: id("trm_"),
                    method: CheckKind::Metadata,
                    click_token: None,
                    currency,
                    payment_number: 1,
                    amount: 15_678,
                    reward: AppliedReward::simple(
                        Commission::Percent { rate_bps: 2_500 },
                        Recurrence::Lifetime,
                    ),
                    base: 14_400,
                    refunded: 2_613,
                    commission_currency: currency,
                    commission: 3_600,
                    reversed: 600,
                    hold: None,
                    disputed: 0,
                    canceled: false,
                    hold_until: PAID.plus_days(30),
                    paid_at: PAID,
                },
                affiliate_name: "Mira Okafor".into(),
                label: None,
                email: None,
                stripe_id: "in_1".into(),
                click_at: None,
                link_code: None,
                status: CommissionStatus::PartlyRefunded,
            },
            payment: PaymentDetail {
                payment: payment(currency),
                stripe_ids: vec!["in_1".into()],
                conversion: Some(id("cnv_")),
                decision: None,
                decided_at: None,
                events: vec![],
                subscription_ended_at: None,
            },
            terms: TermsVersion {
                id: id("trm_"),
                program_id: id("prg_"),
                version: 3,
                terms: Terms::default(),
                starts_at: Timestamp(0),
            },
            buyers_of_click: 0,
            click: None,
            entries: vec![
                entry(EntryKind::Earn, 3_600, currency, 0),
                entry(EntryKind::Reverse, -600, currency, 8),
            ],
        }
    }

    fn cells(detail: &ConversionDetail) -> Vec<String> {
        let lines = receipt(detail);
        let html = Owner::new().with(|| view! { <Receipt caption="x" lines/> }.to_html());
        let page = scraper::Html::parse_fragment(&html);
        let select = scraper::Selector::parse("tbody th, tbody td").unwrap();
        page.select(&select).map(|cell| cell.text().collect()).collect()
    }

    #[test]
    fn an_explanation_adds_up_line_by_line() {
        assert_eq!(
            cells(&detail()),
            [
                "Paid by the customer",
                "156.78",
                "Without tax and shipping",
                "\u{2212}12.78",
                "Base",
                "144.00",
                "25% of the base",
                "36.00",
                "Refund26.13 of 156.78 USD returned",
                "\u{2212}6.00",
                "Commission now",
                "30.00 USD",
            ]
        );
    }

    #[test]
    fn a_withdrawn_credit_is_zero() {
        let mut detail = detail();
        detail.row.conversion.canceled = true;
        let cells = cells(&detail);
        assert_eq!(
            cells[cells.len() - 4..],
            ["Credit withdrawn", "\u{2212}30.00", "Commission now", "0.00 USD"]
        );
    }

    #[test]
    fn the_timeline_is_in_order_and_the_hold_comes_last() {
        let zone = Zone::named("UTC");
        let titles = |now| -> Vec<(String, bool)> {
            timeline(&detail(), &zone, now).into_iter().map(|item| (item.title, item.future)).collect()
        };
        let before = titles(PAID.plus_ms(10 * DAY_MS));
        assert_eq!(
            before.iter().map(|(title, _)| title.as_str()).collect::<Vec<_>>(),
            ["Paid 156.78 USD", "Refund", "Hold period ends",]
        );
        assert_eq!(before.last().map(|(_, future)| *future), Some(true));
        let after = titles(PAID.plus_ms(31 * DAY_MS));
        assert_eq!(after.last(), Some(&("Hold period ended".to_owned(), false)));
    }
}
