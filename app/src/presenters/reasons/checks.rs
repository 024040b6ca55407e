//! What a check found.

use domain::affiliates::AffiliateStatus;
use domain::checks::{Check, CheckKind, CheckReason, NamedAffiliate};
use domain::clock::Timestamp;
use domain::facts::Carrier;
use domain::leads::{LeadDoubt, LeadProof};

use super::words::{before, capitalised, days};
use crate::text::Zone;

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
