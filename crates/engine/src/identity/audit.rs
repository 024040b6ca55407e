//! The audit trail: who changed what, when. A line is written in the transaction of the
//! change.

use domain::audit::AuditAction;
use domain::ids::{AccountId, AuditEventId, MerchantId, ProgramId};
pub use store::audit::Line;
use store::db::Conn;

use crate::engine::Engine;
use crate::error::Result;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

/// A line under construction.
pub(crate) struct Draft {
    action: AuditAction,
    subject: String,
    account: Option<AccountId>,
    merchant: Option<MerchantId>,
    program: Option<ProgramId>,
}

/// Begins a line: the id of what was changed, and what was done.
pub(crate) fn line(subject: &str, action: AuditAction) -> Draft {
    Draft { action, subject: subject.to_owned(), account: None, merchant: None, program: None }
}

impl Draft {
    pub(crate) fn by(mut self, account: &AccountId) -> Self {
        self.account = Some(account.clone());
        self
    }
    pub(crate) fn of_merchant(mut self, merchant: &MerchantId) -> Self {
        self.merchant = Some(merchant.clone());
        self
    }
    pub(crate) fn of_program(mut self, program: &ProgramId) -> Self {
        self.program = Some(program.clone());
        self
    }
    pub(crate) fn by_actor(self, actor: &MerchantActor) -> Self {
        self.by(actor.account_id()).of_merchant(actor.merchant_id())
    }
}

/// Writes a line.
pub(crate) async fn put(engine: &Engine, conn: &mut Conn, draft: Draft) -> Result<()> {
    put_cause(engine, conn, draft).await.map(drop)
}

/// Writes a line that is the cause of ledger entries and returns its id.
pub(crate) async fn put_cause(engine: &Engine, conn: &mut Conn, draft: Draft) -> Result<AuditEventId> {
    let now = engine.now();
    let line = Line {
        id: AuditEventId::new(now, engine.random()),
        merchant_id: draft.merchant,
        program_id: draft.program,
        account_id: draft.account,
        at: now,
        subject: draft.subject,
        action: draft.action,
    };
    store::audit::put(conn, &line).await?;
    Ok(line.id)
}

/// The lines about one thing of a program, newest first, with the names of who did it.
pub async fn about(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    subject: &str,
) -> Result<Vec<(Line, Option<String>)>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    Ok(store::audit::about(&mut conn, &program.id, subject).await?)
}
