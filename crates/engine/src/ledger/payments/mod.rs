//! From a stored event to money: processed once, in one transaction.
//!
//! An event's facts join the facts about the same customer; `domain::attribution` evaluates
//! all of them together; the ledger gets the difference. Running this again changes nothing,
//! in whatever order events arrive.

mod ask_stripe_job;
mod assignment;
mod candidates;
mod context;
mod customer;
mod fetch_event_job;
mod follow_ups;
mod ledger_writer;
mod outcome;
mod process_stripe_event_job;
mod reevaluate_job;
mod replay;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use connect::stripe::read::{Reading, account, object_id, read};
pub use domain::attribution::Decision;
use domain::clock::Timestamp;
use domain::commissions::{Cause, CauseKind, LedgerChange};
use domain::connections::{ConnectionMethod, RevocationReason};
use domain::deliveries::EventSource;
use domain::events::{BodyEncoding, EventOutcome, EventStatus};
use domain::ids::{ConversionId, CustomerId, InboxEventId, JobId, PaymentId, ProgramId};
use serde_json::Value;
pub use store::commissions::StoredEntry;
use store::connections::Connection;
use store::db::{AFTER_ALL_IDS, Conn, Tx, again};
use store::inbox::InboxEvent;
pub use store::payments::{Payment, PaymentFilter};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::stripe::credentials;

pub use assignment::{Assignee, assign, unassign};
pub use candidates::{Candidate, Sign, candidates};
pub(crate) use follow_ups::{AskStripe, FetchEvent, Reevaluate};
pub use replay::{MOST_REPLAYED, Replay, ReplayedEvent, replay, replay_range};

