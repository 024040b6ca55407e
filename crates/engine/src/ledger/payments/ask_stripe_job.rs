//! The job that asks Stripe about one payment.
//!
//! From 2025-03-31.basil on a charge does not say whether an invoice is behind it. It
//! waits for the event that does; where Stripe can be asked and no such event came, its
//! list of invoice payments answers before the wait is over. The answer is a fact like
//! those of events. What was answered is not asked again, because an account's reads are
//! counted (Stripe docs: rate limits).

use std::sync::Arc;

use connect::stripe::invoice_payments;
use domain::attribution::PaymentStatus;
use domain::commissions::{Cause, CauseKind};
use domain::facts::{EventFacts, Fact, InvoicePaymentFact, NoInvoiceFact};
use domain::ids::{ConnectionId, JobId};
use domain::jobs::JobKind;
use store::connections::Connection;
use store::db::again;

use super::alone;
use super::follow_ups::AskStripe;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::Job;
use crate::stripe::credentials;

impl Job for AskStripe {
    const KIND: JobKind = JobKind::AskStripe;

    fn deduplication_key(&self) -> Option<String> {
        Some(format!("{} {}", self.connection, self.intent))
    }

    /// Asks, and evaluates the customer again with the answer.
    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        let fact = match waiting(engine, &self.connection, &self.intent).await? {
            Some(connection) => {
                answer(engine, &connection, &self.intent).await?.map(|fact| (Arc::new(connection), fact))
            }
            None => None,
        };
        again(|| async {
            let mut tx = engine.db().begin().await?;
            if !store::jobs::done(&mut tx, job).await? {
                return Ok(());
            }
            if let Some((connection, fact)) = &fact {
                let event = Self::answer_name(&self.intent);
                let facts = EventFacts { event, created: engine.now(), fact: fact.clone() };
                let cause = Cause::own(CauseKind::InvoiceLookup, job.to_string());
                alone::add_facts(engine, &mut tx, connection, &facts, &cause, false).await?;
            }
            tx.commit().await?;
            Ok(())
        })
        .await
    }
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
        Err(error) if error.is_temporary() => return Err(Error::Stripe(error.to_string())),
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
            payment_record: None,
            amount_paid: None,
        }),
        None => Fact::NoInvoice(NoInvoiceFact { payment_intent: intent }),
    }))
}
