//! From all facts about one buyer to payments, credit and commission.
//!
//! [`evaluate`] is a pure function of a *set* of facts: it sorts them by Stripe's own times
//! before it looks at them, so the order and the number of their arrivals cannot matter.
//! What is already in the ledger is compared with its answer afterwards, and only the
//! difference is booked. This is how "never twice" and "any order" are the same promise
//! (Stripe docs: webhooks, event ordering).

mod affiliate;
mod credit;
mod decisions;
mod groups;
mod money_back;
mod payments;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::affiliates::AffiliateStatus;
use crate::clicks::ClickToken;
use crate::clock::{SECOND_MS, Timestamp};
use crate::emails::Email;
use crate::explain::{NoCredit, Proof, ProofTried};
use crate::facts::EventFacts;
use crate::ids::{AffiliateId, ProgramId, TermsId};
use crate::money::Currency;
use crate::programs::{History, ProgramStatus};
use crate::terms::TermsVersion;

/// How long a charge that may belong to an invoice waits for it, when the API version
/// does not say (from 2025-03-31.basil on a charge no longer names its invoice).
pub const LINK_GRACE_MS: i64 = 60 * crate::clock::MINUTE_MS;

/// A click, as far as attribution asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClickSeen {
    /// When, by our own clock.
    pub at: Timestamp,
    /// Whose link.
    pub affiliate_id: AffiliateId,
    /// Of which program.
    pub program_id: ProgramId,
    /// The link's code, for the sentence.
    pub link_code: String,
}

/// An address that the site reported for a click.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadSeen {
    /// The address.
    pub email: Email,
    /// The click.
    pub click: ClickToken,
    /// When it was reported.
    pub at: Timestamp,
}

/// A promotion code that belongs to an affiliate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CouponSeen {
    /// Whose.
    pub affiliate_id: AffiliateId,
    /// The code as buyers type it.
    pub code: String,
    /// Since when it is theirs.
    pub since: Timestamp,
}

/// An affiliate, as far as attribution asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AffiliateSeen {
    /// Their name, for the sentence.
    pub name: String,
    /// What they were when.
    pub history: History<AffiliateStatus>,
}

/// What a person decided about a payment. It stands in for the proofs, and may hold for
/// the customer's later payments too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// One of the payment's Stripe ids: it finds its payment again after any merge.
    pub stripe_id: String,
    /// Who is credited; nobody when it is not an affiliate sale.
    pub affiliate_id: Option<AffiliateId>,
    /// Whether it holds for the customer's later payments too.
    pub later: bool,
    /// Who decided, for the sentence.
    pub by: String,
    /// When, by our own clock. Of two decisions about what turns out to be one payment the
    /// later one holds.
    pub at: Timestamp,
}

/// Everything that the rules look up, loaded beforehand.
#[derive(Debug, Clone)]
pub struct Context {
    /// Whose rules.
    pub program_id: ProgramId,
    /// Its currency, for fixed commissions.
    pub currency: Currency,
    /// Its time zone, for calendar months.
    pub time_zone: String,
    /// Whether it ran when.
    pub program_history: History<ProgramStatus>,
    /// All versions of its terms.
    pub terms: Vec<TermsVersion>,
    /// The clicks that the facts name and that exist.
    pub clicks: BTreeMap<ClickToken, ClickSeen>,
    /// The leads of the addresses that the facts name.
    pub leads: Vec<LeadSeen>,
    /// The promotion codes that the facts name and that belong to somebody.
    pub coupons: BTreeMap<String, CouponSeen>,
    /// What people decided about the buyer's payments.
    pub decisions: Vec<Decision>,
    /// Every affiliate that is named above.
    pub affiliates: BTreeMap<AffiliateId, AffiliateSeen>,
    /// How long an unlinked charge waits, milliseconds.
    pub link_grace_ms: i64,
}

/// The better a payment's kind, the better it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaymentKind {
    /// Known by its invoice.
    Invoice,
    /// Known by its payment intent.
    PaymentIntent,
    /// Known by its charge.
    Charge,
    /// Known by its Checkout Session alone.
    Session,
}

/// How a payment stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentState {
    /// The money is there.
    Paid,
    /// Something is missing; until when we wait, if there is an end to it.
    Waiting {
        /// A stable word such as `waits_for_invoice`.
        reason: &'static str,
        /// When it is looked at again.
        until: Option<Timestamp>,
    },
    /// It will not come.
    Failed,
    /// There was nothing to pay.
    Free,
}

