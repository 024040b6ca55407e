//! From all facts about one customer to payments, attribution and commission.
//!
//! [`evaluate`] is a pure function of a *set* of facts: it sorts them by Stripe's own times
//! before it looks at them, so the order and the number of their arrivals cannot matter.
//! What is already in the ledger is compared with its result afterwards, and only the
//! difference is written. This is how "never twice" and "any order" are the same promise
//! (Stripe docs: webhooks, event ordering).

mod alerts;
mod attribute;
mod checks;
mod clicks;
mod credit;
mod decisions;
mod evidence;
mod groups;
mod leads;
mod payments;
mod refunds;
mod rewards;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::affiliates::AffiliateStatus;
use crate::checks::{Check, CheckKind, NamedAffiliate};
use crate::clicks::ClickToken;
use crate::clock::{MINUTE_MS, SECOND_MS, Timestamp};
use crate::commissions::HoldReason;
use crate::emails::Email;
use crate::facts::EventFacts;
use crate::ids::{AffiliateId, LinkId, ProgramId, TermsId};
use crate::items::Item;
use crate::leads::{LeadDoubt, LeadProof};
use crate::money::Currency;
use crate::no_commission::{NoCommission, WaitReason};
use crate::programs::{History, ProgramStatus};
use crate::terms::{AppliedReward, TermsVersion};

pub use alerts::OpenAlert;

/// How long a charge that may belong to an invoice waits for it, when the API version
/// does not say (from 2025-03-31.basil on a charge no longer names its invoice).
pub const LINK_GRACE_MS: i64 = 60 * MINUTE_MS;

/// A click, as far as attribution asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClickSeen {
    /// When, by our own clock.
    pub at: Timestamp,
    /// The affiliate whose link it was.
    pub affiliate_id: AffiliateId,
    /// The program of the link.
    pub program_id: ProgramId,
    /// The link.
    pub link_id: LinkId,
    /// The link's code.
    pub link_code: String,
}

/// An address that the site reported for a click.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadSeen {
    /// The address.
    pub email: Email,
    /// The click.
    pub click: ClickToken,
    /// When it was reported, by our own clock.
    pub at: Timestamp,
    /// Who vouches for it.
    pub proof: LeadProof,
    /// Why it only suggests its affiliate; absent for one that counts.
    pub doubt: Option<LeadDoubt>,
}

/// A promotion code that belongs to an affiliate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CouponSeen {
    /// The affiliate.
    pub affiliate_id: AffiliateId,
    /// The code as buyers enter it.
    pub code: String,
    /// When it was given to them.
    pub since: Timestamp,
    /// When it was taken away from them.
    pub until: Option<Timestamp>,
}

/// An affiliate, as far as attribution asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AffiliateSeen {
    /// Their name.
    pub name: String,
    /// Their addresses: the one that the program knows, and the one that they sign in with.
    pub emails: Vec<Email>,
    /// Their status over time.
    pub history: History<AffiliateStatus>,
}

/// What a person decided about a payment. It replaces the checks, and may cover the
/// customer's later payments too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// One of the payment's Stripe ids: it finds its payment again after any merge.
    pub stripe_id: String,
    /// Who is credited; absent when it is not an affiliate sale.
    pub affiliate_id: Option<AffiliateId>,
    /// Whether it covers the customer's later payments too.
    pub later_payments: bool,
    /// The name of the person who decided.
    pub by: String,
    /// When, by our own clock. Of two decisions about what turns out to be one payment the
    /// later one holds.
    pub at: Timestamp,
}

/// Everything that the rules look up, loaded beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The program.
    pub program_id: ProgramId,
    /// Its currency, for fixed commissions.
    pub currency: Currency,
    /// Its status over time.
    pub program_history: History<ProgramStatus>,
    /// All versions of its terms.
    pub terms: Vec<TermsVersion>,
    /// The clicks that the facts name and that exist.
    pub clicks: BTreeMap<ClickToken, ClickSeen>,
    /// The leads of the addresses that the facts name.
    pub leads: Vec<LeadSeen>,
    /// The promotion codes that the facts name and that belong to affiliates, one after the
    /// other.
    pub coupons: BTreeMap<String, Vec<CouponSeen>>,
    /// What people decided about the customer's payments.
    pub decisions: Vec<Decision>,
    /// Every affiliate that is named above, and those whom the customer's payments were credited
    /// to before.
    pub affiliates: BTreeMap<AffiliateId, AffiliateSeen>,
    /// How long an unlinked charge waits, milliseconds.
    pub link_grace_ms: i64,
}

