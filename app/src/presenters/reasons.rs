//! Reasons in words: what a check found, why a payment earns no commission, what an event did.
//!
//! The only place where reasons become sentences; the API and the CSV use it too.

use domain::affiliates::AffiliateStatus;
use domain::checks::{Check, CheckKind, CheckReason, NamedAffiliate};
use domain::clock::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use domain::commissions::LedgerChange;
use domain::events::{EventOutcome, EventSubject};
use domain::facts::Carrier;
use domain::leads::{LeadDoubt, LeadProof};
use domain::money::Money;
use domain::no_commission::{NoCommission, WaitReason};

use crate::text::{Zone, plural};

/// The heading of a check.
pub fn check_title(kind: CheckKind) -> &'static str {
    match kind {
        CheckKind::Assignment => "Assigned manually",
        CheckKind::KnownCustomer => "Customer already known",
        CheckKind::PromotionCode => "Promotion code of an affiliate",
        CheckKind::Metadata => "Click token in the metadata",
        CheckKind::ClientReference => "Client reference of the checkout",
        CheckKind::LeadEmail => "Email of a tracked lead",
    }
}

/// What each check of a payment found. A check that was not needed says whether it would
/// have led to the same affiliate.
pub fn check_sentences(checks: &[Check], zone: &Zone) -> Vec<String> {
    let winner = checks.iter().find(|check| check.is_decisive()).and_then(|check| check.reason.credits());
    let sentence = |check: &Check| {
        let found = check_sentence(check.kind, &check.reason, zone);
        match check.reason.credits() {
            Some(_) if check.is_decisive() => found,
            Some(affiliate) if Some(&affiliate.id) == winner.map(|winner| &winner.id) => {
                format!("{found} It would have led to the same affiliate.")
            }
            Some(_) => format!("{found} An earlier check decided."),
            None => found,
        }
    };
    checks.iter().map(sentence).collect()
}

/// What a check found.
pub fn check_sentence(kind: CheckKind, reason: &CheckReason, zone: &Zone) -> String {
    let day = |at: Timestamp| zone.date(at).text;
    match reason {
        CheckReason::Assigned { affiliate, by, at, later_payments } => {
            let more = if *later_payments { ", and the customer’s later ones too" } else { "" };
            format!("{by} assigned this payment to {} on {}{more}.", affiliate.name, day(*at))
        }
        CheckReason::NotAffiliateSale { by, at, at_earlier_payment: false } => {
            format!("{by} marked this payment as not an affiliate sale on {}.", day(*at))
        }
        CheckReason::NotAffiliateSale { by, at, at_earlier_payment: true } => {
            format!("{by} marked this customer’s payments as not affiliate sales on {}.", day(*at))
        }
        CheckReason::Attributed { affiliate, since, by_assignment } => {
            let how = if *by_assignment { ", assigned manually" } else { "" };
            format!("This customer has been attributed to {} since {}{how}.", affiliate.name, day(*since))
        }
        CheckReason::NotAttributed => "This customer had no affiliate.".to_owned(),
        CheckReason::CodeFound { code, affiliate } => format!("{code} belongs to {}.", affiliate.name),
        CheckReason::NoCode => "No promotion code was used.".to_owned(),
        CheckReason::CodeUnassigned { promotion_codes } => match promotion_codes.as_slice() {
            [code] => format!("The promotion code {code} belongs to no affiliate."),
            codes => format!("The promotion codes {} belong to no affiliate.", codes.join(", ")),
        },
        CheckReason::CodeTooNew { code, affiliate } => {
            format!("{code} was assigned to {} only after the payment.", affiliate.name)
        }
        CheckReason::ClickFound { carrier, affiliate, link_code, clicked_at, ordered_at, window_days } => {
            format!(
                "{} names a click on {}’s link /r/{link_code}, {} and within the {window_days}-day window.",
                capitalised(carrier_words(*carrier)),
                affiliate.name,
                before(ordered_at.since_ms(*clicked_at)),
            )
        }
        CheckReason::NoToken => match kind {
            CheckKind::ClientReference => "The checkout had no click token as its client reference.",
            _ => "The metadata of the session, subscription, invoice, payment and customer had no honeyguide_click.",
        }
        .to_owned(),
        CheckReason::UnknownToken { token } => format!("{token}… is not a click of this program."),
        CheckReason::ClickAfterPayment { .. } => "The click was made after the purchase.".to_owned(),
        CheckReason::ClickExpired { link_code, clicked_at, ordered_at, window_days } => format!(
            "The click on /r/{link_code} was made {} the order, which came {} after the {window_days}-day window ended.",
            before(ordered_at.since_ms(*clicked_at)),
            days(ordered_at.since_ms(clicked_at.plus_days(*window_days))),
        ),
        CheckReason::ProgramNotRunning { .. } => {
            "The program was not running when the click was made.".to_owned()
        }
        CheckReason::AffiliateNotActive { affiliate, status, at } => {
            not_active(affiliate, *status, &day(*at))
        }
        CheckReason::LeadFound { affiliate, link_code, clicked_at, ordered_at, proof } => format!(
            "{} reported the address as a lead after a click on {}’s link /r/{link_code}, {}.",
            match proof {
                LeadProof::Server => "Your server",
                LeadProof::Signed => "Your site, with your server’s signature,",
                LeadProof::Browser => "Your site",
            },
            affiliate.name,
            before(ordered_at.since_ms(*clicked_at)),
        ),
        CheckReason::LeadsDisagree { affiliates } => {
            let names: Vec<&str> = affiliates.iter().map(|affiliate| affiliate.name.as_str()).collect();
            format!(
                "Browsers reported the address as a lead for {}, and none of these leads comes from your server.",
                names.join(" and ")
            )
        }
        CheckReason::LeadAfterPayment { affiliate, reported_at } => format!(
            "A browser reported the address as a lead for {} only after the payment, on {}.",
            affiliate.name,
            day(*reported_at)
        ),
        CheckReason::LeadDoubted { affiliate, doubt } => {
            format!(
                "A browser reported the address as a lead for {}, but {}.",
                affiliate.name,
                doubt_words(*doubt)
            )
        }
        CheckReason::NoEmail => "Stripe sent no email address for this payment.".to_owned(),
        CheckReason::NoLead => "No lead with this address was tracked.".to_owned(),
    }
}

