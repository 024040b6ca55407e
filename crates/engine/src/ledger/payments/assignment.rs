//! Assigning a payment manually: to an affiliate, or as not an affiliate sale. The ledger
//! follows by the ordinary difference, with the audit line as its cause.

use domain::affiliates::AffiliateStatus;
use domain::attribution::PaymentStatus;
use domain::audit::AuditAction;
use domain::checks::NamedAffiliate;
use domain::commissions::{Cause, CauseKind, LedgerChange};
use domain::ids::{AffiliateId, PaymentId, ProgramId};
use store::db::{Tx, again};
use store::decisions::NewDecision;
use store::payments::Payment;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

use super::{alone, buyers};

/// What a payment is assigned to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assignee {
    /// An affiliate, who is credited.
    Affiliate(AffiliateId),
    /// Not an affiliate sale: no one is credited.
    NotAffiliateSale,
}

/// Assigns a payment, in place of the checks; with `later_payments` the customer's later
/// payments too. What was decided before is replaced. Returns what changed in the ledger:
/// nothing when it was decided so already.
///
/// # Errors
/// [`Error::Invalid`] for a payment that cannot be decided about (one that failed, or is
/// counted under another) and for an affiliate who was never approved.
pub async fn assign(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    payment: &PaymentId,
    assignee: &Assignee,
    later_payments: bool,
) -> Result<Vec<LedgerChange>> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let (program, payment) = find(&mut tx, actor, program, payment).await?;
        let affiliate_id = match assignee {
            Assignee::Affiliate(id) => Some(id.clone()),
            Assignee::NotAffiliateSale => None,
        };
        let standing = store::decisions::of_payment(&mut tx, &payment.id).await?;
        if standing.is_some_and(|d| d.affiliate_id == affiliate_id && d.later_payments == later_payments) {
            return Ok(Vec::new());
        }
        let action = match assignee {
            Assignee::Affiliate(id) => {
                let name = assignable(&mut tx, &program, id).await?;
                let affiliate = NamedAffiliate { id: id.clone(), name };
                AuditAction::PaymentAssigned { affiliate, later_payments }
            }
            Assignee::NotAffiliateSale => AuditAction::NotAffiliateSale { later_payments },
        };
        store::decisions::delete(&mut tx, &payment.connection_id, &payment.id).await?;
        let new = NewDecision {
            connection_id: payment.connection_id.clone(),
            stripe_id: payment.stripe_id.clone(),
            program_id: program.clone(),
            affiliate_id,
            later_payments,
            account_id: actor.account_id().clone(),
            at: engine.now(),
        };
        store::decisions::put(&mut tx, &new).await?;
        let changed = follow(engine, &mut tx, actor, &payment, action).await?;
        tx.commit().await?;
        Ok(changed)
    })
    .await
}

/// Undoes what was decided about a payment: the checks decide again, as if no one ever had.
///
/// # Errors
/// [`Error::NotFound`] when nothing was decided.
pub async fn unassign(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    payment: &PaymentId,
) -> Result<Vec<LedgerChange>> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let (_, payment) = find(&mut tx, actor, program, payment).await?;
        if store::decisions::delete(&mut tx, &payment.connection_id, &payment.id).await? == 0 {
            return Err(Error::NotFound);
        }
        let changed = follow(engine, &mut tx, actor, &payment, AuditAction::AssignmentUndone).await?;
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
    match payment.status {
        PaymentStatus::Merged => {
            Err(Error::field("affiliate", "This payment is counted under another one. Assign that one"))
        }
        PaymentStatus::Failed => {
            Err(Error::field("affiliate", "This payment failed, so there is nothing to assign"))
        }
        PaymentStatus::Paid | PaymentStatus::Waiting | PaymentStatus::Free => Ok((program, payment)),
    }
}

/// The name of an affiliate who may be credited: they are or were approved.
async fn assignable(tx: &mut Tx, program: &ProgramId, id: &AffiliateId) -> Result<String> {
    let affiliate = store::affiliates::get(tx, program, id).await?;
    let affiliate =
        affiliate.ok_or_else(|| Error::field("affiliate", "Choose an affiliate of this program"))?;
    match affiliate.status {
        AffiliateStatus::Active | AffiliateStatus::Suspended => Ok(affiliate.name),
        AffiliateStatus::Pending | AffiliateStatus::Declined => {
            Err(Error::field("affiliate", "This affiliate was never approved. Approve them first"))
        }
    }
}

/// Writes the audit line and updates the customer's ledger.
async fn follow(
    engine: &Engine,
    tx: &mut Tx,
    actor: &MerchantActor,
    payment: &Payment,
    action: AuditAction,
) -> Result<Vec<LedgerChange>> {
    let line = audit::line(payment.id.as_str(), action);
    let id = audit::put_cause(engine, tx, line.by_actor(actor).of_program(&payment.program_id)).await?;
    let connection = buyers::connection(tx, &payment.connection_id).await?;
    let cause = Cause::own(CauseKind::Assignment, id.to_string());
    let changes = alone::reevaluate_customer(engine, tx, &connection, &payment.customer_id, &cause).await?;
    Ok(changes.into_ledger())
}
