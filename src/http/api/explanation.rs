//! Why a payment was credited, or why not, and how its commission was counted.

use domain::explain::{ProofTried, Verdict};
use domain::money::Money;
use domain::terms::{Commission, TermsVersion, rate_text};
use engine::ledger::conversions::Conversion;
use engine::ledger::payments::Payment;
use serde::Serialize;
use utoipa::ToSchema;

use super::terms::TermsBody;
use super::values::MoneyBody;
use super::words;

/// A proof, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProofTried, example = json!({
    "proof": "metadata",
    "title": "Click token in the metadata",
    "verdict": "decided",
    "reason": "click_found",
    "sentence": "The metadata of the checkout session carries a click on /r/maya, 3 days before the payment.",
}))]
pub struct ProofBody {
    /// Which proof.
    #[schema(value_type = words::Proof)]
    proof: &'static str,
    /// Its name for people.
    title: &'static str,
    /// What came of it.
    #[schema(value_type = words::Verdict)]
    verdict: &'static str,
    /// A stable word, such as `click_expired`.
    reason: String,
    /// What was found, for people.
    sentence: String,
}

impl From<ProofTried> for ProofBody {
    fn from(tried: ProofTried) -> Self {
        Self {
            proof: tried.proof.word(),
            title: tried.proof.title(),
            verdict: match tried.verdict {
                Verdict::Decided => "decided",
                Verdict::NoMatch => "no_match",
                Verdict::Refused => "refused",
                Verdict::NotNeeded => "not_needed",
            },
            reason: tried.reason,
            sentence: tried.sentence,
        }
    }
}

/// Why a payment was credited to nobody, or to whom it led.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PaymentExplanation)]
pub struct PaymentExplanation {
    /// The proof that led to an affiliate.
    #[schema(value_type = Option<words::Proof>)]
    decided_by: Option<&'static str>,
    /// A stable word that says why nothing is earned, such as `no_proof`.
    #[schema(example = "no_proof")]
    reason: Option<String>,
    /// The same for people, with what would have helped.
    sentence: Option<String>,
    /// The proofs that were tried, in order.
    proofs: Vec<ProofBody>,
}

fn decided_by(proofs: &[ProofTried]) -> Option<&'static str> {
    proofs.iter().find(|tried| tried.verdict == Verdict::Decided).map(|tried| tried.proof.word())
}

impl PaymentExplanation {
    /// Of a payment.
    pub fn of(payment: &Payment) -> Self {
        Self {
            decided_by: decided_by(&payment.proofs),
            reason: payment.reason.clone(),
            sentence: payment.reason_text.clone(),
            proofs: payment.proofs.iter().cloned().map(ProofBody::from).collect(),
        }
    }
}

/// Why a conversion belongs to its affiliate, and how its commission was counted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConversionExplanation)]
pub struct ConversionExplanation {
    /// The proof that decided.
    #[schema(value_type = words::Proof)]
    decided_by: &'static str,
    /// The proofs that were tried, in order.
    proofs: Vec<ProofBody>,
    /// The terms that it was made under.
    terms: TermsBody,
    calculation: Calculation,
}

/// How a commission was counted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Calculation {
    /// What was really paid.
    paid: MoneyBody,
    /// What the commission is counted on: without tax and shipping.
    base: MoneyBody,
    /// The commission on the whole base.
    commission: MoneyBody,
    /// How much of it refunds and disputes took back.
    reversed: MoneyBody,
    /// What is left.
    net: MoneyBody,
    /// The same for people.
    #[schema(example = "25% of 80.00 USD is 20.00 USD; 5.00 USD was taken back")]
    sentence: String,
}

impl Calculation {
    /// Of a conversion under its terms.
    fn of(conversion: &Conversion, terms: &TermsVersion) -> Self {
        let base = Money::new(conversion.base, conversion.currency);
        let owed = |minor| Money::new(minor, conversion.commission_currency);
        let (commission, reversed) = (owed(conversion.commission), owed(conversion.reversed));
        let mut sentence = match terms.terms.commission {
            Commission::Percent { rate_bps } => format!("{} of {base} is {commission}", rate_text(rate_bps)),
            Commission::Fixed { .. } => format!("{commission} for each payment"),
        };
        if conversion.canceled {
            sentence.push_str("; the credit was withdrawn");
        } else if reversed.minor != 0 {
            sentence.push_str(&format!("; {reversed} was taken back"));
        }
        Self {
            paid: MoneyBody::of(conversion.amount, conversion.currency),
            base: base.into(),
            commission: commission.into(),
            reversed: reversed.into(),
            net: owed(net(conversion)).into(),
            sentence,
        }
    }
}

/// What a conversion earns after all.
pub fn net(conversion: &Conversion) -> i64 {
    if conversion.canceled { 0 } else { conversion.commission.saturating_sub(conversion.reversed) }
}

impl ConversionExplanation {
    /// Of a conversion, its payment and its terms; the terms' amounts are in the program's
    /// currency.
    pub fn of(
        conversion: &Conversion,
        payment: &Payment,
        terms: &TermsVersion,
        program: domain::money::Currency,
    ) -> Self {
        Self {
            decided_by: conversion.method.word(),
            proofs: payment.proofs.iter().cloned().map(ProofBody::from).collect(),
            terms: TermsBody::of(terms, program),
            calculation: Calculation::of(conversion, terms),
        }
    }
}
