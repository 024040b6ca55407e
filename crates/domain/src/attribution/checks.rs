//! The checks of one payment: a known customer, promotion codes, click tokens, leads.

use std::collections::BTreeSet;

use crate::checks::{CheckKind, CheckReason};
use crate::clicks::ClickToken;
use crate::clock::Timestamp;
use crate::facts::{Carried, Carrier};
use crate::terms::{AttributionPriority, ClickModel, Terms, in_force};

use super::clicks::{Found, Moment, affiliate_objection, chosen, judge_click};
use super::evidence::KnownEvidence;
use super::{Attribution, Context, CouponSeen, Decision, end_of_second, leads};

/// How a customer's payments are treated from some moment on.
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

/// The order of the checks. Metadata and client reference are one kind of proof: the click
/// that the terms credit comes first, whatever carried it.
fn order(terms: Option<&Terms>, reference_first: bool) -> [CheckKind; 5] {
    use CheckKind::{ClientReference, KnownCustomer, LeadEmail, Metadata, PromotionCode};
    let (one, other) =
        if reference_first { (ClientReference, Metadata) } else { (Metadata, ClientReference) };
    match terms.map(|terms| terms.attribution_priority) {
        Some(AttributionPriority::Click) => [KnownCustomer, one, other, PromotionCode, LeadEmail],
        _ => [KnownCustomer, PromotionCode, one, other, LeadEmail],
    }
}

/// What every check finds, in the order of the terms.
pub(super) fn run_checks(
    moment: Moment,
    codes: &BTreeSet<String>,
    known: &KnownEvidence<'_>,
    standing: &CustomerStanding<'_>,
    context: &Context,
) -> Vec<Finding> {
    let terms = in_force(&context.terms, moment.at).map(|version| &version.terms);
    let carried = |by_reference: bool| {
        let is_reference = move |c: &&Carried| (c.carrier == Carrier::ClientReference) == by_reference;
        token(known.tokens().filter(is_reference), moment, terms, context)
    };
    let (metadata, reference) = (carried(false), carried(true));
    let reference_first = is_preferred(&reference, &metadata, moment, terms, context);
    let (mut metadata, mut reference) = (Some(metadata), Some(reference));
    let mut find = |kind| {
        let (reason, click) = match kind {
            CheckKind::KnownCustomer | CheckKind::Assignment => return known_customer(standing, context),
            CheckKind::PromotionCode => (promotion_code(codes, moment.at, context), None),
            CheckKind::ClientReference => reference.take().unwrap_or((CheckReason::NoToken, None)),
            CheckKind::Metadata => metadata.take().unwrap_or((CheckReason::NoToken, None)),
            CheckKind::LeadEmail => leads::find(known, moment, terms, context),
        };
        Finding { kind, reason, click }
    };
    order(terms, reference_first).into_iter().map(&mut find).collect()
}

/// Whether the click of one carrier comes before that of another under the terms.
fn is_preferred(
    one: &Found,
    other: &Found,
    moment: Moment,
    terms: Option<&Terms>,
    context: &Context,
) -> bool {
    let click = |found: &Found| found.1.as_ref().and_then(|token| context.clicks.get(token));
    let (Some(one), Some(other)) = (click(one), click(other)) else { return false };
    match (moment.is_in_time(one), moment.is_in_time(other)) {
        (true, false) => true,
        (false, true) => false,
        _ => match terms.map(|terms| terms.click_model) {
            Some(ClickModel::First) => one.at < other.at,
            _ => one.at > other.at,
        },
    }
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
    let owned = || codes.iter().filter_map(|id| context.coupons.get(id)).flatten();
    let is_in_use = |coupon: &&CouponSeen| {
        coupon.since <= end_of_second(at) && coupon.until.is_none_or(|until| at < until)
    };
    let later = || owned().find(|coupon| coupon.since > end_of_second(at));
    let Some(coupon) = owned().find(is_in_use).or_else(later) else {
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
    moment: Moment,
    terms: Option<&Terms>,
    context: &Context,
) -> Found {
    let mut valid = Vec::new();
    let mut objection = None;
    for item in carried {
        match judge_click(&item.token, moment, terms, context) {
            Ok(click) => valid.push((click, item)),
            Err(found) => objection = objection.or(Some(found)),
        }
    }
    valid.sort_by(|a, b| (a.0.at, &a.1.token, a.1.carrier).cmp(&(b.0.at, &b.1.token, b.1.carrier)));
    let Some((click, item)) = chosen(valid, moment, terms) else {
        return (objection.unwrap_or(CheckReason::NoToken), None);
    };
    let reason = CheckReason::ClickFound {
        carrier: item.carrier,
        affiliate: context.named(&click.affiliate_id),
        link_code: click.link_code.clone(),
        clicked_at: click.at,
        ordered_at: moment.window_end(click),
        window_days: terms.map_or(0, |terms| terms.window_days),
    };
    (reason, Some(item.token.clone()))
}
