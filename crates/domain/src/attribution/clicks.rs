//! Whether a click counts for a payment, and which of several does.

use crate::affiliates::AffiliateStatus;
use crate::checks::CheckReason;
use crate::clicks::ClickToken;
use crate::clock::Timestamp;
use crate::ids::AffiliateId;
use crate::programs::ProgramStatus;
use crate::terms::{ClickModel, Terms};

use super::{ClickSeen, Context, end_of_second};

/// Letters of a token that identify it to a person.
const TOKEN_START: usize = 14;

/// The one of some clicks, oldest first, that the terms credit.
pub(super) fn chosen<T>(valid: Vec<T>, rules: Option<&Terms>) -> Option<T> {
    match rules.map(|r| r.click_model) {
        Some(ClickModel::First) => valid.into_iter().next(),
        _ => valid.into_iter().next_back(),
    }
}

/// The click that a token names if it counts for a payment, or the reason why not.
pub(super) fn judge_click<'a>(
    token: &ClickToken,
    at: Timestamp,
    rules: Option<&Terms>,
    context: &'a Context,
) -> Result<&'a ClickSeen, CheckReason> {
    let Some(click) = context.clicks.get(token).filter(|click| click.program_id == context.program_id) else {
        return Err(CheckReason::UnknownToken { token: token.as_str().chars().take(TOKEN_START).collect() });
    };
    let window_days = rules.map_or(0, |r| r.window_days);
    if click.at > end_of_second(at) {
        return Err(CheckReason::ClickAfterPayment { clicked_at: click.at });
    }
    if click.at.plus_days(window_days) < at {
        let link_code = click.link_code.clone();
        return Err(CheckReason::ClickExpired { link_code, clicked_at: click.at, paid_at: at, window_days });
    }
    let status = context.program_history.at(click.at);
    if status != Some(ProgramStatus::Active) {
        return Err(CheckReason::ProgramNotRunning { status, clicked_at: click.at });
    }
    for moment in [click.at, end_of_second(at)] {
        if let Some(objection) = affiliate_objection(&click.affiliate_id, moment, context) {
            return Err(objection);
        }
    }
    Ok(click)
}

pub(super) fn affiliate_objection(id: &AffiliateId, at: Timestamp, context: &Context) -> Option<CheckReason> {
    let status = context.affiliates.get(id)?.history.at(at);
    (status != Some(AffiliateStatus::Active)).then(|| CheckReason::AffiliateNotActive {
        affiliate: context.named(id),
        status,
        at,
    })
}