/// Why a lead does not count by itself, behind "but".
const fn doubt_words(doubt: LeadDoubt) -> &'static str {
    match doubt {
        LeadDoubt::ForeignOrigin => "not from a page on one of the program’s domains",
        LeadDoubt::NoVerifier => "without the verifier that only the click’s own visitor has",
        LeadDoubt::ClickUsed => "its click had already been used for another address",
        LeadDoubt::VisitorUsed => "its visitor had already reported another address that day",
        LeadDoubt::Reviewed => "this program reviews leads from browsers",
    }
}

fn not_active(affiliate: &NamedAffiliate, status: Option<AffiliateStatus>, day: &str) -> String {
    let name = &affiliate.name;
    match status {
        Some(status) => format!("{name} was {} on {day}.", status.word()),
        None => format!("{name} had not joined the program by {day}."),
    }
}

/// Where a click token was found.
pub fn carrier_words(carrier: Carrier) -> &'static str {
    match carrier {
        Carrier::SessionMetadata => "the metadata of the checkout session",
        Carrier::SubscriptionMetadata => "the metadata of the subscription",
        Carrier::InvoiceMetadata => "the metadata of the invoice",
        Carrier::ChargeMetadata => "the metadata of the payment",
        Carrier::CustomerMetadata => "the metadata of the customer",
        Carrier::ClientReference => "the client reference of the checkout",
    }
}

