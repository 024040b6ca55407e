//! Asking Stripe about one payment.
//!
//! From 2025-03-31.basil on a charge does not say whether an invoice is behind it. It
//! waits for the event that does; where Stripe can be asked and no such event came, its
//! list of invoice payments answers before the wait is over. The answer is a fact like
//! those of events. What was answered is not asked again, because an account's reads are
//! counted (Stripe docs: rate limits).

use connect::stripe::invoice_payments;
use domain::attribution::PaymentStatus;
use domain::clock::{SECOND_MS, Timestamp};
use domain::commissions::{Cause, CauseKind};
use domain::facts::{EventFacts, Fact, InvoicePaymentFact, NoInvoiceFact};
use domain::ids::{ConnectionId, JobId};
use store::connections::Connection;
use store::db::{Tx, again};

use super::{customer, ledger_writer};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::stripe::credentials;

/// A question about a payment intent; the payload names its connection and it.
pub(crate) const ASK: &str = "ask";
/// Events of one payment are seconds apart: whatever comes by itself is not asked for.
const AFTER_MS: i64 = 30 * SECOND_MS;

/// Has Stripe asked whether a payment intent paid an invoice, unless an event says so
/// before; not where Stripe cannot be asked.
pub(super) async fn later(
    engine: &Engine,
    tx: &mut Tx,
    connection: &Connection,
    intent: &str,
    now: Timestamp,
) -> Result<()> {
    if connection.mode == "manual" || !connection.is_connected() {
        return Ok(());
    }
    if store::customers::has_facts(tx, &connection.id, &answer_to(intent)).await? {
        return Ok(());
    }
    let payload = format!("{} {intent}", connection.id);
    let id = JobId::new(now, engine.random());
    let once = format!("{ASK} {payload}");
    Ok(store::jobs::put(tx, &id, ASK, &payload, Some(&once), now.plus_ms(AFTER_MS), now).await?)
}

/// Under which name an answer is kept among the facts of events.
fn answer_to(intent: &str) -> String {
    format!("answer_{intent}")
}

/// Asks, and evaluates the customer again with the answer: the job [`ASK`].
pub(crate) async fn ask(engine: &Engine, job: &JobId, payload: &str) -> Result<()> {
    let unreadable = || Error::Broken(format!("unreadable payload {payload:?}"));
    let (connection, intent) = payload.split_once(' ').ok_or_else(unreadable)?;
    let connection: ConnectionId = connection.parse().map_err(|_| unreadable())?;
    let fact = match waiting(engine, &connection, intent).await? {
        Some(connection) => answer(engine, &connection, intent).await?.map(|fact| (connection, fact)),
        None => None,
    };
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        if !store::jobs::done(&mut tx, job).await? {
            return Ok(());
        }
        if let Some((connection, fact)) = &fact {
            let facts = EventFacts { event: answer_to(intent), created: now, fact: fact.clone() };
            let customer = customer::find_or_merge(engine, &mut tx, connection, &facts, now).await?;
            store::customers::put_facts(&mut tx, &connection.id, &customer, &facts).await?;
            let cause = Cause::own(CauseKind::InvoiceLookup, job.to_string());
            ledger_writer::reevaluate(engine, &mut tx, connection, &customer, &cause, now).await?;
        }
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// The connection, if the payment still waits and Stripe can be asked.
async fn waiting(engine: &Engine, id: &ConnectionId, intent: &str) -> Result<Option<Connection>> {
    let mut conn = engine.db().read().await?;
    let Some(connection) = store::connections::get(&mut conn, id).await? else { return Ok(None) };
    let Some(payment) = store::payments::of_stripe_id(&mut conn, id, intent).await? else { return Ok(None) };
    let payment = store::payments::get(&mut conn, &connection.program_id, &payment).await?;
    let waits = payment.is_some_and(|payment| payment.status == PaymentStatus::Waiting);
    Ok(waits.then_some(connection).filter(Connection::is_connected))
}

/// What Stripe answers; nothing where it does not let us ask: then the wait goes on.
async fn answer(engine: &Engine, connection: &Connection, intent: &str) -> Result<Option<Fact>> {
    let caller = match credentials::client(engine, connection).await {
        Ok(caller) => caller,
        Err(Error::Forbidden(_) | Error::Stripe(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let found = match invoice_payments::of_intent(&caller, intent).await {
        Ok(found) => found,
        Err(error) if error.passes() => return Err(Error::Stripe(error.to_string())),
        Err(error) => {
            credentials::refused(engine, connection, &error).await?;
            return Ok(None);
        }
    };
    let intent = intent.to_owned();
    Ok(Some(match found.into_iter().find_map(|payment| Some((payment.id, payment.invoice?))) {
        Some((id, invoice)) => Fact::InvoicePayment(InvoicePaymentFact {
            id,
            invoice,
            payment_intent: Some(intent),
            charge: None,
        }),
        None => Fact::NoInvoice(NoInvoiceFact { payment_intent: intent }),
    }))
}
