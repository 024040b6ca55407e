//! Who is due what, and the payouts of a run.

use app::request::queries::Parameters;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::ids::{AffiliateId, PayoutRunId, ProgramId};
use domain::money::{Currency, decimal_text};
use domain::payouts::DueStatus;
use engine::Engine;
use engine::identity::sessions::MerchantActor;
use engine::payouts::{self, Due, PayoutRow};

use super::format::time;
use super::{PAGE, stream_table};
use crate::http::error_pages;
use crate::http::signed_in::SignedIn;

/// Rows of what is due read at once: more than of other tables, because each page adds up
/// the balances of the program.
const DUE_PAGE: i64 = 1_000;

/// What is due, the most first; all or of one status.
pub(super) async fn due(
    engine: Engine,
    actor: MerchantActor,
    program: ProgramId,
    parameters: Parameters,
) -> Response {
    const HEAD: [&str; 8] = [
        "affiliate",
        "affiliate_id",
        "currency",
        "amount",
        "status",
        "method",
        "method_hint",
        "method_changed_at",
    ];
    let status = parameters.get("status").and_then(DueStatus::from_word);
    stream_table("due", &HEAD, move |offset: Option<i64>| {
        let (engine, actor, program) = (engine.clone(), actor.clone(), program.clone());
        async move {
            let offset = offset.unwrap_or(0);
            let rows = payouts::due(&engine, &actor, &program, status, offset, DUE_PAGE).await?.rows;
            let next = (rows.len() as i64 == DUE_PAGE).then_some(offset + DUE_PAGE);
            Ok((rows.into_iter().map(due_cells).collect(), next))
        }
    })
    .await
}

fn due_cells(due: Due) -> Vec<String> {
    vec![
        due.name,
        due.affiliate_id.to_string(),
        due.currency.to_string(),
        decimal_text(due.amount, due.currency),
        due.status.word().to_owned(),
        due.method.map(|method| method.word().to_owned()).unwrap_or_default(),
        due.method_hint.unwrap_or_default(),
        due.method_changed_at.map(time).unwrap_or_default(),
    ]
}

/// The payouts of a run.
pub(super) async fn of_run(
    State(engine): State<Engine>,
    SignedIn(person): SignedIn,
    Path((program, run)): Path<(String, String)>,
) -> Response {
    const HEAD: [&str; 11] = [
        "payout",
        "affiliate",
        "affiliate_id",
        "email",
        "currency",
        "amount",
        "entries",
        "method",
        "method_hint",
        "status",
        "failure",
    ];
    let ids = (program.parse::<ProgramId>(), run.parse::<PayoutRunId>(), person.merchant);
    let (Ok(program), Ok(run), Some(actor)) = ids else { return error_pages::not_found() };
    stream_table("payouts", &HEAD, move |after: Option<(AffiliateId, Currency)>| {
        let (engine, actor, program, run) = (engine.clone(), actor.clone(), program.clone(), run.clone());
        async move {
            let from = after.as_ref().map(|(affiliate, currency)| (affiliate, *currency));
            let rows = payouts::payouts_of(&engine, &actor, &program, &run, from, PAGE).await?;
            let last = rows.last().filter(|_| rows.len() as i64 == PAGE);
            let next = last.map(|last| (last.payout.affiliate_id.clone(), last.payout.currency));
            Ok((rows.into_iter().map(payout_cells).collect(), next))
        }
    })
    .await
}

fn payout_cells(row: PayoutRow) -> Vec<String> {
    let payout = row.payout;
    let (method, hint) = row.method.map(|(kind, hint)| (kind.word().to_owned(), hint)).unwrap_or_default();
    vec![
        payout.id.to_string(),
        row.name,
        payout.affiliate_id.to_string(),
        row.email,
        payout.currency.to_string(),
        decimal_text(payout.amount, payout.currency),
        payout.entries.to_string(),
        method,
        hint,
        payout.status.word().to_owned(),
        payout.failure.unwrap_or_default(),
    ]
}