/// Why a payment earns no commission, in one sentence.
pub fn no_commission_sentence(reason: &NoCommission, zone: &Zone) -> String {
    let day = |at: Timestamp| zone.date(at).text;
    match reason {
        NoCommission::Waiting { reason: WaitReason::Invoice, .. } => {
            "Waiting for an invoice that it may belong to. If one arrives, the commission is on the invoice."
                .to_owned()
        }
        NoCommission::Waiting { reason: WaitReason::Capture, .. } => {
            "The amount is only authorized. It counts once captured.".to_owned()
        }
        NoCommission::Waiting { reason: WaitReason::RefundedPayment, .. } => {
            "A refund or dispute arrived before its payment. It counts once the payment arrives.".to_owned()
        }
        NoCommission::Waiting { reason: WaitReason::Money, .. } => {
            "The payment method takes a few days. The money has not arrived yet.".to_owned()
        }
        NoCommission::PaymentFailed => "The payment failed.".to_owned(),
        NoCommission::AmountZero => "Nothing was paid: a trial, a full discount or credit.".to_owned(),
        NoCommission::SamePayment => "This payment is counted under another ID.".to_owned(),
        NoCommission::NoMatch => "No check matched.".to_owned(),
        NoCommission::CheckRefused { check, reason } => check_sentence(*check, reason, zone),
        NoCommission::AffiliateNotActive { affiliate, status } => match status {
            Some(status) => format!("{} was {} when the payment was made.", affiliate.name, status.word()),
            None => format!("{} had not joined the program when the payment was made.", affiliate.name),
        },
        NoCommission::AffiliateGone => "The affiliate is no longer in the program.".to_owned(),
        NoCommission::NotFirstPayment { first_paid_at } => format!(
            "The terms only pay for a customer’s first payment, which was on {}.",
            day(*first_paid_at)
        ),
        NoCommission::RecurrenceOver { months, ended_at, by_periods } => format!(
            "The {} from the first {} ended on {}.",
            plural(*months, "month", "months"),
            if *by_periods { "paid period of the subscription" } else { "payment" },
            day(*ended_at)
        ),
        NoCommission::PaidOutsideStripe => {
            "The invoice was paid outside Stripe, which earns nothing under the terms.".to_owned()
        }
        NoCommission::SubscriptionEnded { ended_at } => {
            format!("The subscription ended on {}, before the period of this payment began.", day(*ended_at))
        }
        NoCommission::ProgramArchived => "The program was archived.".to_owned(),
        NoCommission::BaseZero => "Nothing remains after tax and shipping.".to_owned(),
        NoCommission::RoundsToZero => "The commission rounds to zero.".to_owned(),
        NoCommission::NoTerms => "The program had no terms yet.".to_owned(),
        NoCommission::NoCurrency => "Stripe sent no currency.".to_owned(),
        NoCommission::OutOfRange => "The amounts are too large to process.".to_owned(),
    }
}

/// The same, with what would have helped where nothing was found.
pub fn no_commission_text(reason: &NoCommission, zone: &Zone) -> String {
    let sentence = no_commission_sentence(reason, zone);
    match reason {
        NoCommission::NoMatch => format!(
            "{sentence} A click token in the checkout’s metadata or client reference, an affiliate’s \
             promotion code or a tracked lead’s email address would have matched."
        ),
        _ => sentence,
    }
}

/// What an event did, or why it did nothing, in one sentence.
pub fn outcome_sentence(outcome: &EventOutcome, zone: &Zone) -> String {
    match outcome {
        EventOutcome::LedgerChanged { changes } => ledger_changes(changes),
        EventOutcome::CustomerAttributed { affiliate_name, .. } => {
            format!("The customer is now attributed to {affiliate_name}.")
        }
        EventOutcome::ConnectionRevoked => {
            "The merchant revoked access in Stripe, so the connection is revoked.".to_owned()
        }
        // This stays in the log: it is true before the invoice comes and after.
        EventOutcome::NoCommission {
            reason: NoCommission::Waiting { reason: WaitReason::Invoice, until: None },
        } => "Counted on its invoice.".to_owned(),
        EventOutcome::NoCommission { reason } => no_commission_sentence(reason, zone),
        EventOutcome::AlreadyCounted { stripe_id } => {
            format!("This payment is already counted, {}.", counted_words(stripe_id))
        }
        EventOutcome::SubscriptionEnded { ended_at } => subscription_ended(*ended_at, zone),
        EventOutcome::NoPayment { subject } => subject_sentence(*subject).to_owned(),
        EventOutcome::BodyDeleted => {
            "Its payload was deleted after 90 days. The parsed fields are kept, so nothing changes."
                .to_owned()
        }
        EventOutcome::Duplicate => "This event says nothing new.".to_owned(),
        EventOutcome::TypeNotHandled => "Honeyguide does not need events of this type.".to_owned(),
        EventOutcome::ThinEventFetched => {
            "A thin event. The full event is fetched from Stripe and processed separately.".to_owned()
        }
        EventOutcome::ThinEvent => {
            "A thin event, which carries no object. In Stripe, under Workbench > Event destinations, choose \
             snapshot payloads for this endpoint."
                .to_owned()
        }
        EventOutcome::OtherAccount { account } => {
            format!(
                "An event from the account {account}, which this connection does not count. It is stored."
            )
        }
        EventOutcome::WrongMode { livemode: true } => "A live event on a test connection.".to_owned(),
        EventOutcome::WrongMode { livemode: false } => "A test event on a live connection.".to_owned(),
        EventOutcome::ReconnectedSince => {
            "Stripe was connected again since then, so nothing changed.".to_owned()
        }
        EventOutcome::NotJson => "The delivery was signed but is not valid JSON. Nothing changed.".to_owned(),
        EventOutcome::FieldMissing { field } => {
            format!("The field {field} is missing or malformed, so the event could not be read.")
        }
        EventOutcome::Retrying => "Processing this event failed and will be tried again.".to_owned(),
        EventOutcome::GaveUp => {
            "Processing this event failed repeatedly. It is kept and can be replayed.".to_owned()
        }
    }
}

