//! Unit tests of attribution: facts built by hand, and what they evaluate to.

mod attribute;
mod credit;
mod decisions;
mod grouping;
mod holds;
mod leads;
mod order;
mod orders;
mod refunds;
mod rewards;

use std::collections::BTreeMap;

use crate::affiliates::AffiliateStatus;
use crate::checks::NamedAffiliate;
use crate::clicks::ClickToken;
use crate::clock::{MINUTE_MS, Random, Timestamp};
use crate::facts::{
    AlertFact, AlertKind, Carried, Carrier, ChargeFact, ChargeInvoice, CreditNoteFact, CustomerFact,
    DisputeFact, DisputeStatus, DisputeStep, EventFacts, Fact, Hints, InvoiceFact, InvoicePaymentFact,
    NoInvoiceFact, RefundFact, RefundStatus, SessionFact, SessionPayment, SubscriptionFact,
    SubscriptionStatus,
};
use crate::ids::{AffiliateId, LinkId, ProgramId, TermsId};
use crate::leads::{LeadDoubt, LeadProof};
use crate::money::Currency;
use crate::no_commission::NoCommission;
use crate::programs::{History, ProgramStatus};
use crate::terms::{Commission, Recurrence, Rewards, Terms, TermsVersion};

use super::{
    AffiliateSeen, ClickSeen, Context, CouponSeen, Decision, EvaluatedPayment, Evaluation, LINK_GRACE_MS,
    LeadSeen, evaluate,
};

/// 2 March 2026, 9:00 in UTC.
const START: Timestamp = Timestamp::from_seconds(1_772_442_000);

fn usd() -> Currency {
    "usd".parse().unwrap()
}

fn after(minutes: i64) -> Timestamp {
    START.plus_ms(minutes * MINUTE_MS)
}

/// 20% for life, within 30 days.
fn rules() -> Terms {
    paying(Commission::Percent { rate_bps: 2_000 }, Recurrence::Lifetime)
}

fn paying(commission: Commission, recurrence: Recurrence) -> Terms {
    Terms { rewards: Rewards::simple(commission, recurrence), ..Terms::default() }
}

/// 20% for as long as it says.
fn lasting(recurrence: Recurrence) -> Terms {
    paying(Commission::Percent { rate_bps: 2_000 }, recurrence)
}

fn random() -> Random {
    Random::seeded(9)
}

fn affiliate(name: &str) -> AffiliateId {
    AffiliateId::new(Timestamp(0), &Random::seeded(name.len() as u64 + u64::from(name.as_bytes()[0])))
}

fn token(name: &str) -> ClickToken {
    format!("hgc_{name:_<30}").parse().unwrap()
}

/// A running program with terms since long ago and no affiliates.
fn context() -> Context {
    let program_id = ProgramId::new(Timestamp(0), &random());
    Context {
        terms: vec![terms(1, rules(), Timestamp(0))],
        program_id,
        currency: usd(),
        program_history: History::new(vec![(Timestamp(0), ProgramStatus::Active)]),
        clicks: BTreeMap::new(),
        leads: Vec::new(),
        coupons: BTreeMap::new(),
        decisions: Vec::new(),
        affiliates: BTreeMap::new(),
        link_grace_ms: LINK_GRACE_MS,
    }
}

fn terms(version: i64, terms: Terms, starts_at: Timestamp) -> TermsVersion {
    let random = Random::seeded(version.unsigned_abs());
    let program_id = ProgramId::new(Timestamp(0), &random);
    TermsVersion { id: TermsId::new(Timestamp(0), &random), program_id, version, terms, starts_at }
}

impl Context {
    fn under(self, rules: Terms) -> Self {
        Self { terms: vec![terms(1, rules, Timestamp(0))], ..self }
    }

    fn with_affiliate(mut self, name: &str) -> Self {
        self.affiliates.entry(affiliate(name)).or_insert_with(|| AffiliateSeen {
            name: name.to_owned(),
            emails: ["affiliates", "accounts"]
                .map(|host| format!("{name}@{host}.example").parse().unwrap())
                .to_vec(),
            history: History::new(vec![(Timestamp(0), AffiliateStatus::Active)]),
        });
        self
    }

    /// A click named `click` on an affiliate's link.
    fn with_click(self, click: &str, name: &str, at: Timestamp) -> Self {
        let mut context = self.with_affiliate(name);
        let program_id = context.program_id.clone();
        let link_code = name.to_owned();
        let link_id = LinkId::new(Timestamp(0), &Random::seeded(1));
        let seen = ClickSeen { at, affiliate_id: affiliate(name), program_id, link_id, link_code };
        context.clicks.insert(token(click), seen);
        context
    }

    /// A lead that the merchant's server vouches for.
    fn with_lead(self, email: &str, click: &str, at: Timestamp) -> Self {
        self.with_lead_of(email, click, at, LeadProof::Server, None)
    }

    /// A lead that only a page vouches for.
    fn with_hint(self, email: &str, click: &str, at: Timestamp) -> Self {
        self.with_lead_of(email, click, at, LeadProof::Browser, None)
    }

    fn with_lead_of(
        mut self,
        email: &str,
        click: &str,
        at: Timestamp,
        proof: LeadProof,
        doubt: Option<LeadDoubt>,
    ) -> Self {
        self.leads.push(LeadSeen { email: email.parse().unwrap(), click: token(click), at, proof, doubt });
        self
    }

    fn with_code(self, id: &str, name: &str, since: Timestamp) -> Self {
        let mut context = self.with_affiliate(name);
        context.coupons.entry(id.to_owned()).or_default().push(CouponSeen {
            affiliate_id: affiliate(name),
            code: "CODE".to_owned(),
            since,
            until: None,
        });
        context
    }
}

