//! Whether a click counts for a payment, and which of several does.

use crate::affiliates::AffiliateStatus;
use crate::checks::CheckReason;
use crate::clicks::ClickToken;
use crate::clock::Timestamp;
use crate::ids::AffiliateId;
use crate::programs::ProgramStatus;
use crate::terms::{ClickModel, Terms};

use super::{CLOCK_TOLERANCE_MS, ClickSeen, Context, end_of_second};

/// Letters of a token that identify it to a person.
const TOKEN_START: usize = 14;

/// What a look for clicks found, and the click.
pub(super) type Found = (CheckReason, Option<ClickToken>);

/// The times of an occasion.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// When the money came, or the trial began.
    pub at: Timestamp,
    /// When the buyer ordered: the window ends here.
    pub ordered_at: Timestamp,
    /// The last moment at which a click can have led to it.
    pub clicked_by: Timestamp,
}

/// The one of some clicks, oldest first, that the terms credit. One that only the tolerance
/// of the clocks lets in yields to any other.
pub(super) fn chosen<'a, T>(
    mut valid: Vec<(&'a ClickSeen, T)>,
    moment: Moment,
    terms: Option<&Terms>,
) -> Option<(&'a ClickSeen, T)> {
    if valid.iter().any(|(click, _)| moment.is_in_time(click)) {
        valid.retain(|(click, _)| moment.is_in_time(click));
    }
    match terms.map(|terms| terms.click_model) {
        Some(ClickModel::First) => valid.into_iter().next(),
        _ => valid.into_iter().next_back(),
    }
}

impl Moment {
    pub(super) fn is_in_time(self, click: &ClickSeen) -> bool {
        click.at <= end_of_second(self.clicked_by)
    }

    /// Where the window of a click ends: with the order, or with the payment for a click
    /// made after the order that still counts.
    pub(super) fn window_end(self, click: &ClickSeen) -> Timestamp {
        if click.at <= end_of_second(self.ordered_at) { self.ordered_at } else { self.clicked_by }
    }
}

/// The click that a token names if it counts for a payment, or the reason why not.
pub(super) fn judge_click<'a>(
    token: &ClickToken,
    moment: Moment,
    terms: Option<&Terms>,
    context: &'a Context,
) -> Result<&'a ClickSeen, CheckReason> {
    let Some(click) = context.clicks.get(token).filter(|click| click.program_id == context.program_id) else {
        return Err(CheckReason::UnknownToken { token: token.as_str().chars().take(TOKEN_START).collect() });
    };
    let window_days = terms.map_or(0, |terms| terms.window_days);
    if click.at > end_of_second(moment.clicked_by).plus_ms(CLOCK_TOLERANCE_MS) {
        return Err(CheckReason::ClickAfterPayment { clicked_at: click.at });
    }
    let ordered_at = moment.window_end(click);
    if click.at.plus_days(window_days) < ordered_at {
        let link_code = click.link_code.clone();
        return Err(CheckReason::ClickExpired { link_code, clicked_at: click.at, ordered_at, window_days });
    }
    let status = context.program_history.at(click.at);
    if status != Some(ProgramStatus::Active) {
        return Err(CheckReason::ProgramNotRunning { status, clicked_at: click.at });
    }
    for at in [click.at, end_of_second(moment.at)] {
        if let Some(objection) = affiliate_objection(&click.affiliate_id, at, context) {
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