/// Who is credited, and with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    /// The affiliate.
    pub affiliate_id: AffiliateId,
    /// The proof that decided.
    pub proof: Proof,
    /// The click behind it, where there is one.
    pub click: Option<ClickToken>,
    /// The version of the terms.
    pub terms_id: TermsId,
    /// The commission on the whole base, minor units of `currency`.
    pub commission: i64,
    /// How much of it refunds and disputes take back, 0 to `commission`.
    pub reversed: i64,
    /// The currency of the commission.
    pub currency: Currency,
    /// When it becomes payable.
    pub hold_until: Timestamp,
}

/// One payment, evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it; amounts are minor units of `currency`")]
pub struct EvaluatedPayment {
    pub kind: PaymentKind,
    pub canonical_id: String,
    pub aliases: BTreeSet<String>,
    pub state: PaymentState,
    pub currency: Option<Currency>,
    /// What was really paid, tax and shipping included.
    pub gross: i64,
    /// What commission is counted on: without tax and shipping.
    pub base: i64,
    /// What was captured; refunds and disputes are shares of it.
    pub captured: i64,
    pub refunded: i64,
    pub disputed: i64,
    /// Whether a dispute is open, so that nothing may be paid out.
    pub dispute_open: bool,
    pub paid_at: Timestamp,
    pub subscription: Option<String>,
    pub billing_reason: Option<String>,
    pub label: Option<String>,
    pub email: Option<Email>,
    /// Which of the customer's paid payments this is: 1 for the first.
    pub number: i64,
    pub proofs: Vec<ProofTried>,
    pub credit: Option<Credit>,
    pub no_credit: Option<NoCredit>,
}

/// To whom the buyer belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The affiliate.
    pub affiliate_id: AffiliateId,
    /// Since when, by the time of the payment or sign-up that bound them.
    pub at: Timestamp,
    /// The proof that did.
    pub proof: Proof,
    /// The click behind it.
    pub click: Option<ClickToken>,
}

/// One buyer, evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// In order of time.
    pub payments: Vec<EvaluatedPayment>,
    /// To whom they belong.
    pub binding: Option<Binding>,
    /// Their Stripe customer, if they have one.
    pub stripe_customer: Option<String>,
    /// Their newest address.
    pub email: Option<Email>,
    /// When something that waits must be looked at again.
    pub reevaluate_at: Option<Timestamp>,
}

impl Evaluation {
    /// The payment intents of which it is not known whether they paid an invoice: where
    /// Stripe can be asked, its answer spares them the wait.
    pub fn unlinked_intents(&self) -> impl Iterator<Item = &str> {
        let waits = |payment: &&EvaluatedPayment| {
            matches!(payment.state, PaymentState::Waiting { until: Some(_), .. })
        };
        self.payments
            .iter()
            .filter(waits)
            .filter_map(|payment| payment.aliases.iter().find(|id| id.starts_with("pi_")))
            .map(String::as_str)
    }
}

/// The last moment that a time of Stripe's may mean. Theirs are whole seconds, ours are
/// milliseconds: a click half a second before a payment carries the larger number.
const fn latest(stripe_time: Timestamp) -> Timestamp {
    stripe_time.plus_ms(SECOND_MS - 1)
}

/// Settles one buyer: all facts that share an id with each other, in any order, with
/// repetitions.
pub fn evaluate(facts: &[EventFacts], context: &Context, now: Timestamp) -> Evaluation {
    let mut facts: Vec<&EventFacts> = facts.iter().collect();
    facts.sort_by(|a, b| (a.created, &a.event).cmp(&(b.created, &b.event)));
    facts.dedup_by(|a, b| a.event == b.event);

    let groups = groups::group(&facts);
    let mut payments: Vec<EvaluatedPayment> =
        groups.iter().map(|group| payments::pay(group, context, now)).collect();
    payments.sort_by(|a, b| (a.paid_at, &a.canonical_id).cmp(&(b.paid_at, &b.canonical_id)));
    let mut number = 0;
    for payment in payments.iter_mut().filter(|p| p.state == PaymentState::Paid) {
        number += 1;
        payment.number = number;
    }
    let attribution = affiliate::attribute(&facts, &mut payments, context);
    credit::credit(&facts, &mut payments, &attribution, context);

    Evaluation {
        binding: attribution.binding,
        stripe_customer: facts
            .iter()
            .flat_map(|f| f.fact.ids())
            .find(|id| id.starts_with("cus_"))
            .map(str::to_owned),
        email: facts.iter().rev().filter_map(|f| f.fact.hints()).flat_map(|h| &h.emails).next().cloned(),
        reevaluate_at: payments
            .iter()
            .filter_map(|p| match p.state {
                PaymentState::Waiting { until, .. } => until,
                _ => None,
            })
            .min(),
        payments,
    }
}
