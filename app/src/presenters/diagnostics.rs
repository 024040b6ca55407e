//! The integration check and the test sale in words, for the page and the terminal.

use domain::diagnostics::{Check, CheckKind, CheckReason, TestSaleStep};
use domain::money::Money;

use crate::text::plural;

/// A line of the integration check in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckText {
    /// "Script on your site"
    pub title: &'static str,
    /// What was found, in a sentence.
    pub finding: String,
    /// What to do, where there is something to do.
    pub remedy: Option<String>,
}

/// A part of the way from a click to the ledger.
fn check_title(kind: CheckKind) -> &'static str {
    match kind {
        CheckKind::Script => "Script on your site",
        CheckKind::Cookie => "Cookie domain",
        CheckKind::Metadata => "Token in the checkout",
        CheckKind::Secret => "Signing secret",
        CheckKind::EventTypes => "Event types",
        CheckKind::ApiVersion => "API version",
        CheckKind::Queue => "Event queue",
        CheckKind::HoldPeriod => "Hold period",
    }
}

/// A line in words.
pub fn check_text(check: &Check) -> CheckText {
    let (finding, remedy) = reason(&check.reason);
    CheckText { title: check_title(check.kind), finding, remedy }
}

fn reason(reason: &CheckReason) -> (String, Option<String>) {
    let good = |finding: String| (finding, None);
    let todo = |finding: &str, remedy: &str| (finding.to_owned(), Some(remedy.to_owned()));
    match reason {
        CheckReason::ScriptLoaded => good("One of your pages has loaded it this week.".to_owned()),
        CheckReason::ScriptGone { days } => (
            format!("None of your pages has loaded it for {}.", plural(*days, "day", "days")),
            Some("Check that the snippet is on every landing page.".to_owned()),
        ),
        CheckReason::ScriptNeverLoaded => todo(
            "None of your pages has loaded it yet.",
            "Add the snippet from Settings > Tracking to your pages, then open one of them.",
        ),
        CheckReason::OneCookie { host, has_subdomains: true } => {
            good(format!("The cookie serves {host} and its subdomains."))
        }
        CheckReason::OneCookie { host, has_subdomains: false } => good(format!("The cookie serves {host}.")),
        CheckReason::CookiesApart { home, others } => (
            format!("{} cannot read the cookie of {home}.", others.join(", ")),
            Some(
                "Browsers keep cookies apart by domain. Link to the domain that has the checkout, or pass the parameter hg_click from one domain to the other."
                    .to_owned(),
            ),
        ),
        CheckReason::NoPayments { days } => (
            format!("No payment has arrived in the last {}.", plural(*days, "day", "days")),
            Some("Buy something in test mode through an affiliate’s link. The payment then shows here.".to_owned()),
        ),
        CheckReason::Tokens { with, all } => {
            let remedy = (*with == 0).then(|| {
                "Payment Links get the token from the script. A checkout created by your server needs \
                 honeyguide_click in its metadata: see the samples above."
                    .to_owned()
            });
            let payments = plural(*all as i64, "payment", "payments");
            (format!("{with} of the last {payments} carried a click’s token."), remedy)
        }
        CheckReason::NotConnected => todo("Stripe is not connected.", "Connect it in Settings > Stripe."),
        CheckReason::SignatureRejected => todo(
            "The last delivery was rejected because its signature did not match.",
            "Press Repair Webhooks in Settings > Stripe. If you created the endpoint manually, paste its current signing secret there. Stripe resends rejected events.",
        ),
        CheckReason::SignatureValid => good("The last delivery was signed with it.".to_owned()),
        CheckReason::NoDelivery => todo(
            "No delivery has arrived yet.",
            "Send a test event from Stripe, or wait for the first payment.",
        ),
        CheckReason::NoEvents => todo(
            "No event has arrived yet.",
            "Settings > Stripe lists the event types that the endpoint needs.",
        ),
        CheckReason::NoPaidEvents { needed } => (
            "Events arrive, but none about a payment.".to_owned(),
            Some(format!("Add {} to the endpoint in Stripe.", needed.join(", "))),
        ),
        CheckReason::LinkTypeMissing { version } => (
            format!("In version {version} a charge does not name its invoice, and invoice_payment.paid does not arrive."),
            Some(
                "Add invoice_payment.paid to the endpoint in Stripe. Until then charges wait an hour to be matched \
                 with an invoice by customer, amount and time."
                    .to_owned(),
            ),
        ),
        CheckReason::EventTypes { seen, all } => {
            good(format!("{seen} of the {all} core types have arrived recently."))
        }
        CheckReason::VersionUnknown { oldest } => (
            "It is known once the first event arrives.".to_owned(),
            Some(format!("Every version since {oldest} is supported.")),
        ),
        CheckReason::VersionSupported { version } => good(format!("{version} is supported.")),
        CheckReason::VersionTooOld { version, oldest, recommended } => (
            format!("{version} is older than {oldest}."),
            Some(format!("Create a new endpoint in Stripe with version {recommended} and paste its secret.")),
        ),
        CheckReason::ManagedPayments { refund_days, hold_days } if hold_days >= refund_days => good(format!(
            "{hold_days} days. With Stripe Managed Payments, Link may refund a payment within {refund_days} days."
        )),
        CheckReason::ManagedPayments { refund_days, hold_days } => (
            format!(
                "{}. With Stripe Managed Payments, Link may refund a payment within {refund_days} days, after its commission was paid.",
                plural(*hold_days, "day", "days")
            ),
            Some(format!("Set the hold period to {refund_days} days or more in Settings > Terms.")),
        ),
        CheckReason::QueueMoving => good("Events are processed within seconds.".to_owned()),
        CheckReason::QueueStuck { minutes } => (
            format!("Events have been waiting for more than {}.", plural(*minutes, "minute", "minutes")),
            Some("Check the server’s log, and Events for what is being retried.".to_owned()),
        ),
    }
}

