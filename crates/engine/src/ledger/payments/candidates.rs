//! The affiliates who may have referred an unattributed payment.

use std::collections::{BTreeMap, BTreeSet};

use domain::candidates::rank;
pub use domain::candidates::{Candidate, Clue};
use domain::ids::{PaymentId, ProgramId};
use store::db::Conn;
use store::payments::Payment;

use crate::engine::Engine;
use crate::error::Result;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

/// Payments that are looked at in one go: a page of them. Each costs a handful of short
/// queries.
const MOST: usize = 50;

/// The likely candidates of some payments of a program, the likeliest first.
pub async fn candidates(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    payments: &[Payment],
) -> Result<BTreeMap<PaymentId, Vec<Candidate>>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let mut all = BTreeMap::new();
    for payment in payments.iter().filter(|payment| payment.program_id == program.id).take(MOST) {
        all.insert(payment.id.clone(), of(&mut conn, &program.id, payment).await?);
    }
    Ok(all)
}

async fn of(conn: &mut Conn, program: &ProgramId, payment: &Payment) -> Result<Vec<Candidate>> {
    let customer = &payment.customer_id;
    let mut found = store::candidates::other_payments(conn, program, customer, &payment.id).await?;
    let facts = store::customers::facts(conn, customer).await?;
    let tokens: BTreeSet<_> =
        facts.iter().filter_map(|event| event.fact.hints()).flat_map(|hints| &hints.tokens).collect();
    for carried in tokens {
        found.extend(store::candidates::carried(conn, program, &carried.token).await?);
    }
    found.extend(store::candidates::leads(conn, program, customer).await?);
    let country = facts.iter().rev().filter_map(|event| event.fact.hints()?.country.as_deref()).next();
    found.extend(store::candidates::near(conn, program, payment.paid_at, country).await?);
    Ok(rank(found))
}
