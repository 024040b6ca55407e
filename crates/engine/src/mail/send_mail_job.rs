//! The job that sends an email.

use domain::emails::Email;
use domain::ids::{JobId, MailId};
use domain::jobs::JobKind;
use serde::{Deserialize, Serialize};
use store::db::Tx;

use super::{Letter, log};
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::{Failure, Job};

/// Sends an email. A mail server that drops the connection after accepting it gets it a
/// second time: twice is better than never.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendMail {
    pub(super) to: Email,
    pub(super) letter: Letter,
    /// Its line in the log of its program.
    pub(super) logged: Option<MailId>,
}

impl Job for SendMail {
    const KIND: JobKind = JobKind::SendMail;

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        super::deliver(engine, &self.to, &self.letter, self.logged.as_ref(), job).await
    }

    async fn on_failure(&self, engine: &Engine, tx: &mut Tx, _job: &JobId, failure: Failure) -> Result<()> {
        match &self.logged {
            Some(id) if failure == Failure::DeadLettered => log::failed(engine, tx, id).await,
            _ => Ok(()),
        }
    }
}
