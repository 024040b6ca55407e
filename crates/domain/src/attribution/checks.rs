//! The checks of one payment: a known customer, promotion codes, click tokens, leads.

use std::collections::BTreeSet;

use crate::checks::{CheckKind, CheckReason};
use crate::clicks::ClickToken;
use crate::clock::Timestamp;
use crate::emails::Email;
use crate::facts::{Carried, Carrier, EventFacts};
use crate::terms::{AttributionPriority, Terms, in_force};

use super::clicks::{affiliate_objection, chosen, judge_click};
use super::{Attribution, Context, Decision, end_of_second, leads};

/// Everything the customer's facts carry.
pub(super) struct Evidence {
    tokens: BTreeSet<Carried>,
    pub codes: BTreeSet<String>,
    emails: BTreeSet<Email>,
}

impl Evidence {
    pub(super) fn of(facts: &[&EventFacts]) -> Self {
        let hints = || facts.iter().filter_map(|event| event.fact.hints());
        Self {
            tokens: hints().flat_map(|h| h.tokens.iter().cloned()).collect(),
            codes: hints().flat_map(|h| h.promotion_codes.iter().cloned()).collect(),
            emails: hints().flat_map(|h| h.emails.iter().cloned()).collect(),
        }
    }
}

/// What holds for a customer's payments from some moment on.
pub(super) enum CustomerStanding<'a> {
    /// Not attributed yet: the checks decide.
    Open,
    /// Attributed to an affiliate.
    Attributed(Attribution),
    /// A person decided that they are not affiliate sales.
    NotAffiliateSales(&'a Decision),
}

/// What a check found, and the click behind it.
pub(super) struct Finding {
    pub kind: CheckKind,
    pub reason: CheckReason,
    pub click: Option<ClickToken>,
}

fn order(rules: Option<&Terms>) -> [CheckKind; 5] {
    use CheckKind::{ClientReference, KnownCustomer, LeadEmail, Metadata, PromotionCode};
    match rules.map(|r| r.attribution_priority) {
        Some(AttributionPriority::Click) => {
            [KnownCustomer, Metadata, ClientReference, PromotionCode, LeadEmail]
        }
        _ => [KnownCustomer, PromotionCode, Metadata, ClientReference, LeadEmail],
    }
}

/// What every check finds, in the order of the terms.
pub(super) fn run_checks(
    at: Timestamp,
    codes: &BTreeSet<String>,
    evidence: &Evidence,
    standing: &CustomerStanding<'_>,
    context: &Context,
) -> Vec<Finding> {
    let rules = in_force(&context.terms, at).map(|terms| terms.terms);
    let rules = rules.as_ref();
    let carried = |by_reference: bool| {
        let is_reference = move |c: &&Carried| (c.carrier == Carrier::ClientReference) == by_reference;
        evidence.tokens.iter().filter(is_reference)
    };
    let find = |kind| {
        let (reason, click) = match kind {
            CheckKind::KnownCustomer => return known_customer(standing, context),
            CheckKind::PromotionCode => (promotion_code(codes, at, context), None),
            CheckKind::ClientReference => token(carried(true), at, rules, context),
            CheckKind::LeadEmail => leads::find(&evidence.emails, at, rules, context),
            CheckKind::Metadata | CheckKind::Assignment => token(carried(false), at, rules, context),
        };
        Finding { kind, reason, click }
    };
    order(rules).into_iter().map(find).collect()
}

fn known_customer(standing: &CustomerStanding<'_>, context: &Context) -> Finding {
    let kind = CheckKind::KnownCustomer;
    match standing {
        CustomerStanding::Attributed(attribution) => Finding {
            kind,
            reason: CheckReason::Attributed {
                affiliate: context.named(&attribution.affiliate_id),
                since: attribution.since,
                by_assignment: attribution.check == CheckKind::Assignment,
            },
            click: attribution.click.clone(),
        },
        CustomerStanding::Open | CustomerStanding::NotAffiliateSales(_) => {
            Finding { kind, reason: CheckReason::NotAttributed, click: None }
        }
    }
}

fn promotion_code(codes: &BTreeSet<String>, at: Timestamp, context: &Context) -> CheckReason {
    if codes.is_empty() {
        return CheckReason::NoCode;
    }
    let Some(coupon) = codes.iter().find_map(|id| context.coupons.get(id)) else {
        return CheckReason::CodeUnassigned { promotion_codes: codes.iter().cloned().collect() };
    };
    let (code, affiliate) = (coupon.code.clone(), context.named(&coupon.affiliate_id));
    if coupon.since > end_of_second(at) {
        return CheckReason::CodeTooNew { code, affiliate };
    }
    affiliate_objection(&coupon.affiliate_id, end_of_second(at), context)
        .unwrap_or(CheckReason::CodeFound { code, affiliate })
}

/// Looks up tokens as clicks; the first or last valid one decides, by click times.
fn token<'a>(
    carried: impl Iterator<Item = &'a Carried>,
    at: Timestamp,
    rules: Option<&Terms>,
    context: &Context,
) -> (CheckReason, Option<ClickToken>) {
    let mut valid = Vec::new();
    let mut objection = None;
    for item in carried {
        match judge_click(&item.token, at, rules, context) {
            Ok(click) => valid.push((click, item)),
            Err(found) => objection = objection.or(Some(found)),
        }
    }
    valid.sort_by(|a, b| (a.0.at, &a.1.token, a.1.carrier).cmp(&(b.0.at, &b.1.token, b.1.carrier)));
    let Some((click, item)) = chosen(valid, rules) else {
        return (objection.unwrap_or(CheckReason::NoToken), None);
    };
    let reason = CheckReason::ClickFound {
        carrier: item.carrier,
        affiliate: context.named(&click.affiliate_id),
        link_code: click.link_code.clone(),
        clicked_at: click.at,
        paid_at: at,
        window_days: rules.map_or(0, |r| r.window_days),
    };
    (reason, Some(item.token.clone()))
}
