//! The job that revokes our access to a Stripe account.

use connect::stripe::oauth::OAuthErrorKind;
use domain::ids::JobId;
use domain::jobs::JobKind;
use serde::{Deserialize, Serialize};
use store::connections::Connection;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::Job;

/// Gives up access to a Stripe account; not when the account was connected again
/// meanwhile.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Deauthorize {
    account: String,
    livemode: bool,
}

impl Deauthorize {
    /// Gives up what a connection used.
    pub(super) fn of(connection: &Connection) -> Self {
        Self {
            account: connection.stripe_account.clone().unwrap_or_default(),
            livemode: connection.livemode.unwrap_or(true),
        }
    }
}

impl Job for Deauthorize {
    const KIND: JobKind = JobKind::Deauthorize;

    fn deduplication_key(&self) -> Option<String> {
        Some(format!("{} {}", self.account, if self.livemode { "live" } else { "test" }))
    }

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        revoke_access(engine, &self.account, self.livemode).await?;
        store::jobs::done(&mut engine.db().write().await?, job).await?;
        Ok(())
    }
}

/// Gives up access to an account, unless a connection uses it.
pub(super) async fn revoke_access(engine: &Engine, account: &str, livemode: bool) -> Result<()> {
    let rows = store::connections::of_account(&mut engine.db().read().await?, account).await?;
    let is_used = |row: &Connection| row.is_connected() && row.livemode == Some(livemode);
    if account.is_empty() || rows.iter().any(is_used) {
        return Ok(());
    }
    match engine.platform().deauthorize(engine.stripe(), livemode, account).await {
        Ok(()) => Ok(()),
        // No keys, or not our platform: there is nothing to revoke.
        Err(error) if matches!(error.kind, OAuthErrorKind::NotConfigured | OAuthErrorKind::WrongClient) => {
            tracing::warn!(account, %error, "access to an account could not be revoked");
            Ok(())
        }
        Err(error) => Err(Error::Stripe(error.description)),
    }
}
