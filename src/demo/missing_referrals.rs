//! Requests of an affiliate of the demo who misses referrals.

use anyhow::Context;
use domain::affiliates::AffiliateStatus;
use domain::clock::Timestamp;
use domain::ids::ProgramId;
use domain::referral_requests::{Remark, RequestStatus, Sought};
use engine::Engine;
use engine::identity::sessions::{self, MerchantActor};
use engine::ledger::payments::{self, PaymentFilter};
use engine::ledger::referral_requests::{self, RequestDraft};
use engine::programs::affiliates;

/// Asks for an order that nobody knows, which was answered, and for a payment that is there.
pub async fn ask(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    now: Timestamp,
) -> anyhow::Result<()> {
    let active = Some(AffiliateStatus::Active);
    let first = affiliates::list(engine, actor, program, active, "", 1).await?;
    let account = first.first().and_then(|one| one.account_id.clone()).context("an affiliate")?;
    let person = sessions::person(engine, &account).await?.context("a person")?;
    let affiliate = person.affiliate.context("an affiliate")?;
    let unattributed = payments::list(engine, actor, program, PaymentFilter::Unattributed, None, 20).await?;
    let known = unattributed.into_iter().find(|payment| payment.email.is_some());
    let remark = |text| Remark::parse(text).map_err(anyhow::Error::msg);
    let unknown = RequestDraft {
        sought: Sought::parse("LN-20417").map_err(anyhow::Error::msg)?,
        bought_at: now.plus_days(-20),
        note: Remark::default(),
    };
    referral_requests::send(engine, &affiliate, program, &unknown).await?;
    let open = RequestStatus::Open;
    for row in referral_requests::list(engine, actor, program, open, "", 5).await? {
        let answer = remark("Our orders begin with LUM. Do you have the address they used?")?;
        referral_requests::decline(engine, actor, program, &row.request.id, &answer).await?;
    }
    if let Some(payment) = known {
        let email = payment.email.context("an address")?;
        let draft = RequestDraft {
            sought: Sought::Email(email),
            bought_at: payment.paid_at,
            note: remark("She wrote to me that she bought it after my workshop.")?,
        };
        referral_requests::send(engine, &affiliate, program, &draft).await?;
    }
    Ok(())
}
