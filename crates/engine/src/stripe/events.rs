//! The event log: what a program received from Stripe, and what processing it did.

use domain::clock::Timestamp;
use domain::commissions::CauseKind;
use domain::facts::EventFacts;
use domain::ids::{ConversionId, InboxEventId, PaymentId, ProgramId};
pub use store::commissions::StoredEntry;
use store::db::{AFTER_ALL_IDS, Conn};
pub use store::inbox::{Attempt, Filter, InboxEvent};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

/// A page of the events that a program received, newest first.
pub async fn list(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    filter: &Filter,
    before: Option<(Timestamp, String)>,
    limit: i64,
) -> Result<Vec<InboxEvent>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let (at, id) = before.unwrap_or((Timestamp(i64::MAX), AFTER_ALL_IDS.to_owned()));
    Ok(store::inbox::list(&mut conn, &program.id, filter, (at, &id), limit).await?)
}

/// One event of a program, with its body as received.
pub async fn get(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &InboxEventId,
) -> Result<(InboxEvent, String)> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    store::inbox::get(&mut conn, &program.id, id).await?.ok_or(Error::NotFound)
}

/// An event with everything that is known about it.
#[derive(Debug, Clone)]
pub struct EventDetail {
    /// The event.
    pub event: InboxEvent,
    /// As received.
    pub body: String,
    /// The facts that were read from it.
    pub facts: Option<EventFacts>,
    /// The payment that it is about.
    pub payment: Option<PaymentId>,
    /// That payment's conversion.
    pub conversion: Option<ConversionId>,
    /// The entries of the ledger that it led to.
    pub entries: Vec<StoredEntry>,
    /// Attempts that say more than the event itself, oldest first.
    pub attempts: Vec<Attempt>,
}

/// One event of a program with what it said and changed, and its attempts.
pub async fn detail(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &InboxEventId,
) -> Result<EventDetail> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let (event, body) = store::inbox::get(&mut conn, &program.id, id).await?.ok_or(Error::NotFound)?;
    let payment = payment_of(&mut conn, &program.id, &event).await?;
    let conversion = match &payment {
        Some(id) => store::conversions::of_payment(&mut conn, id).await?.map(|conversion| conversion.id),
        None => None,
    };
    Ok(EventDetail {
        facts: store::customers::facts_of_event(&mut conn, &event.connection_id, &event.event_id).await?,
        entries: store::commissions::of_cause(&mut conn, &program.id, &event.event_id).await?,
        attempts: store::inbox::attempts(&mut conn, id).await?,
        event,
        body,
        payment,
        conversion,
    })
}

/// The payment that an event is about, if there is one.
async fn payment_of(conn: &mut Conn, program: &ProgramId, event: &InboxEvent) -> Result<Option<PaymentId>> {
    let named = match &event.object_id {
        Some(id) => store::payments::of_stripe_id(conn, &event.connection_id, id).await?,
        None => None,
    };
    // A dispute is not an id of its payment, but its event is the cause of an entry.
    let id = match (named, CauseKind::of_event_type(&event.event_type)) {
        (None, CauseKind::Refund | CauseKind::Dispute) => {
            store::payments::changed_by(conn, &event.connection_id, &event.event_id).await?
        }
        (named, _) => named,
    };
    let Some(id) = id else { return Ok(None) };
    Ok(store::payments::get(conn, program, &id).await?.map(|payment| payment.id))
}
