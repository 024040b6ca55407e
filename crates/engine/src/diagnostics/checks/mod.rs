//! The integration check: whether a program is set up, judged by what has arrived.

mod lines;

use connect::stripe::read::uses_managed_payments;
use domain::checks::Verdict;
use domain::clock::Timestamp;
use domain::diagnostics::Check;
use domain::ids::ProgramId;
use store::connections::Connection;
use store::db::Conn;
use store::payments::Payment;
use store::platform::PlatformEndpoint;
use store::programs::Program;

use crate::engine::Engine;
use crate::error::Result;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::stripe::platform;

/// How many payments, of how many days, are looked at.
const PAYMENTS: i64 = 50;
const DAYS: i64 = 30;
/// Events whose types are looked at: a busy day.
const EVENTS: i64 = 2_000;
/// The event that says whether a checkout was sold through Managed Payments.
const CHECKOUT: &str = "checkout.session.completed";

/// What the lines are made from.
struct Evidence {
    program: Program,
    connection: Option<Connection>,
    platform: Option<PlatformEndpoint>,
    payments: Vec<Payment>,
    types: Vec<String>,
    api_version: Option<String>,
    waiting_since: Option<Timestamp>,
    /// The hold period where Stripe sells as merchant of record, days.
    managed_hold_days: Option<i64>,
}

/// Checks a program's way from script to ledger. At most nine reads.
pub async fn integration(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<Vec<Check>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let evidence = gather(engine, &mut conn, program).await?;
    Ok(lines::all(&evidence, engine.now()))
}

async fn gather(engine: &Engine, conn: &mut Conn, program: Program) -> Result<Evidence> {
    let since = engine.now().plus_days(-DAYS);
    let connection = store::connections::of_program(conn, &program.id).await?;
    let payments = store::payments::recent(conn, &program.id, since, PAYMENTS).await?;
    let (mut types, mut api_version, mut waiting_since, mut platform) = (Vec::new(), None, None, None);
    if let Some(connection) = &connection {
        types = store::inbox::types(conn, &connection.id, EVENTS).await?;
        api_version = store::inbox::newest_version(conn, &connection.id).await?;
        waiting_since = store::inbox::backlog(conn, &connection.id).await?.1;
        platform = platform::endpoint_of(conn, connection).await?;
    }
    let managed_hold_days = managed_hold_days(conn, &program.id, engine.now()).await?;
    Ok(Evidence {
        program,
        connection,
        platform,
        payments,
        types,
        api_version,
        waiting_since,
        managed_hold_days,
    })
}

/// The hold period, if the newest checkout was sold through Stripe Managed Payments.
async fn managed_hold_days(conn: &mut Conn, program: &ProgramId, now: Timestamp) -> Result<Option<i64>> {
    let body = store::inbox::newest_body(conn, program, CHECKOUT).await?;
    let event = body.and_then(|body| serde_json::from_str(&body).ok());
    if !event.as_ref().is_some_and(uses_managed_payments) {
        return Ok(None);
    }
    let terms = store::terms::in_force(conn, program, now).await?;
    Ok(terms.map(|version| version.terms.hold_days))
}

/// Whether a payment carried a click's token, whether or not it counted.
fn carries_token(payment: &Payment) -> bool {
    use domain::checks::CheckKind::{ClientReference, Metadata};
    payment
        .checks
        .iter()
        .any(|check| matches!(check.kind, Metadata | ClientReference) && check.verdict != Verdict::NoMatch)
}
