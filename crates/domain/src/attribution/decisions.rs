//! Manual assignments, which replace the checks of a payment.

use crate::checks::{Check, CheckKind, CheckReason};
use crate::clock::Timestamp;

use super::checks::Finding;
use super::{Attribution, Context, Decision, EvaluatedPayment};

/// The decision about a payment. When two payments with a decision each turn out to be
/// one, the later decision holds.
pub(super) fn of_payment<'a>(payment: &EvaluatedPayment, context: &'a Context) -> Option<&'a Decision> {
    let own = context.decisions.iter().filter(|decision| payment.aliases.contains(&decision.stripe_id));
    own.max_by(|a, b| (a.at, &a.stripe_id).cmp(&(b.at, &b.stripe_id)))
}

/// The checks of a payment that a decision covers, and the attribution it leads to. `own`
/// when it was made about this very payment and not about an earlier one of the customer.
pub(super) fn apply(
    decision: &Decision,
    own: bool,
    at: Timestamp,
    findings: &[Finding],
    context: &Context,
) -> (Vec<Check>, Option<Attribution>) {
    let (kind, by) = (CheckKind::Assignment, decision.by.clone());
    let (reason, attribution) = match &decision.affiliate_id {
        Some(affiliate_id) => (
            CheckReason::Assigned {
                affiliate: context.named(affiliate_id),
                by,
                at: decision.at,
                later_payments: decision.later_payments,
            },
            Some(Attribution { affiliate_id: affiliate_id.clone(), since: at, check: kind, click: None }),
        ),
        None => (CheckReason::NotAffiliateSale { by, at: decision.at, at_earlier_payment: !own }, None),
    };
    let others = findings.iter().map(|found| Check::not_needed(found.kind, found.reason.clone()));
    (std::iter::once(Check::new(kind, reason)).chain(others).collect(), attribution)
}