impl Context {
    /// An affiliate with their name.
    fn named(&self, id: &AffiliateId) -> NamedAffiliate {
        let name = self.affiliates.get(id).map_or_else(|| id.to_string(), |seen| seen.name.clone());
        NamedAffiliate { id: id.clone(), name }
    }
}

crate::word_enum! {
    /// The object of Stripe by which a payment is known best. The first is the best.
    pub enum PaymentKind {
        /// Known by its invoice.
        Invoice = "invoice",
        /// Known by its payment intent.
        PaymentIntent = "payment_intent",
        /// Known by its charge.
        Charge = "charge",
        /// Known by its Checkout Session alone.
        Session = "checkout_session",
    }
}

crate::word_enum! {
    /// The status of a payment.
    pub enum PaymentStatus {
        /// The money is there.
        Paid = "paid",
        /// Something is missing.
        Waiting = "waiting",
        /// It will not come.
        Failed = "failed",
        /// There was nothing to pay.
        Free = "free",
        /// It turned out to be another payment.
        Merged = "merged",
    }
}

/// The status that facts give a payment, with what it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvaluatedStatus {
    /// The money is there.
    Paid,
    /// Something is missing.
    Waiting {
        /// What is missing.
        reason: WaitReason,
        /// When the payment is evaluated again, if the wait has an end.
        until: Option<Timestamp>,
    },
    /// It will not come.
    Failed,
    /// There was nothing to pay.
    Free,
}

impl EvaluatedStatus {
    /// Without what it waits for.
    pub const fn status(self) -> PaymentStatus {
        match self {
            Self::Paid => PaymentStatus::Paid,
            Self::Waiting { .. } => PaymentStatus::Waiting,
            Self::Failed => PaymentStatus::Failed,
            Self::Free => PaymentStatus::Free,
        }
    }

    /// When the payment is evaluated again, if it waits and the wait has an end.
    pub const fn reevaluate_at(self) -> Option<Timestamp> {
        match self {
            Self::Waiting { until, .. } => until,
            Self::Paid | Self::Failed | Self::Free => None,
        }
    }
}

/// Who is credited, and with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credit {
    /// The affiliate.
    pub affiliate_id: AffiliateId,
    /// The check that decided.
    pub check: CheckKind,
    /// The click behind it, where there is one.
    pub click: Option<ClickToken>,
    /// The version of the terms.
    pub terms_id: TermsId,
    /// The reward that decided, and why the ones before it did not.
    pub reward: AppliedReward,
    /// What of the payment's base the reward is for, minor units of the payment's currency.
    pub base: i64,
    /// The commission on that base within the caps, minor units of `currency`.
    pub commission: i64,
    /// How much of it refunds and disputes take back, 0 to `commission`.
    pub reversed: i64,
    /// The currency of the commission.
    pub currency: Currency,
    /// When it becomes payable.
    pub hold_until: Timestamp,
    /// Why it is held back beyond the hold period.
    pub hold: Option<HoldReason>,
}

