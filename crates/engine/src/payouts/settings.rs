//! The payout settings of a program: draft day, approval, paying account.

use domain::audit::AuditAction;
use domain::ids::ProgramId;
use domain::payouts::{BankAccount, PayerChange, PayoutSettings, PayoutSettingsChange, month_of_draft};
use store::db::{Conn, again};
use store::payouts::StoredSettings;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::sessions::MerchantActor;
use crate::identity::{audit, scope};

fn aad(program: &ProgramId) -> String {
    format!("payout_settings.payer.{program}")
}

/// How a program pays: what is stored, or the defaults.
pub(super) async fn load(engine: &Engine, conn: &mut Conn, program: &ProgramId) -> Result<PayoutSettings> {
    let Some(stored) = store::payouts::settings(conn, program).await? else {
        return Ok(PayoutSettings::default());
    };
    let payer = stored.payer.map(|sealed| open(engine, program, &sealed)).transpose()?;
    Ok(PayoutSettings {
        second_approval: stored.second_approval,
        method_hold_days: stored.method_hold_days,
        draft_day: stored.draft_day,
        payer,
    })
}

fn open(engine: &Engine, program: &ProgramId, sealed: &str) -> Result<BankAccount> {
    let json = engine.key().open(sealed, &aad(program)).map_err(|error| Error::Broken(error.to_string()))?;
    serde_json::from_str(&json).map_err(|error| Error::Broken(error.to_string()))
}

/// How a program pays.
pub async fn settings(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<PayoutSettings> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    load(engine, &mut conn, &program.id).await
}

/// Changes how a program pays.
///
/// # Errors
/// [`Error::Forbidden`] for anyone but an owner: the settings say whose account pays and who must
/// approve.
pub async fn set_settings(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    new: &PayoutSettingsChange,
) -> Result<()> {
    actor.may_own("Only an owner can change how payouts are made.")?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let seal = |payer: &BankAccount| {
            let json = serde_json::to_string(payer).map_err(|error| Error::Broken(error.to_string()))?;
            Ok::<_, Error>(engine.key().seal(&json, &aad(&program.id), engine.random()))
        };
        let payer = match &new.payer {
            PayerChange::Replace(payer) => payer.as_ref().map(seal).transpose()?,
            PayerChange::Keep => {
                store::payouts::settings(&mut tx, &program.id).await?.and_then(|before| before.payer)
            }
        };
        let stored = StoredSettings {
            second_approval: new.second_approval,
            method_hold_days: new.method_hold_days,
            draft_day: new.draft_day,
            payer,
        };
        store::payouts::put_settings(&mut tx, &program.id, &stored).await?;
        // A day that has passed is one of the next month.
        let month = new.draft_day.and_then(|day| month_of_draft(engine.now(), &program.time_zone, day));
        if let Some(month) = month {
            store::payouts::begin_month(&mut tx, &program.id, &month).await?;
        }
        let line = audit::line(program.id.as_str(), AuditAction::PayoutSettingsChanged);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        Ok(tx.commit().await?)
    })
    .await
}