impl Context {
    /// Hanna decides about a payment, minutes after the start.
    fn with_decision(self, stripe_id: &str, name: Option<&str>, later_payments: bool, minutes: i64) -> Self {
        let mut context = match name {
            Some(name) => self.with_affiliate(name),
            None => self,
        };
        context.decisions.push(Decision {
            stripe_id: stripe_id.to_owned(),
            affiliate_id: name.map(affiliate),
            later_payments,
            by: "Hanna".to_owned(),
            at: after(minutes),
        });
        context
    }
}

fn carrying(clicks: &[&str]) -> Hints {
    let carried = |name: &&str| Carried { carrier: Carrier::ChargeMetadata, token: token(name) };
    Hints { tokens: clicks.iter().map(carried).collect(), ..Hints::default() }
}

fn event(id: &str, created: Timestamp, fact: Fact) -> EventFacts {
    EventFacts { event: format!("evt_{id}"), created, fact }
}

/// A captured charge of 100.00 that no invoice stands behind.
fn charge(number: u32, at: Timestamp) -> ChargeFact {
    ChargeFact {
        id: format!("ch_{number}"),
        succeeded: true,
        payment_intent: Some(format!("pi_{number}")),
        invoice: ChargeInvoice::None,
        customer: Some("cus_1".to_owned()),
        amount: 10_000,
        amount_captured: 10_000,
        captured: true,
        amount_refunded: 0,
        currency: usd(),
        charged_at: at,
        settled_at: Some(at),
        label: None,
        hints: Hints::default(),
    }
}

fn charged(charge: ChargeFact) -> EventFacts {
    event(&format!("charged_{}", charge.id), charge.charged_at, Fact::Charge(charge))
}

fn refund(number: u32, charge: u32, amount: i64, status: RefundStatus) -> RefundFact {
    RefundFact {
        id: format!("re_{number}"),
        charge: Some(format!("ch_{charge}")),
        payment_intent: Some(format!("pi_{charge}")),
        amount,
        status,
        currency: usd(),
    }
}

fn dispute(step: DisputeStep, status: DisputeStatus, amount: i64) -> DisputeFact {
    DisputeFact {
        id: "dp_1".to_owned(),
        charge: Some("ch_1".to_owned()),
        payment_intent: Some("pi_1".to_owned()),
        amount,
        taken: None,
        status,
        step,
        currency: usd(),
    }
}

/// A paid invoice of 100.00 of a subscription, in the shape that names no charge.
fn invoice(number: u32, at: Timestamp) -> InvoiceFact {
    InvoiceFact {
        id: format!("in_{number}"),
        paid: true,
        customer: Some("cus_1".to_owned()),
        subscription: Some("sub_1".to_owned()),
        payment_intents: Vec::new(),
        charges: Vec::new(),
        amount_paid: 10_000,
        outside_stripe: None,
        starting_balance: 0,
        total: 10_000,
        total_excluding_tax: 10_000,
        amount_shipping: 0,
        currency: usd(),
        created_at: Some(at),
        paid_at: at,
        period_start: Some(at),
        latest_period_start: Some(at),
        billing_reason: Some("subscription_cycle".to_owned()),
        label: None,
        items: Vec::new(),
        hints: Hints::default(),
    }
}

fn invoiced(invoice: InvoiceFact) -> EventFacts {
    event(&format!("paid_{}", invoice.id), invoice.paid_at, Fact::Invoice(invoice))
}

/// A paid session for 100.00 without an invoice.
fn session(number: u32) -> SessionFact {
    SessionFact {
        id: format!("cs_{number}"),
        subscription_mode: false,
        payment: SessionPayment::Paid,
        invoice: None,
        payment_intent: Some(format!("pi_{number}")),
        customer: Some("cus_1".to_owned()),
        subscription: None,
        amount_total: 10_000,
        amount_tax: 0,
        amount_shipping: 0,
        currency: Some(usd()),
        created_at: None,
        hints: Hints::default(),
    }
}

fn link(invoice: u32, payment: u32) -> InvoicePaymentFact {
    InvoicePaymentFact {
        id: "inpay_1".to_owned(),
        invoice: format!("in_{invoice}"),
        payment_intent: Some(format!("pi_{payment}")),
        charge: None,
        payment_record: None,
        amount_paid: None,
    }
}

fn subscription(status: SubscriptionStatus, ended_at: Option<Timestamp>) -> SubscriptionFact {
    SubscriptionFact {
        id: "sub_1".to_owned(),
        customer: Some("cus_1".to_owned()),
        status,
        created_at: None,
        ended_at,
        hints: Hints::default(),
    }
}

/// Long after everything.
fn evaluate_all(facts: &[EventFacts], context: &Context) -> Evaluation {
    evaluate(facts, context, START.plus_days(3_650))
}

/// What the only payment earned.
fn only(evaluated: &Evaluation) -> &EvaluatedPayment {
    let [payment] = evaluated.payments.as_slice() else { panic!("one payment: {:#?}", evaluated.payments) };
    payment
}

/// Commission and what of it was reversed.
fn earned(payment: &EvaluatedPayment) -> (i64, i64) {
    payment.credit.as_ref().map_or((0, 0), |credit| (credit.commission, credit.reversed))
}

/// The word for why a payment earns nothing.
fn reason(payment: &EvaluatedPayment) -> &str {
    payment.no_commission.as_ref().map_or("credited", NoCommission::word)
}

fn named(name: &str) -> NamedAffiliate {
    NamedAffiliate { id: affiliate(name), name: name.to_owned() }
}
