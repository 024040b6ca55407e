//! What each affiliate is due, and whether it can be paid now.

use domain::clock::Timestamp;
use domain::ids::ProgramId;
use domain::payouts::{DueStatus, PayoutSettings};
use domain::terms::in_force;
use store::db::Conn;
use store::payouts::{Due, DueKey, DueTotal};
use store::programs::Program;

use super::settings;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

/// Who is due what in a program.
#[derive(Debug, Clone)]
pub struct DueList {
    /// A page of them, the most first.
    pub rows: Vec<Due>,
    /// All of them, by status and currency.
    pub totals: Vec<DueTotal>,
    /// What is on hold and in payouts, by currency.
    pub balances: Vec<store::commissions::Balance>,
    /// The least that is paid, in minor units of the program's currency.
    pub minimum: i64,
    /// How the program pays.
    pub settings: PayoutSettings,
    /// As of when.
    pub at: Timestamp,
}

/// What the status of what is due follows from, apart from the balances.
pub(super) struct Rules {
    pub(super) minimum: i64,
    pub(super) settings: PayoutSettings,
    pub(super) now: Timestamp,
}

impl Rules {
    pub(super) async fn load(engine: &Engine, conn: &mut Conn, program: &Program) -> Result<Self> {
        let now = engine.now();
        let versions = store::terms::list(conn, &program.id).await?;
        let terms = in_force(&versions, now)
            .ok_or_else(|| Error::Broken(format!("a program without terms: {}", program.id)))?;
        let minimum = terms.terms.minimum_payout_minor;
        Ok(Self { minimum, settings: settings::load(engine, conn, &program.id).await?, now })
    }

    pub(super) fn key<'a>(&self, program: &'a Program) -> DueKey<'a> {
        DueKey {
            program: &program.id,
            now: self.now,
            minimum: self.minimum,
            currency: program.currency,
            changed_before: self.now.plus_days(-self.settings.method_hold_days),
        }
    }
}

/// A page of who is due what in a program, the most first; all or those of one status.
pub async fn due(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    status: Option<DueStatus>,
    offset: i64,
    limit: i64,
) -> Result<DueList> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let rules = Rules::load(engine, &mut conn, &program).await?;
    let key = rules.key(&program);
    let (rows, totals) = store::payouts::due(&mut conn, &key, status, offset, limit).await?;
    Ok(DueList {
        rows,
        totals,
        balances: store::commissions::of_program(&mut conn, &program.id, rules.now).await?,
        minimum: rules.minimum,
        at: rules.now,
        settings: rules.settings,
    })
}
