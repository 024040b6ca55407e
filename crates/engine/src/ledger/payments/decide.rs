//! What a person decides about a payment: whose it is, or that it is nobody's. The ledger
//! follows by the ordinary difference, with the audit line as its cause.

use domain::affiliates::AffiliateStatus;
use domain::ids::{AffiliateId, PaymentId, ProgramId};
use domain::money::Money;
use store::db::{Tx, again};
use store::decisions::NewDecision;
use store::payments::Payment;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit::{self, Draft};
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

use super::{Cause, book};

/// Whose a payment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// This affiliate's.
    Affiliate(AffiliateId),
    /// Not an affiliate sale.
    Nobody,
}

/// Decides whose a payment is, in place of the proofs; with `later` the customer's later
/// payments too. What was decided before is replaced. Answers what changed in the ledger,
/// with the names of the affiliates; nothing when it was decided so already.
///
/// # Errors
/// [`Error::Invalid`] for a payment that cannot be decided about (one that failed, or is
/// counted under another) and for somebody who was never let in.
pub async fn decide(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    payment: &PaymentId,
    choice: &Choice,
    later: bool,
) -> Result<Vec<(String, Money)>> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let (program, payment) = find(&mut tx, actor, program, payment).await?;
        let affiliate_id = match choice {
            Choice::Affiliate(id) => Some(id.clone()),
            Choice::Nobody => None,
        };
        let standing = store::decisions::of_payment(&mut tx, &payment.id).await?;
        if standing.is_some_and(|d| d.affiliate_id == affiliate_id && d.later == later) {
            return Ok(Vec::new());
        }
        let more = if later { " The customer’s later payments too." } else { "" };
        let line = match choice {
            Choice::Affiliate(id) => {
                let name = assignable(&mut tx, &program, id).await?;
                let text = format!("The payment was assigned to {name}.{more}");
                audit::line("payment.assigned", payment.id.as_str(), text)
            }
            Choice::Nobody => {
                let text = format!("The payment is not an affiliate sale.{more}");
                audit::line("payment.not_affiliate_sale", payment.id.as_str(), text)
            }
        };
        store::decisions::delete(&mut tx, &payment.connection_id, &payment.id).await?;
        let new = NewDecision {
            connection_id: payment.connection_id.clone(),
            stripe_id: payment.stripe_id.clone(),
            program_id: program.clone(),
            affiliate_id,
            later,
            account_id: actor.account_id().clone(),
            at: engine.now(),
        };
        store::decisions::put(&mut tx, &new).await?;
        let changed = follow(engine, &mut tx, actor, &payment, line).await?;
        tx.commit().await?;
        Ok(changed)
    })
    .await
}

/// Takes back what was decided about a payment: the proofs decide again, as if nobody ever
/// had.
///
/// # Errors
/// [`Error::NotFound`] when nothing was decided.
pub async fn undo(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    payment: &PaymentId,
) -> Result<Vec<(String, Money)>> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let (_, payment) = find(&mut tx, actor, program, payment).await?;
        if store::decisions::delete(&mut tx, &payment.connection_id, &payment.id).await? == 0 {
            return Err(Error::NotFound);
        }
        let text = "What was decided was taken back. The proofs decide again.";
        let line = audit::line("payment.undecided", payment.id.as_str(), text);
        let changed = follow(engine, &mut tx, actor, &payment, line).await?;
        tx.commit().await?;
        Ok(changed)
    })
    .await
}

async fn find(
    tx: &mut Tx,
    actor: &MerchantActor,
    program: &ProgramId,
    payment: &PaymentId,
) -> Result<(ProgramId, Payment)> {
    let program = scope::program(tx, actor, program).await?.id;
    let payment = store::payments::get(tx, &program, payment).await?.ok_or(Error::NotFound)?;
    match payment.state.as_str() {
        "merged" => Err(Error::field("affiliate", "This payment is counted under another one; decide there")),
        "failed" => {
            Err(Error::field("affiliate", "This payment did not go through; there is nothing to assign"))
        }
        _ => Ok((program, payment)),
    }
}

/// The name of somebody who may be credited: they are or were in the program.
async fn assignable(tx: &mut Tx, program: &ProgramId, id: &AffiliateId) -> Result<String> {
    let affiliate = store::affiliates::get(tx, program, id).await?;
    let affiliate =
        affiliate.ok_or_else(|| Error::field("affiliate", "Choose an affiliate of this program"))?;
    match affiliate.status {
        AffiliateStatus::Active | AffiliateStatus::Suspended => Ok(affiliate.name),
        AffiliateStatus::Pending | AffiliateStatus::Declined => {
            Err(Error::field("affiliate", "They were never let into the program; approve them first"))
        }
    }
}

/// Writes the line and brings the buyer's ledger to what holds now.
async fn follow(
    engine: &Engine,
    tx: &mut Tx,
    actor: &MerchantActor,
    payment: &Payment,
    line: Draft,
) -> Result<Vec<(String, Money)>> {
    let kind = line.action().to_owned();
    let id = audit::put_cause(engine, tx, line.by_actor(actor).of_program(&payment.program_id)).await?;
    let connection = store::connections::get(tx, &payment.connection_id)
        .await?
        .ok_or_else(|| Error::Broken(format!("payment without a connection: {}", payment.id)))?;
    let cause = Cause { id: id.to_string(), kind };
    let changes = book::resettle(engine, tx, &connection, &payment.customer_id, &cause, engine.now()).await?;
    Ok(changes.payments.into_iter().flat_map(|change| change.entries).collect())
}