/// By which object of Stripe a payment is counted.
fn counted_words(stripe_id: &str) -> &'static str {
    match stripe_id.split('_').next().unwrap_or_default() {
        "in" => "with its invoice",
        "cs" => "with its checkout",
        _ => "with its charge",
    }
}

/// The end of a subscription, and what it means for commissions.
pub fn subscription_ended(ended_at: Timestamp, zone: &Zone) -> String {
    format!("The subscription ended on {}. Later periods earn nothing.", zone.date(ended_at).text)
}

/// What an event means that is not about a payment.
const fn subject_sentence(subject: EventSubject) -> &'static str {
    match subject {
        EventSubject::Customer => "Customer details changed. No payment changed.",
        EventSubject::Trial => "A trial is running. The first payment comes when it ends.",
        EventSubject::Subscription => {
            "The subscription was created or changed. Its payments come with its invoices."
        }
        EventSubject::PaymentOfInvoice => "Links a payment to its invoice. No amount changed.",
        EventSubject::Checkout => "A checkout without a payment, such as one that saves a card.",
        EventSubject::PromotionCode => "Whether a promotion code can be used. No payment changed.",
        EventSubject::UnknownPayment => {
            "Its payment has not arrived yet. It counts once the payment arrives."
        }
    }
}

/// The same with what follows from it.
pub fn outcome_text(outcome: &EventOutcome, zone: &Zone) -> String {
    let sentence = outcome_sentence(outcome, zone);
    match outcome {
        EventOutcome::CustomerAttributed { no_commission: Some(reason), .. } => {
            format!("{sentence} {}", no_commission_sentence(reason, zone))
        }
        EventOutcome::NoCommission { reason: NoCommission::Waiting { until: Some(_), .. } } => {
            format!("{sentence} It is evaluated again within the hour.")
        }
        EventOutcome::NoCommission { reason } if *reason == NoCommission::NoMatch => {
            no_commission_text(reason, zone)
        }
        _ => sentence,
    }
}

/// "9.80 USD for Mira Okafor; 9.80 USD taken back from Noah"
pub fn ledger_changes(changes: &[LedgerChange]) -> String {
    let part = |LedgerChange { affiliate_name, amount }: &LedgerChange| match amount.minor {
        ..0 => {
            let taken = Money::new(amount.minor.saturating_neg(), amount.currency);
            format!("{taken} taken back from {affiliate_name}")
        }
        _ => format!("{amount} for {affiliate_name}"),
    };
    changes.iter().map(part).collect::<Vec<_>>().join("; ")
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + characters.as_str())
}

/// A span of time in whole days.
fn days(ms: i64) -> String {
    match ms / DAY_MS {
        ..=0 => "less than a day".to_owned(),
        days => plural(days, "day", "days"),
    }
}

