//! The company's side.

use domain::attribution::PaymentStatus;
use domain::audit::AuditAction;
use domain::ids::{PaymentId, ProgramId, ReferralRequestId};
use domain::referral_requests::{Remark, RequestStatus, Sought};
use store::db::{Conn, again};
use store::payments::Payment;
use store::programs::Program;
use store::referral_requests::ReferralRequest;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::ledger::payments::{Assignee, assign};

/// Payments that are shown for a request.
const MOST_MATCHES: usize = 5;
const OVER: &str = "This request was answered before";

/// A request with what the company knows about it.
#[derive(Debug, Clone)]
pub struct RequestRow {
    /// The request.
    pub request: ReferralRequest,
    /// The affiliate's name.
    pub affiliate_name: String,
    /// Payments that it may mean, nearest to its day first.
    pub matches: Vec<Payment>,
}

/// A program's requests of a status, oldest first, after one of them.
pub async fn list(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    status: RequestStatus,
    after: &str,
    limit: i64,
) -> Result<Vec<RequestRow>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let found = store::referral_requests::list(&mut conn, &program.id, status, after, limit).await?;
    let mut rows = Vec::new();
    for request in found {
        rows.push(row(&mut conn, &program, request).await?);
    }
    Ok(rows)
}

/// One request to a program.
pub async fn of_program(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &ReferralRequestId,
) -> Result<RequestRow> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let found = store::referral_requests::get(&mut conn, &program.id, id).await?.ok_or(Error::NotFound)?;
    row(&mut conn, &program, found).await
}

async fn row(conn: &mut Conn, program: &Program, request: ReferralRequest) -> Result<RequestRow> {
    let affiliate = store::affiliates::get(conn, &program.id, &request.affiliate_id).await?;
    let mut matches = match &request.sought {
        Sought::Email(email) => {
            let customers = store::customers::with_email(conn, &program.id, email).await?;
            store::payments::of_customers(conn, &customers).await?
        }
        Sought::Order(order) => store::payments::of_program_stripe_id(conn, &program.id, order).await?,
    };
    matches.retain(|payment| {
        payment.program_id == program.id
            && matches!(payment.status, PaymentStatus::Paid | PaymentStatus::Waiting)
    });
    matches.sort_by_key(|payment| payment.paid_at.since_ms(request.bought_at).unsigned_abs());
    matches.truncate(MOST_MATCHES);
    let affiliate_name = affiliate.map(|affiliate| affiliate.name).unwrap_or_default();
    Ok(RequestRow { request, affiliate_name, matches })
}

/// Credits a payment to the affiliate who asked, as assigning it does, and says so to them.
///
/// # Errors
/// [`Error::NotFound`] when the request or the payment is not the program's, [`Error::Invalid`] when
/// the request was answered before or the payment cannot be assigned.
pub async fn credit(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &ReferralRequestId,
    payment: &PaymentId,
    answer: &Remark,
) -> Result<()> {
    let found = of_program(engine, actor, program, id).await?.request;
    if found.status != RequestStatus::Open {
        return Err(Error::field("answer", OVER));
    }
    // Assigning it twice changes nothing, so that answering can be tried again.
    let assignee = Assignee::Affiliate(found.affiliate_id);
    assign(engine, actor, program, payment, &assignee, true).await?;
    close(engine, actor, program, id, RequestStatus::Credited, answer, Some(payment)).await
}

/// Declines a request. The affiliate can read why.
///
/// # Errors
/// [`Error::NotFound`] when it is not the program's, [`Error::Invalid`] without a reason, or when it was
/// answered before.
pub async fn decline(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &ReferralRequestId,
    answer: &Remark,
) -> Result<()> {
    if answer.as_str().is_empty() {
        return Err(Error::field("answer", "Enter an answer. The affiliate can read it"));
    }
    close(engine, actor, program, id, RequestStatus::Declined, answer, None).await
}

async fn close(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &ReferralRequestId,
    status: RequestStatus,
    answer: &Remark,
    payment: Option<&PaymentId>,
) -> Result<()> {
    actor.may_write()?;
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        store::referral_requests::get(&mut tx, &program.id, id).await?.ok_or(Error::NotFound)?;
        let by = actor.account_id();
        let text = answer.as_str();
        if !store::referral_requests::answer(&mut tx, id, status, text, payment, by, now).await? {
            return Err(Error::field("answer", OVER));
        }
        let action = AuditAction::ReferralRequestAnswered { status };
        let line = audit::line(id.as_str(), action);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        Ok(())
    })
    .await
}
