//! From a stored event to money.
//!
//! An event's facts join the facts about the same buyer; `domain::attribution` evaluates all of
//! them together; the ledger gets the difference. Running this again changes nothing, in whatever
//! order events arrive.
//!
//! [`together`] processes many events in one short transaction, [`alone`] one in a transaction
//! that also reads. Both load [`buyers`] and what the rules look up, evaluate each [`buyer`] in
//! memory, and [`write`](mod@write) what has changed.

mod alone;
mod ask_stripe_job;
mod assignment;
mod buyer;
mod buyers;
mod candidates;
mod fetch_event_job;
mod follow_ups;
mod lookups;
mod outcome;
mod process_stripe_event_job;
mod read_event;
mod reevaluate_address_job;
mod reevaluate_job;
mod replay;
mod together;
mod what_if;
mod write;

use std::collections::BTreeMap;

pub use domain::attribution::Decision;
use domain::clock::Timestamp;
use domain::emails::Email;
use domain::ids::{ConversionId, PaymentId, ProgramId};
pub use store::commissions::StoredEntry;
use store::db::{AFTER_ALL_IDS, Conn};
use store::inbox::InboxEvent;
pub use store::payments::{Payment, PaymentFilter};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

pub use assignment::{Assignee, assign, unassign};
pub use candidates::{Candidate, Clue, candidates};
pub(crate) use follow_ups::{AskStripe, FetchEvent, Reevaluate, ReevaluateAddress};
pub use replay::{MOST_REPLAYED, Replay, ReplayedEvent, replay, replay_range};
pub(crate) use together::{Task, run_together};
pub use what_if::{WhatIf, WhatIfLine, what_if};

/// The lock on an address of a program: a lead and an event that meet at it take turns, so that
/// the later one sees the earlier one.
fn address_lock(program: &ProgramId, email: &Email) -> String {
    format!("{program} {email}")
}

/// A payment with everything that is known of it.
#[derive(Debug, Clone)]
pub struct PaymentDetail {
    /// The payment, with its explanation.
    pub payment: Payment,
    /// All its Stripe ids.
    pub stripe_ids: Vec<String>,
    /// Its conversion, if it was ever credited.
    pub conversion: Option<ConversionId>,
    /// What a person decided about it.
    pub decision: Option<Decision>,
    /// The payment at which a person decided for all later ones of its customer.
    pub decided_at: Option<PaymentId>,
    /// The events about it, oldest first.
    pub events: Vec<InboxEvent>,
    /// When its subscription ended, if it has.
    pub subscription_ended_at: Option<Timestamp>,
}

/// When the subscription of a payment ended, if it has one that has.
pub(super) async fn subscription_end(conn: &mut Conn, payment: &Payment) -> Result<Option<Timestamp>> {
    let Some(subscription) = &payment.subscription else { return Ok(None) };
    Ok(store::inbox::subscription_end(conn, &payment.connection_id, subscription).await?)
}

/// One payment of a program.
pub async fn detail(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &PaymentId,
) -> Result<PaymentDetail> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let payment = store::payments::get(&mut conn, &program.id, id).await?.ok_or(Error::NotFound)?;
    Ok(PaymentDetail {
        stripe_ids: store::payments::aliases(&mut conn, id).await?,
        conversion: store::conversions::of_payment(&mut conn, id).await?.map(|conversion| conversion.id),
        decision: store::decisions::of_payment(&mut conn, id).await?,
        decided_at: store::decisions::of_later_payments(&mut conn, &payment.customer_id).await?,
        events: store::inbox::about_payment(&mut conn, id).await?,
        subscription_ended_at: subscription_end(&mut conn, &payment).await?,
        payment,
    })
}

/// A page of a program's payments, newest first.
pub async fn list(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    filter: PaymentFilter,
    before: Option<(Timestamp, String)>,
    limit: i64,
) -> Result<Vec<Payment>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let (at, id) = before.unwrap_or((Timestamp(i64::MAX), AFTER_ALL_IDS.to_owned()));
    Ok(store::payments::list(&mut conn, &program.id, filter, (at, &id), limit).await?)
}

/// Payments of a program by their ids, in one query; missing ones are left out.
pub async fn of_ids(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    ids: &[PaymentId],
) -> Result<BTreeMap<PaymentId, Payment>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let payments = store::payments::of_ids(&mut conn, &program.id, ids).await?;
    Ok(payments.into_iter().map(|payment| (payment.id.clone(), payment)).collect())
}