/// "3 seconds before", "2 hours before", "4 days before"; our clock may be ahead of
/// Stripe's by some minutes.
fn before(ms: i64) -> String {
    if ms <= -SECOND_MS {
        return "moments after, within the clock tolerance".to_owned();
    }
    let span = match ms {
        ..MINUTE_MS => plural(ms.max(0) / SECOND_MS, "second", "seconds"),
        MINUTE_MS..HOUR_MS => plural(ms / MINUTE_MS, "minute", "minutes"),
        HOUR_MS..DAY_MS => plural(ms / HOUR_MS, "hour", "hours"),
        _ => plural(ms / DAY_MS, "day", "days"),
    };
    format!("{span} before")
}

#[cfg(test)]
mod tests {
    use domain::checks::Verdict;

    use super::*;

    /// 2 March 2026, 9:00 in UTC.
    const AT: Timestamp = Timestamp::from_seconds(1_772_442_000);

    fn zone() -> Zone {
        Zone::named("UTC")
    }

    fn named(letter: char) -> NamedAffiliate {
        let id = format!("aff_{}", "0".repeat(26)).parse().unwrap();
        NamedAffiliate { id, name: format!("Affiliate {letter}") }
    }

    #[test]
    fn an_expired_click_says_how_late_it_was() {
        let reason = CheckReason::ClickExpired {
            link_code: "mira".to_owned(),
            clicked_at: AT.plus_days(-41),
            ordered_at: AT.plus_ms(1),
            window_days: 30,
        };
        assert_eq!(
            check_sentence(CheckKind::Metadata, &reason, &zone()),
            "The click on /r/mira was made 41 days before the order, which came 11 days after the 30-day window ended."
        );
    }

    #[test]
    fn a_decision_says_who_made_it_when_and_for_what() {
        let (by, at) = ("Hanna".to_owned(), AT);
        let one = CheckReason::Assigned { affiliate: named('m'), by: by.clone(), at, later_payments: false };
        let all = CheckReason::NotAffiliateSale { by, at, at_earlier_payment: true };
        let sentence = |reason| check_sentence(CheckKind::Assignment, reason, &zone());
        assert_eq!(sentence(&one), "Hanna assigned this payment to Affiliate m on 2 Mar 2026.");
        assert_eq!(
            sentence(&all),
            "Hanna marked this customer’s payments as not affiliate sales on 2 Mar 2026."
        );
    }

    #[test]
    fn a_check_that_was_not_needed_says_whether_it_agrees() {
        let code = || CheckReason::CodeFound { code: "SPRING".to_owned(), affiliate: named('m') };
        let checks = [
            Check::new(CheckKind::KnownCustomer, CheckReason::NotAttributed),
            Check::new(CheckKind::PromotionCode, code()),
            Check::not_needed(CheckKind::Metadata, code()),
            Check::not_needed(CheckKind::LeadEmail, CheckReason::NoLead),
        ];
        assert_eq!(checks[2].verdict, Verdict::NotNeeded);
        assert_eq!(
            check_sentences(&checks, &zone()),
            [
                "This customer had no affiliate.",
                "SPRING belongs to Affiliate m.",
                "SPRING belongs to Affiliate m. It would have led to the same affiliate.",
                "No lead with this address was tracked.",
            ]
        );
        let decided =
            CheckReason::NotAffiliateSale { by: "Hanna".to_owned(), at: AT, at_earlier_payment: false };
        let checks =
            [Check::new(CheckKind::Assignment, decided), Check::not_needed(CheckKind::PromotionCode, code())];
        assert_eq!(
            check_sentences(&checks, &zone())[1],
            "SPRING belongs to Affiliate m. An earlier check decided."
        );
    }

    #[test]
    fn an_event_says_what_it_changed_in_money() {
        let usd = "usd".parse().unwrap();
        let change = |name: &str, minor| LedgerChange {
            affiliate_name: name.to_owned(),
            amount: Money::new(minor, usd),
        };
        let outcome =
            EventOutcome::LedgerChanged { changes: vec![change("Noah", -980), change("Mira", 980)] };
        assert_eq!(outcome_text(&outcome, &zone()), "9.80 USD taken back from Noah; 9.80 USD for Mira");
    }

    #[test]
    fn a_payment_without_a_match_says_what_would_have_helped() {
        let reason = NoCommission::NoMatch;
        assert_eq!(no_commission_sentence(&reason, &zone()), "No check matched.");
        assert!(no_commission_text(&reason, &zone()).starts_with("No check matched. A click token"));
    }
}
