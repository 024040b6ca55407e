//! Each line of the integration check, as a function of the evidence.

use connect::stripe::client::API_VERSION;
use connect::stripe::read::BASELINE_TYPES;
use domain::clock::{DAY_MS, MINUTE_MS, Timestamp};
use domain::diagnostics::CheckVerdict::{Bad, Good, Waiting};
use domain::diagnostics::{Check, CheckKind, CheckReason};

use super::{DAYS, Evidence, carries_token};
use crate::stripe::rejections::RejectedSignatures;

/// A script that was not loaded for this many days is no longer on the site.
const SCRIPT_DAYS: i64 = 7;
/// Stripe's oldest version that is supported.
const OLDEST_VERSION: &str = "2023-10-16";
/// The types that report a payment.
const PAID_TYPES: [&str; 3] = ["checkout.session.completed", "invoice.paid", "charge.succeeded"];
/// The first version in which a charge does not name its invoice (changelog 2025-03-31.basil),
/// what links the two from then on, and what it links.
const LINKED_BY_EVENT: &str = "2025-03-31";
const LINK_TYPE: &str = "invoice_payment.paid";
const LINKED_TYPES: [&str; 2] = ["invoice.paid", "charge.succeeded"];
/// Events are processed within seconds; a queue this old, minutes, is stuck.
const STUCK_MINUTES: i64 = 5;

/// All of them, in the order of the way from click to ledger.
pub(super) fn all(evidence: &Evidence, now: Timestamp) -> Vec<Check> {
    let mut lines = vec![
        script(evidence, now),
        cookie(evidence),
        metadata(evidence),
        secret(evidence),
        event_types(evidence),
        version(evidence),
        queue(evidence, now),
    ];
    lines.extend(evidence.managed_hold_days.map(hold_period));
    lines
}

fn script(evidence: &Evidence, now: Timestamp) -> Check {
    let (verdict, reason) = match evidence.program.script_seen_at {
        Some(at) if now.since_ms(at) < SCRIPT_DAYS * DAY_MS => (Good, CheckReason::ScriptLoaded),
        Some(_) => (Bad, CheckReason::ScriptGone { days: SCRIPT_DAYS }),
        None => (Waiting, CheckReason::ScriptNeverLoaded),
    };
    Check::new(CheckKind::Script, verdict, reason)
}

/// A cookie goes to one registrable domain and its subdomains. Which part of a name can be
/// registered only the browser's list knows, so what is compared are the last two labels;
/// the script itself tries from the widest domain down.
fn cookie(evidence: &Evidence) -> Check {
    let hosts = evidence.program.allowed_domains.domains();
    let first = hosts.first().map(String::as_str).unwrap_or_default();
    let home = last_labels(first);
    let others: Vec<String> = hosts.iter().filter(|host| last_labels(host) != home).cloned().collect();
    let (verdict, reason) = if others.is_empty() {
        (Good, CheckReason::OneCookie { has_subdomains: !is_address(first), host: home })
    } else {
        (Bad, CheckReason::CookiesApart { home, others })
    };
    Check::new(CheckKind::Cookie, verdict, reason)
}

fn is_address(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok()
}

fn last_labels(host: &str) -> String {
    if is_address(host) {
        return host.to_owned();
    }
    let labels: Vec<&str> = host.split('.').collect();
    labels[labels.len().saturating_sub(2)..].join(".")
}

fn metadata(evidence: &Evidence) -> Check {
    let all = evidence.payments.len();
    let with = evidence.payments.iter().filter(|payment| carries_token(payment)).count();
    let (verdict, reason) = match (with, all) {
        (_, 0) => (Waiting, CheckReason::NoPayments { days: DAYS }),
        (0, _) => (Bad, CheckReason::Tokens { with, all }),
        _ => (Good, CheckReason::Tokens { with, all }),
    };
    Check::new(CheckKind::Metadata, verdict, reason)
}

fn secret(evidence: &Evidence) -> Check {
    let connection = evidence.connection.as_ref().filter(|connection| connection.is_connected());
    let (verdict, reason) = match connection {
        None => (Bad, CheckReason::NotConnected),
        Some(connection)
            if RejectedSignatures::of(Some(connection), evidence.platform.as_ref()).is_current =>
        {
            (Bad, CheckReason::SignatureRejected)
        }
        Some(connection) if connection.last_event().is_some() => (Good, CheckReason::SignatureValid),
        Some(_) => (Waiting, CheckReason::NoDelivery),
    };
    Check::new(CheckKind::Secret, verdict, reason)
}

fn event_types(evidence: &Evidence) -> Check {
    let has_seen = |kind: &str| evidence.types.iter().any(|seen| seen == kind);
    let links = evidence.api_version.clone().filter(|version| version.as_str() >= LINKED_BY_EVENT);
    let core: Vec<&str> = BASELINE_TYPES.into_iter().chain(links.is_some().then_some(LINK_TYPE)).collect();
    let seen = core.iter().filter(|kind| has_seen(kind)).count();
    let (verdict, reason) = if evidence.types.is_empty() {
        (Waiting, CheckReason::NoEvents)
    } else if !PAID_TYPES.iter().any(|kind| has_seen(kind)) {
        (Bad, CheckReason::NoPaidEvents { needed: PAID_TYPES.map(str::to_owned).to_vec() })
    } else if let Some(version) =
        links.filter(|_| LINKED_TYPES.iter().all(|kind| has_seen(kind)) && !has_seen(LINK_TYPE))
    {
        (Bad, CheckReason::LinkTypeMissing { version })
    } else {
        (Good, CheckReason::EventTypes { seen, all: core.len() })
    };
    Check::new(CheckKind::EventTypes, verdict, reason)
}

fn version(evidence: &Evidence) -> Check {
    let oldest = OLDEST_VERSION.to_owned();
    let (verdict, reason) = match evidence.api_version.clone() {
        None => (Waiting, CheckReason::VersionUnknown { oldest }),
        Some(version) if version.as_str() >= OLDEST_VERSION => {
            (Good, CheckReason::VersionSupported { version })
        }
        Some(version) => {
            (Bad, CheckReason::VersionTooOld { version, oldest, recommended: API_VERSION.to_owned() })
        }
    };
    Check::new(CheckKind::ApiVersion, verdict, reason)
}

fn queue(evidence: &Evidence, now: Timestamp) -> Check {
    let is_stuck =
        evidence.waiting_since.is_some_and(|since| now.since_ms(since) > STUCK_MINUTES * MINUTE_MS);
    let (verdict, reason) = if is_stuck {
        (Bad, CheckReason::QueueStuck { minutes: STUCK_MINUTES })
    } else {
        (Good, CheckReason::QueueMoving)
    };
    Check::new(CheckKind::Queue, verdict, reason)
}

/// Link may refund what Stripe sells as merchant of record (Stripe docs: Managed Payments).
fn hold_period(hold_days: i64) -> Check {
    const REFUND_DAYS: i64 = 60;
    let verdict = if hold_days < REFUND_DAYS { Bad } else { Good };
    Check::new(
        CheckKind::HoldPeriod,
        verdict,
        CheckReason::ManagedPayments { refund_days: REFUND_DAYS, hold_days },
    )
}

#[cfg(test)]
mod tests {
    use super::last_labels;

    #[test]
    fn a_cookies_domain_is_the_last_two_labels_or_an_address() {
        assert_eq!(last_labels("shop.lumen.example"), "lumen.example");
        assert_eq!(last_labels("lumen.example"), "lumen.example");
        assert_eq!(last_labels("localhost"), "localhost");
        assert_eq!(last_labels("127.0.0.1"), "127.0.0.1");
    }
}
