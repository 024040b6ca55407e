//! The check of leads: what an address that the site reported says about a payment.
//!
//! Anyone can post an address from a browser. So what the merchant's server vouches for
//! decides, also when it was reported after the payment; what only a page reported is a hint,
//! which decides when it came before the payment, is plausible, and no other affiliate has
//! one for the same buyer. A person decides about all others.

use std::collections::BTreeSet;

use crate::checks::CheckReason;
use crate::terms::Terms;

use super::clicks::{Found, Moment, chosen, judge_click};
use super::evidence::KnownEvidence;
use super::{ClickSeen, Context, LeadSeen, end_of_second};

/// What the leads with one of a buyer's addresses say about a payment.
pub(super) fn find(
    known: &KnownEvidence<'_>,
    moment: Moment,
    terms: Option<&Terms>,
    context: &Context,
) -> Found {
    if !known.knows_an_address() {
        return (CheckReason::NoEmail, None);
    }
    let mut leads: Vec<&LeadSeen> = context.leads.iter().filter(|lead| known.knows(lead)).collect();
    leads.sort_by(|a, b| (a.at, &a.click).cmp(&(b.at, &b.click)));
    let mut objection = None;
    let (mut proved, mut hints) = (Vec::new(), Vec::new());
    for lead in leads {
        match judge(lead, moment, terms, context) {
            Ok(click) if lead.proof.is_proved() => proved.push((click, lead)),
            Ok(click) => hints.push((click, lead)),
            Err(found) => objection = objection.or(Some(found)),
        }
    }
    if proved.is_empty() {
        let affiliates: BTreeSet<_> = hints.iter().map(|(click, _)| &click.affiliate_id).collect();
        if affiliates.len() > 1 {
            let affiliates = affiliates.into_iter().map(|id| context.named(id)).collect();
            return (CheckReason::LeadsDisagree { affiliates }, None);
        }
    }
    let mut valid = if proved.is_empty() { hints } else { proved };
    valid.sort_by(|a, b| (a.0.at, &a.1.click).cmp(&(b.0.at, &b.1.click)));
    let Some((click, lead)) = chosen(valid, moment, terms) else {
        return (objection.unwrap_or(CheckReason::NoLead), None);
    };
    let reason = CheckReason::LeadFound {
        affiliate: context.named(&click.affiliate_id),
        link_code: click.link_code.clone(),
        clicked_at: click.at,
        ordered_at: moment.window_end(click),
        proof: lead.proof,
    };
    (reason, Some(lead.click.clone()))
}

/// The click of a lead that counts for a payment, or the reason why it does not.
fn judge<'a>(
    lead: &LeadSeen,
    moment: Moment,
    terms: Option<&Terms>,
    context: &'a Context,
) -> Result<&'a ClickSeen, CheckReason> {
    let click = judge_click(&lead.click, moment, terms, context)?;
    let affiliate = || context.named(&click.affiliate_id);
    if lead.proof.is_proved() {
        return Ok(click);
    }
    if let Some(doubt) = lead.doubt {
        return Err(CheckReason::LeadDoubted { affiliate: affiliate(), doubt });
    }
    if lead.at > end_of_second(moment.clicked_by) {
        return Err(CheckReason::LeadAfterPayment { affiliate: affiliate(), reported_at: lead.at });
    }
    Ok(click)
}
