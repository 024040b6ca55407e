//! From a stored event to money: understood once, in one transaction.
//!
//! An event's facts join the facts about the same buyer; `domain::attribution` says what all of
//! them together amount to; the ledger gets the difference. Running this again changes
//! nothing, in whatever order events arrive.

mod ask_stripe_job;
mod book;
mod buyer;
mod candidates;
mod context;
mod decide;
mod follow_ups;
mod outcome;
mod process_stripe_event_job;
mod reevaluate_job;
mod replay;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use connect::stripe::read::{Reading, about, read};
pub use domain::attribution::Decision;
use domain::clock::Timestamp;
use domain::connections::RevocationReason;
use domain::deliveries::EventSource;
use domain::ids::{ConversionId, CustomerId, InboxEventId, JobId, PaymentId, ProgramId};
use domain::jobs::JobKind;
use domain::money::Money;
use serde_json::Value;
pub use store::commissions::StoredEntry;
use store::connections::Connection;
use store::db::{AFTER_ALL_IDS, Tx, again};
use store::inbox::{InboxEvent, Outcome};
pub use store::payments::{Payment, Which};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::stripe::credentials;

pub use candidates::{Candidate, Sign, candidates};
pub use decide::{Choice, decide, undo};
pub(crate) use follow_ups::{AskStripe, Reevaluate};
pub use replay::{MOST_REPLAYED, Replay, ReplayedEvent, replay, replay_range};

/// What led to a change in the ledger.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    /// Stripe's id of the event, or the id of our own job.
    pub id: String,
    /// The type of the event.
    pub kind: String,
}

/// Processes a stored event. Does nothing when another worker or an earlier run has done it.
async fn understand(engine: &Engine, job: &JobId, event_id: &InboxEventId) -> Result<()> {
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        if !store::jobs::done(&mut tx, job).await? {
            return Ok(());
        }
        let Some((event, body, encoding)) = store::inbox::with_body(&mut tx, event_id).await? else {
            return Err(Error::Broken(format!("job for an event that is not there: {event_id}")));
        };
        if event.state == "received" {
            let connection = store::connections::get(&mut tx, &event.connection_id)
                .await?
                .ok_or_else(|| Error::Broken(format!("event without a connection: {event_id}")))?;
            let stored = (body.as_str(), encoding.as_str());
            let (outcome, _) = take_in(engine, &mut tx, &event, &connection, stored, None, now).await?;
            store::inbox::record_outcome(&mut tx, event_id, &outcome, now).await?;
            // What a replay brings says nothing about deliveries.
            if event.source == EventSource::Webhook {
                store::connections::touch_last_event(&mut tx, &connection.id, event.received_at).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// What came of an event, and what changed in the ledger.
type TakenIn = (Outcome, Vec<(String, Money)>);

/// Understands an event's bytes. `again` is the cause of a replay, which puts what the
/// event says now in the place of what it said before.
async fn take_in(
    engine: &Engine,
    tx: &mut Tx,
    event: &InboxEvent,
    connection: &Connection,
    (body, encoding): (&str, &str),
    again: Option<&Cause>,
    now: Timestamp,
) -> Result<TakenIn> {
    let unchanged = |outcome| Ok((outcome, Vec::new()));
    let bytes = match encoding {
        "base64" => STANDARD_NO_PAD.decode(body).unwrap_or_default(),
        _ => body.as_bytes().to_vec(),
    };
    let Ok(value) = serde_json::from_slice::<Value>(&bytes) else {
        return unchanged(outcome::failed(
            "not_json",
            "The delivery was signed but is no JSON. Nothing was changed.",
        ));
    };
    match (connection.livemode, event.livemode) {
        (Some(ours), Some(theirs)) if ours != theirs => {
            let text = if theirs {
                "A live event on a test connection."
            } else {
                "A test event on a live connection."
            };
            return unchanged(outcome::nothing("other_mode", text, about(&value)));
        }
        (None, Some(theirs)) => store::connections::set_livemode(tx, &connection.id, theirs).await?,
        _ => {}
    }
    if event.event_type == DEAUTHORIZED && connection.is_oauth() {
        return unchanged(deauthorized(engine, tx, event, connection, &value).await?);
    }
    match read(&value) {
        Reading::Nothing { reason, text } => unchanged(outcome::nothing(reason, text, about(&value))),
        Reading::Unreadable { field } => {
            let text = format!("The field {field} is missing, so the event could not be read.");
            unchanged(outcome::failed("unreadable", text))
        }
        Reading::Facts(facts) => {
            let customer = buyer::find_or_merge(engine, tx, connection, &facts, now).await?;
            if !store::customers::put_facts(tx, &connection.id, &customer, &facts).await? {
                if again.is_none() {
                    let text = "What this event says is known already.";
                    return unchanged(outcome::nothing("known", text, about(&value)));
                }
                store::customers::replace_facts(tx, &connection.id, &customer, &facts).await?;
            }
            for email in facts.fact.hints().map_or(&[][..], |hints| &hints.emails) {
                store::customers::put_email(tx, &customer, &connection.program_id, email).await?;
            }
            let own = Cause { id: event.event_id.clone(), kind: event.event_type.clone() };
            let cause = again.unwrap_or(&own);
            let changes = book::resettle(engine, tx, connection, &customer, cause, now).await?;
            let outcome = outcome::of_event(&facts, &changes, about(&value));
            Ok((outcome, changes.payments.into_iter().flat_map(|change| change.entries).collect()))
        }
    }
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
    value: &Value,
) -> Result<Outcome> {
    let is_late = event.event_created_at.seconds() < connection.connected_at.seconds();
    let why = RevocationReason::RemovedInDashboard;
    if !is_late && credentials::revoke(engine, tx, connection, why).await? {
        return Ok(Outcome {
            state: "processed",
            outcome: "deauthorized".to_owned(),
            text: "The merchant took access back in Stripe, so the connection is revoked.".to_owned(),
            about: about(value),
        });
    }
    let text = "Stripe was connected again since, so nothing was changed.";
    Ok(outcome::nothing("reconnected_since", text, about(value)))
}

/// Evaluates a customer again: when a grace period ends, or a lead was reported late.
async fn reevaluate(engine: &Engine, job: &JobId, customer: &CustomerId) -> Result<()> {
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        if !store::jobs::done(&mut tx, job).await? {
            return Ok(());
        }
        // The buyer may have been merged into another one meanwhile, who was evaluated then.
        if let Some(buyer) = store::customers::get(&mut tx, customer).await? {
            let connection = store::connections::get(&mut tx, &buyer.connection_id)
                .await?
                .ok_or_else(|| Error::Broken(format!("buyer without a connection: {customer}")))?;
            let cause = Cause { id: job.to_string(), kind: JobKind::Reevaluate.word().to_owned() };
            book::resettle(engine, &mut tx, &connection, customer, &cause, now).await?;
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
    /// Where a person decided for all later payments of its customer.
    pub decided_at: Option<PaymentId>,
    /// The events about it, oldest first.
    pub events: Vec<InboxEvent>,
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
        payment,
    })
}

/// A page of a program's payments, newest first.
pub async fn list(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    which: Which,
    before: Option<(Timestamp, String)>,
    limit: i64,
) -> Result<Vec<Payment>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let (at, id) = before.unwrap_or((Timestamp(i64::MAX), AFTER_ALL_IDS.to_owned()));
    Ok(store::payments::list(&mut conn, &program.id, which, (at, &id), limit).await?)
}

/// Payments of a program by their ids, in one query; what is not there is left out.
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
