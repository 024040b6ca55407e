//! Whether a program is wired up: what can be known from what came in, each line with
//! what to do when it is not green.

mod lines;

use domain::checks::Verdict as Found;
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

/// Payments and days that are looked at.
const PAYMENTS: i64 = 50;
const DAYS: i64 = 30;
/// Events whose types are looked at: a busy day.
const EVENTS: i64 = 2_000;

/// How a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// In place.
    Good,
    /// Nothing has come yet that could tell.
    Waiting,
    /// Something has to be done.
    Bad,
}

impl Verdict {
    /// The word of the API and the terminal.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Waiting => "waiting",
            Self::Bad => "bad",
        }
    }
}

/// One line of the check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// A stable word.
    pub code: &'static str,
    /// "Script on the site"
    pub title: &'static str,
    /// How it stands.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What to do, when it is not good.
    pub remedy: Option<String>,
}

/// What the lines are made from.
struct Evidence {
    program: Program,
    connection: Option<Connection>,
    platform: Option<PlatformEndpoint>,
    payments: Vec<Payment>,
    types: Vec<String>,
    api_version: Option<String>,
    waiting_since: Option<domain::clock::Timestamp>,
}

/// Looks at a program's way from script to ledger. At most seven reads.
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
    Ok(Evidence { program, connection, platform, payments, types, api_version, waiting_since })
}

/// Whether a payment brought a token along, whatever came of it.
fn carries_token(payment: &Payment) -> bool {
    use domain::checks::CheckKind::{ClientReference, Metadata};
    payment
        .checks
        .iter()
        .any(|check| matches!(check.kind, Metadata | ClientReference) && check.verdict != Found::NoMatch)
}