/// Processes a stored event. Does nothing when another worker or an earlier run has done it.
async fn process_event(engine: &Engine, job: &JobId, event_id: &InboxEventId) -> Result<()> {
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        if !store::jobs::done(&mut tx, job).await? {
            return Ok(());
        }
        let Some((event, body, encoding)) = store::inbox::with_body(&mut tx, event_id).await? else {
            return Err(Error::Broken(format!("job for a missing event: {event_id}")));
        };
        if event.status == EventStatus::Received {
            let connection = store::connections::get(&mut tx, &event.connection_id)
                .await?
                .ok_or_else(|| Error::Broken(format!("event without a connection: {event_id}")))?;
            let stored = (body.as_str(), encoding);
            let done = process(engine, &mut tx, &event, &connection, stored, None, now).await?;
            let object_id = done.object_id.as_deref();
            store::inbox::record_outcome(&mut tx, event_id, &done.outcome, object_id, now).await?;
            // What a backfill fetched says nothing about deliveries.
            if event.source == EventSource::Webhook {
                store::connections::touch_last_event(&mut tx, &connection.id, event.received_at).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// What processing an event did.
struct Processed {
    outcome: EventOutcome,
    /// Stripe's id of the object that the event is about.
    object_id: Option<String>,
    /// What changed in the ledger, entry by entry.
    changes: Vec<LedgerChange>,
}

/// Processes an event's bytes. `again` is the cause of a replay, which replaces what the event
/// said before.
async fn process(
    engine: &Engine,
    tx: &mut Tx,
    event: &InboxEvent,
    connection: &Connection,
    (body, encoding): (&str, BodyEncoding),
    again: Option<&Cause>,
    now: Timestamp,
) -> Result<Processed> {
    let bytes = match encoding {
        BodyEncoding::Base64 => STANDARD_NO_PAD.decode(body).unwrap_or_default(),
        BodyEncoding::Utf8 => body.as_bytes().to_vec(),
    };
    let Ok(value) = serde_json::from_slice::<Value>(&bytes) else {
        return Ok(Processed { outcome: EventOutcome::NotJson, object_id: None, changes: Vec::new() });
    };
    let unchanged = |outcome| Processed { outcome, object_id: object_id(&value), changes: Vec::new() };
    match (connection.livemode, event.livemode) {
        (Some(ours), Some(livemode)) if ours != livemode => {
            return Ok(unchanged(EventOutcome::WrongMode { livemode }));
        }
        (None, Some(theirs)) => store::connections::set_livemode(tx, &connection.id, theirs).await?,
        _ => {}
    }
    if connection.method() == ConnectionMethod::Manual
        && let Some(account) = account(&value)
        && !counts_account(tx, connection, &account).await?
    {
        return Ok(unchanged(EventOutcome::OtherAccount { account }));
    }
    if event.event_type == DEAUTHORIZED && connection.is_oauth() {
        return Ok(unchanged(deauthorized(engine, tx, event, connection).await?));
    }
    let facts = match read(&value) {
        Reading::TypeNotHandled => return Ok(unchanged(EventOutcome::TypeNotHandled)),
        Reading::Thin { snapshot } => {
            let Some(snapshot) = snapshot.filter(|_| connection.can_call_stripe()) else {
                return Ok(unchanged(EventOutcome::ThinEvent));
            };
            let fetch = FetchEvent { connection: connection.id.clone(), event: snapshot };
            crate::jobs::enqueue(engine, tx, &fetch, now).await?;
            return Ok(unchanged(EventOutcome::ThinEventFetched));
        }
        Reading::Unreadable { field } => {
            let outcome = EventOutcome::FieldMissing { field: field.to_owned() };
            return Ok(Processed { object_id: None, ..unchanged(outcome) });
        }
        Reading::Facts(facts) => facts,
    };
    let customer = customer::find_or_merge(engine, tx, connection, &facts, now).await?;
    if !store::customers::put_facts(tx, &connection.id, &customer, &facts).await? {
        if again.is_none() {
            return Ok(unchanged(EventOutcome::Duplicate));
        }
        store::customers::replace_facts(tx, &connection.id, &customer, &facts).await?;
    }
    for email in facts.fact.hints().map_or(&[][..], |hints| &hints.emails) {
        store::customers::put_email(tx, &customer, &connection.program_id, email).await?;
    }
    let own = Cause::event(event.event_id.as_str(), &event.event_type);
    let cause = again.unwrap_or(&own);
    let changes = ledger_writer::reevaluate(engine, tx, connection, &customer, cause, now).await?;
    let outcome = outcome::of_event(&facts, &changes);
    Ok(Processed { changes: changes.into_ledger(), ..unchanged(outcome) })
}

/// Whether a connection made by hand counts the events of an account: the first one that a
/// verified event names is its own. Another one is kept, so that a person can choose.
async fn counts_account(tx: &mut Tx, connection: &Connection, account: &str) -> Result<bool> {
    match &connection.events_account {
        None => store::connections::learn_account(tx, &connection.id, account).await?,
        Some(own) if own == account => {}
        Some(_) => {
            store::connections::note_other_account(tx, &connection.id, account).await?;
            return Ok(false);
        }
    }
    Ok(true)
}

/// What Stripe sends when a merchant takes access back.
const DEAUTHORIZED: &str = "account.application.deauthorized";

/// Ends a connection that the merchant has ended in Stripe's dashboard; but not one that
/// was made since, for which this comes late.
async fn deauthorized(
    engine: &Engine,
    tx: &mut Tx,
    event: &InboxEvent,
    connection: &Connection,
) -> Result<EventOutcome> {
    let is_late = event.event_created_at.seconds() < connection.connected_at.seconds();
    let why = RevocationReason::RemovedInDashboard;
    if !is_late && credentials::revoke(engine, tx, connection, why).await? {
        return Ok(EventOutcome::ConnectionRevoked);
    }
    Ok(EventOutcome::ReconnectedSince)
}

/// Evaluates a customer again: when a grace period ends, or a lead was reported late.
async fn reevaluate(engine: &Engine, job: &JobId, customer: &CustomerId) -> Result<()> {
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        if !store::jobs::done(&mut tx, job).await? {
            return Ok(());
        }
        // The customer may have been merged into another one meanwhile, who was evaluated then.
        if let Some(found) = store::customers::get(&mut tx, customer).await? {
            let connection = store::connections::get(&mut tx, &found.connection_id)
                .await?
                .ok_or_else(|| Error::Broken(format!("customer without a connection: {customer}")))?;
            let cause = Cause::own(CauseKind::Reevaluation, job.to_string());
            ledger_writer::reevaluate(engine, &mut tx, &connection, customer, &cause, now).await?;
        }
        tx.commit().await?;
        Ok(())
    })
    .await
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
