//! The job that asks Stripe about promotion codes of which it has said nothing yet.

use connect::stripe::promotion_codes::{self, PromotionCode};
use domain::coupons::{CodeProblem, CodeStatus};
use domain::ids::{ConnectionId, JobId};
use domain::jobs::JobKind;
use serde::{Deserialize, Serialize};
use store::connections::Connection;
use store::coupons::Coupon;
use store::db::again;

use super::{AT_ONCE, record_status};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::{self, Job};
use crate::stripe::credentials;

/// Asks Stripe about the codes of a program that were given to affiliates while it could not be
/// asked.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CheckPromotionCodes {
    connection: ConnectionId,
    /// The id of the code that was asked about last; empty at the beginning.
    after: String,
}

impl CheckPromotionCodes {
    pub(super) fn of(connection: &Connection) -> Self {
        Self { connection: connection.id.clone(), after: String::new() }
    }
}

impl Job for CheckPromotionCodes {
    const KIND: JobKind = JobKind::CheckPromotionCodes;

    fn deduplication_key(&self) -> Option<String> {
        Some(format!("{} {}", self.connection, self.after))
    }

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        let mut conn = engine.db().read().await?;
        let connection = store::connections::get(&mut conn, &self.connection).await?;
        let connection = connection.filter(Connection::can_call_stripe);
        let codes = match &connection {
            Some(connection) => {
                store::coupons::unseen(&mut conn, &connection.program_id, &self.after, AT_ONCE).await?
            }
            None => Vec::new(),
        };
        drop(conn);
        let asked_at = engine.now();
        let mut answers = Vec::new();
        if let Some(connection) = &connection {
            for coupon in &codes {
                let Some(answer) = ask(engine, connection, coupon).await? else { break };
                answers.push((coupon, answer));
            }
        }
        again(|| async {
            let mut tx = engine.db().begin().await?;
            if !store::jobs::done(&mut tx, job).await? {
                return Ok(());
            }
            let Some(connection) = &connection else { return Ok(tx.commit().await?) };
            for (coupon, answer) in &answers {
                let id = &coupon.promotion_code;
                match answer {
                    Answer::Found(found) => {
                        store::coupons::set_code(&mut tx, &coupon.id, &found.code).await?;
                        record_status(&mut tx, connection, id, &found.status, asked_at).await?;
                    }
                    Answer::Missing => {
                        let problem = Some(CodeProblem::Missing);
                        let status = CodeStatus { problem, ..CodeStatus::default() };
                        record_status(&mut tx, connection, id, &status, asked_at).await?;
                    }
                }
            }
            // A full page was answered: there may be more.
            if let Some(last) = codes.last().filter(|_| answers.len() as i64 == AT_ONCE) {
                let next = Self { connection: connection.id.clone(), after: last.id.to_string() };
                jobs::enqueue(engine, &mut tx, &next, engine.now()).await?;
            }
            tx.commit().await?;
            Ok(())
        })
        .await
    }
}

enum Answer {
    Found(PromotionCode),
    Missing,
}

/// What Stripe says of a code; `None` where it does not let us ask: the next check will.
async fn ask(engine: &Engine, connection: &Connection, coupon: &Coupon) -> Result<Option<Answer>> {
    let caller = match credentials::client(engine, connection).await {
        Ok(caller) => caller,
        Err(Error::Forbidden(_) | Error::Stripe(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    match promotion_codes::promotion_code(&caller, &coupon.promotion_code, engine.now()).await {
        Ok(Some(found)) => Ok(Some(Answer::Found(found))),
        Ok(None) => Ok(Some(Answer::Missing)),
        Err(error) if error.is_temporary() => Err(Error::Stripe(error.to_string())),
        Err(error) => {
            credentials::refused(engine, connection, &error).await?;
            Ok(None)
        }
    }
}
