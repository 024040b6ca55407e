//! The affiliate's side.

use domain::affiliates::AffiliateStatus;
use domain::clicks::ClickToken;
use domain::clock::{DAY_MS, MINUTE_MS, Timestamp};
use domain::ids::{ProgramId, ReferralRequestId};
use domain::referral_requests::{MOST_OPEN, REQUESTS_A_DAY, Remark, RequestStatus, Sought};
use domain::terms::TermsVersion;
use store::clicks::Click;
use store::db::again;
use store::referral_requests::ReferralRequest;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::AffiliateActor;

/// Clicks that are looked at: whether there are any matters more than how many.
const MOST_CLICKS: i64 = 101;

/// What an affiliate's own data say about a sale on a day.
#[derive(Debug, Clone)]
pub struct OwnChecks {
    /// The terms of that day; `None` for a day before the program began.
    pub terms: Option<TermsVersion>,
    /// Whether the affiliate was active at the end of that day.
    pub was_active: bool,
    /// The affiliate's clicks within the window before the end of that day that count, newest first; at
    /// most some.
    pub clicks: Vec<Click>,
    /// Promotion codes of the affiliate.
    pub codes: Vec<String>,
}

/// What the affiliate's own data say about a sale until the end of a day.
pub async fn own_checks(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
    bought_at: Timestamp,
) -> Result<OwnChecks> {
    let mut conn = engine.db().read().await?;
    let affiliate = scope::membership(&mut conn, actor, program).await?;
    let terms = store::terms::in_force(&mut conn, program, bought_at).await?;
    let histories = store::affiliates::histories(&mut conn, [&affiliate.id]).await?;
    let status = histories.get(&affiliate.id).and_then(|history| history.at(bought_at));
    let window = terms.as_ref().map_or(0, |terms| terms.terms.window_days);
    let first = ClickToken::beginning(bought_at.plus_days(-window));
    let before = ClickToken::beginning(bought_at.plus_ms(1));
    let found = store::clicks::list(&mut conn, program, Some(&affiliate.id), &before, MOST_CLICKS).await?;
    let counts = |click: &Click| !click.bot && click.token.as_str() >= first.as_str();
    Ok(OwnChecks {
        was_active: status == Some(AffiliateStatus::Active),
        clicks: found.into_iter().filter(counts).collect(),
        codes: store::coupons::of_affiliate(&mut conn, &affiliate.id)
            .await?
            .into_iter()
            .map(|coupon| coupon.code)
            .collect(),
        terms,
    })
}

/// A request to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestDraft {
    /// What the affiliate knows of the sale.
    pub sought: Sought,
    /// The end of the day on which it was, as far as the affiliate knows.
    pub bought_at: Timestamp,
    /// What else the company should know.
    pub note: Remark,
}

/// Sends a request to the company. The result is the same whether or not there is such a payment.
///
/// # Errors
/// [`Error::Invalid`] when the affiliate is not active, or has as many open requests as they can;
/// [`Error::TooMany`] after too many within a day.
pub async fn send(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
    draft: &RequestDraft,
) -> Result<()> {
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let affiliate = scope::membership(&mut tx, actor, program).await?;
        if affiliate.status != AffiliateStatus::Active {
            return Err(Error::Forbidden("Only active affiliates can ask for a referral."));
        }
        let subject = engine.key().fingerprint(&format!("referral requests of {}", affiliate.id));
        if store::sessions::count_attempt(&mut tx, &subject, DAY_MS, now).await? > REQUESTS_A_DAY {
            return Err(Error::TooMany { minutes: DAY_MS / MINUTE_MS });
        }
        if store::referral_requests::count_open(&mut tx, &affiliate.id).await? >= MOST_OPEN {
            let message =
                format!("{MOST_OPEN} of your requests wait for an answer. Send more once they have one");
            return Err(Error::field("sought", message));
        }
        let new = ReferralRequest {
            id: ReferralRequestId::new(now, engine.random()),
            program_id: affiliate.program_id,
            affiliate_id: affiliate.id,
            sought: draft.sought.clone(),
            bought_at: draft.bought_at,
            note: draft.note.as_str().to_owned(),
            created_at: now,
            status: RequestStatus::Open,
            answer: None,
            answered_at: None,
            answered_by: None,
            payment_id: None,
        };
        // The same request again changes nothing.
        store::referral_requests::put(&mut tx, &new).await?;
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// The affiliate's newest requests, with their answers.
pub async fn own(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
    limit: i64,
) -> Result<Vec<ReferralRequest>> {
    let mut conn = engine.db().read().await?;
    let affiliate = scope::membership(&mut conn, actor, program).await?;
    Ok(store::referral_requests::of_affiliate(&mut conn, &affiliate.id, limit).await?)
}