/// One payment, evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it; amounts are minor units of `currency`")]
pub struct EvaluatedPayment {
    pub kind: PaymentKind,
    pub canonical_id: String,
    pub aliases: BTreeSet<String>,
    pub status: EvaluatedStatus,
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
    /// An alert of Stripe's that holds the commission.
    pub alert: Option<OpenAlert>,
    /// Whether all of it was paid outside Stripe.
    pub outside_stripe: bool,
    /// When the money arrived.
    pub paid_at: Timestamp,
    /// When the buyer decided to buy: the order of this payment, or of its subscription.
    pub ordered_at: Timestamp,
    /// When the buyer completed its checkout.
    pub completed_at: Option<Timestamp>,
    /// Until when evidence belongs to this payment.
    pub evidence_until: Timestamp,
    /// The earliest beginning of a period that its invoice bills.
    pub period_start: Option<Timestamp>,
    /// The latest one.
    pub latest_period_start: Option<Timestamp>,
    pub subscription: Option<String>,
    pub billing_reason: Option<String>,
    pub label: Option<String>,
    /// The lines of its invoice.
    pub items: Vec<Item>,
    /// The customer's country, from its own facts or else from others of the customer.
    pub country: Option<String>,
    pub email: Option<Email>,
    /// Which of the customer's paid payments this is: 1 for the first.
    pub payment_number: i64,
    pub checks: Vec<Check>,
    pub credit: Option<Credit>,
    pub no_commission: Option<NoCommission>,
}

/// The attribution of a customer to an affiliate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribution {
    /// The affiliate.
    pub affiliate_id: AffiliateId,
    /// The time of the payment or sign-up that attributed them.
    pub since: Timestamp,
    /// The check that decided.
    pub check: CheckKind,
    /// The click behind it.
    pub click: Option<ClickToken>,
}

/// One customer, evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// In order of time.
    pub payments: Vec<EvaluatedPayment>,
    /// Their attribution.
    pub attribution: Option<Attribution>,
    /// Their Stripe customer, if they have one.
    pub stripe_customer: Option<String>,
    /// Their newest address.
    pub email: Option<Email>,
    /// When something that waits must be evaluated again.
    pub reevaluate_at: Option<Timestamp>,
}

impl Evaluation {
    /// The payment intents of which it is not known whether they paid an invoice: where
    /// Stripe can be asked, its answer spares them the wait.
    pub fn unlinked_intents(&self) -> impl Iterator<Item = &str> {
        let waits = |payment: &&EvaluatedPayment| payment.status.reevaluate_at().is_some();
        self.payments
            .iter()
            .filter(waits)
            .filter_map(|payment| payment.aliases.iter().find(|id| id.starts_with("pi_")))
            .map(String::as_str)
    }
}

/// The last moment that a time of Stripe's may mean. Theirs are whole seconds, ours are
/// milliseconds: a click half a second before a payment carries the larger number.
const fn end_of_second(stripe_time: Timestamp) -> Timestamp {
    stripe_time.plus_ms(SECOND_MS - 1)
}

/// How far our clock may be ahead of Stripe's, or the other way round: as much as their
/// signatures allow.
pub(crate) const CLOCK_TOLERANCE_MS: i64 = 5 * MINUTE_MS;

/// Evaluates one customer: all facts that share an id with each other, in any order, with
/// repetitions.
pub fn evaluate(facts: &[EventFacts], context: &Context, now: Timestamp) -> Evaluation {
    let mut facts: Vec<&EventFacts> = facts.iter().collect();
    facts.sort_by(|a, b| (a.created, &a.event).cmp(&(b.created, &b.event)));
    facts.dedup_by(|a, b| a.event == b.event);

    let groups = groups::group(&facts);
    let mut payments: Vec<EvaluatedPayment> =
        groups.iter().map(|group| payments::evaluate(group, context, now)).collect();
    payments.sort_by(|a, b| (a.paid_at, &a.canonical_id).cmp(&(b.paid_at, &b.canonical_id)));
    let mut number = 0;
    for payment in payments.iter_mut().filter(|p| credit::counts_as_paid(p, context)) {
        number += 1;
        payment.payment_number = number;
    }
    rewards::fill_countries(&facts, &mut payments);
    let attributions = attribute::attribute(&facts, &mut payments, context);
    credit::credit(&facts, &mut payments, &attributions.payments, context);

    Evaluation {
        attribution: attributions.customer,
        stripe_customer: facts
            .iter()
            .flat_map(|f| f.fact.ids())
            .find(|id| id.starts_with("cus_"))
            .map(str::to_owned),
        email: facts.iter().rev().filter_map(|f| f.fact.hints()).flat_map(|h| &h.emails).next().cloned(),
        reevaluate_at: payments.iter().filter_map(|p| p.status.reevaluate_at()).min(),
        payments,
    }
}
