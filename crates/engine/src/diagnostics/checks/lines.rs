//! The lines, from the evidence alone.

use connect::stripe::read::BASELINE_TYPES;
use domain::clock::{DAY_MS, MINUTE_MS, Timestamp};

use super::{Check, Evidence, Verdict, carries_token};
use crate::stripe::rejections::RejectedSignatures;

/// A script that nobody loaded for so long is gone from the site.
const SCRIPT_DAYS: i64 = 7;
/// Stripe's oldest version that is read.
const OLDEST_VERSION: &str = "2023-10-16";
/// The kinds that say that something was paid.
const PAID_TYPES: [&str; 3] = ["checkout.session.completed", "invoice.paid", "charge.succeeded"];
/// Events are understood within seconds; a queue this old stands still.
const SLOW_MS: i64 = 5 * MINUTE_MS;

/// All of them, in the order of the walk.
pub(super) fn all(evidence: &Evidence, now: Timestamp) -> Vec<Check> {
    vec![
        script(evidence, now),
        cookie(evidence),
        metadata(evidence),
        secret(evidence),
        events(evidence),
        version(evidence),
        queue(evidence, now),
    ]
}

fn good(code: &'static str, title: &'static str, found: impl Into<String>) -> Check {
    Check { code, title, verdict: Verdict::Good, found: found.into(), remedy: None }
}

fn not_good(good: Check, verdict: Verdict, remedy: impl Into<String>) -> Check {
    Check { verdict, remedy: Some(remedy.into()), ..good }
}

fn script(evidence: &Evidence, now: Timestamp) -> Check {
    let line = |found: &str| good("script", "Script on the site", found);
    match evidence.program.script_seen_at {
        Some(at) if now.0 - at.0 < SCRIPT_DAYS * DAY_MS => line("A page of yours has loaded it this week."),
        Some(_) => not_good(
            line("No page of yours has loaded it for a week."),
            Verdict::Bad,
            "Look whether the snippet is still on every page that a link may lead to.",
        ),
        None => not_good(
            line("No page of yours has loaded it yet."),
            Verdict::Waiting,
            "Put the snippet above on your pages, then open one of them.",
        ),
    }
}

/// A cookie goes to one registrable domain and its subdomains. Which part of a name can be
/// registered only the browser's list knows, so what is compared are the last two labels;
/// the script itself tries from the widest domain down.
fn cookie(evidence: &Evidence) -> Check {
    let hosts = evidence.program.allowed_domains.domains();
    let line = |found: String| good("cookie", "Cookie’s domain", found);
    let home = hosts.first().map(|host| last_labels(host)).unwrap_or_default();
    let apart: Vec<&str> =
        hosts.iter().map(String::as_str).filter(|host| last_labels(host) != home).collect();
    if apart.is_empty() {
        return line(format!("One cookie serves {home} and its subdomains."));
    }
    not_good(
        line(format!("{} cannot read the cookie of {home}.", apart.join(", "))),
        Verdict::Bad,
        "Browsers keep cookies apart by domain. Let links lead to the domain that has the checkout, or hand the \
         parameter hg_click on from one domain to the other.",
    )
}

fn last_labels(host: &str) -> String {
    if host.parse::<std::net::IpAddr>().is_ok() {
        return host.to_owned();
    }
    let labels: Vec<&str> = host.split('.').collect();
    labels[labels.len().saturating_sub(2)..].join(".")
}

fn metadata(evidence: &Evidence) -> Check {
    let line = |found: String| good("metadata", "Token in the checkout", found);
    let all = evidence.payments.len();
    let with = evidence.payments.iter().filter(|payment| carries_token(payment)).count();
    if all == 0 {
        return not_good(
            line("No payment has come in the last 30 days.".to_owned()),
            Verdict::Waiting,
            "Buy something in test mode through an affiliate’s link; the payment then shows here.",
        );
    }
    let found = format!("{with} of the last {all} payments carried a click’s token.");
    if with > 0 {
        return line(found);
    }
    not_good(
        line(found),
        Verdict::Bad,
        "Payment Links get the token from the script. A checkout that your server makes needs honeyguide_click in \
         its metadata: see the samples above.",
    )
}

fn secret(evidence: &Evidence) -> Check {
    let line = |found: &str| good("secret", "Signing secret", found);
    let Some(connection) = evidence.connection.as_ref().filter(|c| c.is_connected()) else {
        return not_good(line("Stripe is not connected."), Verdict::Bad, "Connect it in Settings > Stripe.");
    };
    let refused = RejectedSignatures::of(Some(connection), evidence.platform.as_ref());
    match (connection.last_event_at, refused.is_current) {
        (_, true) => not_good(
            line("The last delivery was refused, because its signature did not fit."),
            Verdict::Bad,
            "Press Repair Webhooks in Settings > Stripe; where the endpoint was made by hand, paste its present \
             signing secret there. Stripe sends again what was refused.",
        ),
        (Some(_), false) => line("The last delivery was signed with it."),
        (None, false) => not_good(
            line("No delivery has come yet."),
            Verdict::Waiting,
            "Send a test event from Stripe, or wait for the first payment.",
        ),
    }
}

fn events(evidence: &Evidence) -> Check {
    let line = |found: String| good("events", "Kinds of events", found);
    let seen: Vec<&str> = BASELINE_TYPES
        .iter()
        .copied()
        .filter(|kind| evidence.types.iter().any(|seen| seen == kind))
        .collect();
    if evidence.types.is_empty() {
        return not_good(
            line("No event has come yet.".to_owned()),
            Verdict::Waiting,
            "Settings > Stripe lists the kinds that the endpoint needs.",
        );
    }
    if !PAID_TYPES.iter().any(|kind| seen.contains(kind)) {
        return not_good(
            line("Events come, but none that says that something was paid.".to_owned()),
            Verdict::Bad,
            format!("Add {} to the endpoint in Stripe.", PAID_TYPES.join(", ")),
        );
    }
    line(format!("{} of the {} core kinds have come lately.", seen.len(), BASELINE_TYPES.len()))
}

fn version(evidence: &Evidence) -> Check {
    let line = |found: String| good("api_version", "API version", found);
    match evidence.api_version.as_deref() {
        None => not_good(
            line("Known from the first event on.".to_owned()),
            Verdict::Waiting,
            "Every version since 2023-10-16 is read.",
        ),
        Some(version) if version >= OLDEST_VERSION => line(format!("{version} is read.")),
        Some(version) => not_good(
            line(format!("{version} is older than {OLDEST_VERSION}.")),
            Verdict::Bad,
            "Make a new endpoint in Stripe with version 2025-02-24.acacia and paste its secret.",
        ),
    }
}

fn queue(evidence: &Evidence, now: Timestamp) -> Check {
    let line = |found: &str| good("queue", "Events that wait", found);
    match evidence.waiting_since {
        Some(since) if now.0 - since.0 > SLOW_MS => not_good(
            line("Events wait for more than five minutes."),
            Verdict::Bad,
            "Look at the server’s log, and at Events for what is being tried again.",
        ),
        _ => line("None, or for seconds only."),
    }
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
