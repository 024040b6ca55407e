//! What an evaluation leaves for later.
//!
//! The jobs evaluate a customer and an evaluation adds jobs, so the payloads are here,
//! below both, and what the jobs do is in the files named after them.

use domain::clock::{SECOND_MS, Timestamp};
use domain::emails::Email;
use domain::ids::{ConnectionId, CustomerId, ProgramId};
use serde::{Deserialize, Serialize};
use store::connections::Connection;
use store::db::Tx;

use crate::engine::Engine;
use crate::error::Result;
use crate::jobs;

/// Evaluates a customer again: when a grace period ends, or a lead was reported late.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Reevaluate(pub(crate) CustomerId);

/// Enqueues the evaluation of the customers with an address, after a late lead.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReevaluateAddress {
    /// The program.
    pub(crate) program: ProgramId,
    /// The address.
    pub(crate) email: Email,
}

/// Asks Stripe whether a payment intent paid an invoice.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AskStripe {
    /// Through which connection.
    pub(super) connection: ConnectionId,
    /// The payment intent's Stripe id.
    pub(super) intent: String,
}

impl AskStripe {
    /// Under which name the answer is kept among the facts of events.
    pub(super) fn answer_name(intent: &str) -> String {
        format!("answer_{intent}")
    }
}

/// Fetches the full event that a thin event announced.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FetchEvent {
    /// Through which connection.
    pub(super) connection: ConnectionId,
    /// The event's Stripe id.
    pub(super) event: String,
}

/// Events of one payment are seconds apart: Stripe is not asked for what comes by itself.
const ASK_AFTER_MS: i64 = 30 * SECOND_MS;

/// Has Stripe asked whether a payment intent paid an invoice, unless an event says so before.
pub(super) async fn ask_stripe(
    engine: &Engine,
    tx: &mut Tx,
    connection: &Connection,
    intent: &str,
    now: Timestamp,
) -> Result<()> {
    let question = AskStripe { connection: connection.id.clone(), intent: intent.to_owned() };
    jobs::enqueue(engine, tx, &question, now.plus_ms(ASK_AFTER_MS)).await?;
    Ok(())
}