/// A step of a test sale in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestSaleText {
    /// "Signed event"
    pub title: &'static str,
    /// The result in a sentence.
    pub finding: String,
}

/// A step in words.
pub fn test_sale_text(step: &TestSaleStep) -> TestSaleText {
    let (title, finding) = match step {
        TestSaleStep::Click { website } => {
            ("Click", format!("The link leads to {website} and its click is stored."))
        }
        TestSaleStep::NoClick => (
            "Click",
            "The link stored no click. Check that the website is among the allowed domains.".to_owned(),
        ),
        TestSaleStep::SignedEvent => {
            ("Signed event", "The signature was valid and the event is stored.".to_owned())
        }
        TestSaleStep::EventRejected { reason } => {
            ("Signed event", format!("The event was rejected: {reason}"))
        }
        TestSaleStep::Conversion { paid, earned, expected } => {
            ("Conversion", conversion(paid, earned, expected.as_ref()))
        }
        TestSaleStep::NoConversion => {
            ("Conversion", "The payment was not credited to the click’s affiliate.".to_owned())
        }
        TestSaleStep::Ledger { problem: Some(problem), .. } => ("Ledger", format!("{problem}.")),
        TestSaleStep::Ledger { entries: 0, .. } => ("Ledger", "The ledger has no entry.".to_owned()),
        TestSaleStep::Ledger { .. } => ("Ledger", "The entries add up and their hashes match.".to_owned()),
    };
    TestSaleText { title, finding }
}

fn conversion(paid: &Money, earned: &Money, expected: Option<&Money>) -> String {
    match expected {
        Some(expected) if expected != earned => {
            format!("{paid} was paid. The affiliate earned {earned}, but the current terms give {expected}.")
        }
        _ => format!("{paid} was paid, and the affiliate earned {earned} under the current terms."),
    }
}

#[cfg(test)]
mod tests {
    use domain::diagnostics::CheckVerdict;

    use super::*;

    #[test]
    fn an_address_has_no_subdomains() {
        let text = |has_subdomains| {
            let host = "127.0.0.1".to_owned();
            let reason = CheckReason::OneCookie { host, has_subdomains };
            check_text(&Check::new(CheckKind::Cookie, CheckVerdict::Good, reason)).finding
        };
        assert_eq!(text(false), "The cookie serves 127.0.0.1.");
        assert!(text(true).ends_with("and its subdomains."));
    }

    #[test]
    fn a_wrong_commission_is_reported_with_both_amounts() {
        let usd = |minor| Money::new(minor, "usd".parse().unwrap());
        let step =
            TestSaleStep::Conversion { paid: usd(10_000), earned: usd(1_000), expected: Some(usd(2_000)) };
        let finding = test_sale_text(&step).finding;
        assert!(finding.contains("earned 10.00 USD") && finding.contains("give 20.00 USD"), "{finding}");
    }
}
