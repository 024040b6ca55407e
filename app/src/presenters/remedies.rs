//! What would have led a payment to an affiliate, from what its checks found.

use domain::checks::{CheckKind, CheckReason, Verdict};
use domain::clock::DAY_MS;
use domain::no_commission::NoCommission;
use engine::ledger::payments::Payment;

use crate::routes::Program;

/// The number of suggestions shown; the first ones are about this very payment.
const MOST: usize = 3;

/// A page on which something can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The program's affiliates.
    Affiliates,
    /// The general settings.
    Settings,
    /// The terms.
    Terms,
    /// The settings of the tracking script.
    Tracking,
}

impl Place {
    /// The page's address in a program.
    pub fn address(self, program: Program<'_>) -> String {
        match self {
            Self::Affiliates => program.affiliates(),
            Self::Settings => program.settings().general(),
            Self::Terms => program.settings().terms(),
            Self::Tracking => program.settings().tracking(),
        }
    }

    /// What the page is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Affiliates => "Affiliates",
            Self::Settings => "Settings",
            Self::Terms => "Terms",
            Self::Tracking => "Tracking",
        }
    }
}

/// One thing that would have helped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What to do: "Carry the click into the checkout".
    pub title: &'static str,
    /// Why it would have helped here.
    pub text: String,
    /// Where it is done.
    pub place: Option<Place>,
    /// Whether the sample code that carries a click is shown beside it.
    pub sample: bool,
}

impl Advice {
    fn new(title: &'static str, text: impl Into<String>) -> Self {
        Self { title, text: text.into(), place: None, sample: false }
    }
    fn at(self, place: Place) -> Self {
        Self { place: Some(place), ..self }
    }
}

/// What would have helped, the likeliest first; nothing for a payment that is credited.
pub fn advice(payment: &Payment) -> Vec<Advice> {
    let Some(reason) = &payment.no_commission else { return Vec::new() };
    if let Some(of_terms) = of_terms(reason) {
        return vec![of_terms];
    }
    let with = |verdict| payment.checks.iter().filter(move |check| check.verdict == verdict);
    let mut all: Vec<Advice> = Vec::new();
    // A token that one carrier had was carried, whatever the others lack.
    let carried = payment.checks.iter().any(|check| {
        matches!(check.kind, CheckKind::Metadata | CheckKind::ClientReference)
            && check.reason != CheckReason::NoToken
    });
    for check in with(Verdict::Refused).chain(with(Verdict::NoMatch)) {
        if carried && check.reason == CheckReason::NoToken {
            continue;
        }
        let next = of_check(&check.reason, payment);
        if let Some(next) = next.filter(|next| all.iter().all(|one| one.title != next.title)) {
            all.push(next);
        }
    }
    all.truncate(MOST);
    all
}

/// For a payment that has an affiliate, and for which the terms pay nothing.
fn of_terms(reason: &NoCommission) -> Option<Advice> {
    let (title, text) = match reason {
        NoCommission::CapReached { .. } => {
            ("Raise the limit", "Terms with a higher limit per customer would count this payment.")
        }
        NoCommission::NoReward { .. } => (
            "Add a reward for all other payments",
            "A last reward without conditions would count this payment.",
        ),
        NoCommission::NotFirstPayment { .. } => {
            ("Pay for renewals", "Terms that pay for months or for life would count this payment.")
        }
        NoCommission::RecurrenceOver { .. } => {
            ("Pay for longer", "Terms that pay for more months, or for life, would count this payment.")
        }
        NoCommission::BaseZero => {
            return Some(Advice::new(
                "Nothing to change",
                "The whole amount was tax and shipping, which earn no commission.",
            ));
        }
        NoCommission::PaidOutsideStripe => (
            "Pay for invoices outside Stripe",
            "Terms that pay for invoices marked as paid outside Stripe would count this payment.",
        ),
        NoCommission::RoundsToZero => (
            "Pay more for small payments",
            "The commission on this amount is less than the smallest currency unit.",
        ),
        _ => return None,
    };
    Some(Advice::new(title, text).at(Place::Terms))
}

fn of_check(reason: &CheckReason, payment: &Payment) -> Option<Advice> {
    Some(match reason {
        CheckReason::NoToken => Advice {
            sample: true,
            ..Advice::new(
                "Carry the click into the checkout",
                "This checkout carried no click token, so a buyer who clicked a link could not be recognized. \
                 With the token in its metadata, or as its client reference, it would have matched.",
            )
            .at(Place::Tracking)
        },
        CheckReason::ClickExpired { .. } => match window_needed(payment) {
            Some(days) => Advice::new(
                "Set a longer cookie window",
                format!("With a window of {days} days the click would have counted."),
            ),
            None => Advice::new("Set a longer cookie window", "The click was older than the cookie window."),
        }
        .at(Place::Terms),
        CheckReason::UnknownToken { .. } => Advice::new(
            "Check where the token comes from",
            "The checkout carried a token that is not a click of this program. It may belong to another program, or to a test installation.",
        )
        .at(Place::Tracking),
        CheckReason::ClickAfterPayment { .. } => Advice::new(
            "Set the token before the payment",
            "The only click came after the purchase, so it cannot have led to it.",
        ),
        CheckReason::AffiliateNotActive { .. } => Advice::new(
            "Approve affiliates before they share links",
            "Clicks aren’t tracked while an affiliate is pending or suspended.",
        )
        .at(Place::Affiliates),
        CheckReason::ProgramNotRunning { .. } => {
            Advice::new("Resume the program", "Clicks aren’t tracked while it is paused.").at(Place::Settings)
        }
        CheckReason::CodeUnassigned { .. } => Advice::new(
            "Assign the promotion code to an affiliate",
            "The promotion code used belongs to no affiliate. It counts from the day you assign it.",
        )
        .at(Place::Affiliates),
        CheckReason::CodeTooNew { .. } => Advice::new(
            "Assign codes before they are used",
            "The code was assigned to its affiliate after this payment.",
        ),
        CheckReason::LeadsDisagree { .. }
        | CheckReason::LeadAfterPayment { .. }
        | CheckReason::LeadDoubted { .. } => Advice::new(
            "Report leads from your server",
            "Anyone can send a lead from a browser. One that your server sends or signs counts by itself.",
        )
        .at(Place::Tracking),
        CheckReason::NoLead => Advice::new(
            "Report sign-ups as leads",
            "With Honeyguide.lead({email}) on the sign-up page, a buyer is recognized on another device too.",
        )
        .at(Place::Tracking),
        CheckReason::NoEmail => Advice::new(
            "Ask for the email address in the checkout",
            "Stripe sent no address, so no lead could be looked up.",
        ),
        CheckReason::Assigned { .. }
        | CheckReason::NotAffiliateSale { .. }
        | CheckReason::Attributed { .. }
        | CheckReason::NotAttributed
        | CheckReason::CodeFound { .. }
        | CheckReason::NoCode
        | CheckReason::ClickFound { .. }
        | CheckReason::LeadFound { .. } => return None,
    })
}

/// The shortest window in days under which the click that the payment carried would have
/// counted.
fn window_needed(payment: &Payment) -> Option<i64> {
    let expired = payment.checks.iter().filter_map(|check| match check.reason {
        CheckReason::ClickExpired { clicked_at, ordered_at, .. } => Some(ordered_at.since_ms(clicked_at)),
        _ => None,
    });
    expired.filter(|ms| *ms > 0).min().map(|ms| (ms + DAY_MS - 1) / DAY_MS)
}
