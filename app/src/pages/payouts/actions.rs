//! What can be done with runs and payouts.

use domain::fields::Problems;
use domain::ids::{AffiliateId, ProgramId};
use domain::money::Currency;
use domain::payouts::Reason;
use engine::payouts::Chosen;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{payout_of, run_of};
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::request::access::{Access, Refusal, engine, merchant};
use crate::routes;
use crate::text::Zone;

/// Drafts a run.
#[server(prefix = "/do", endpoint = "payouts/draft")]
pub async fn draft_run(
    /// The program.
    #[server(default)]
    program: String,
    /// The chosen affiliates, each with the currency: `aff_…:USD`.
    #[server(default)]
    chosen: Vec<String>,
    /// Whether everyone who can be paid is chosen.
    #[server(default)]
    all: String,
    /// The last day whose commissions are paid; empty for today.
    #[server(default)]
    until: String,
) -> Result<(), ServerFnError> {
    let sent = Submission::new(DraftRun::PATH, routes::of_form(&program, |program| program.payouts()))
        .typed("affiliate", "")
        .typed("until", &until);
    finish(sent, async {
        let (engine, actor) = (engine(), merchant().await?);
        let id: ProgramId = program.parse().map_err(|_| Refusal::NotFound)?;
        let chosen = if all.is_empty() { Chosen::Some(parse(&chosen)?) } else { Chosen::AllPayable };
        let program = engine::programs::get(&engine, &actor, &id).await?;
        let until = match until.trim() {
            "" => None,
            date => Some(Zone::named(&program.time_zone).end_of_day(date).ok_or_else(|| {
                Refusal::from(engine::Error::from(Problems::one("until", "Enter a date such as 2026-12-01")))
            })?),
        };
        let run = engine::payouts::draft(&engine, &actor, &id, &chosen, until).await?;
        Ok(Redirect::to(routes::program(&id).payout_run(&run)))
    })
    .await
}

/// The affiliates that were ticked.
fn parse(chosen: &[String]) -> Access<Vec<(AffiliateId, Currency)>> {
    let one = |text: &String| {
        let (affiliate, currency) = text.split_once(':').ok_or(Refusal::NotFound)?;
        let affiliate = affiliate.parse().map_err(|_| Refusal::NotFound)?;
        Ok((affiliate, currency.parse().map_err(|_| Refusal::NotFound)?))
    };
    chosen.iter().map(one).collect()
}

/// The page of the run that a form is about.
fn back(program: &str, run: &str) -> String {
    run_of(program, run)
        .map_or(routes::PROGRAMS.to_owned(), |(program, run)| routes::program(&program).payout_run(&run))
}

/// Approves a run.
#[server(prefix = "/do", endpoint = "payouts/approve")]
pub async fn approve_run(
    /// The program.
    #[server(default)]
    program: String,
    /// The run.
    #[server(default)]
    run: String,
) -> Result<(), ServerFnError> {
    finish(Submission::new(ApproveRun::PATH, back(&program, &run)), async {
        let (program, run) = run_of(&program, &run)?;
        engine::payouts::approve(&engine(), &merchant().await?, &program, &run).await?;
        let flash = Flash::done("Approved. Send the money with the files below, then mark the run as sent.");
        Ok(Redirect::to(routes::program(&program).payout_run(&run)).with_flash(flash))
    })
    .await
}

/// Gives a draft up.
#[server(prefix = "/do", endpoint = "payouts/discard")]
pub async fn discard_run(
    /// The program.
    #[server(default)]
    program: String,
    /// The run.
    #[server(default)]
    run: String,
) -> Result<(), ServerFnError> {
    finish(Submission::new(DiscardRun::PATH, back(&program, &run)), async {
        let (program, run) = run_of(&program, &run)?;
        engine::payouts::discard(&engine(), &merchant().await?, &program, &run).await?;
        let flash = Flash::done("Draft discarded. Everything in it is payable again.");
        Ok(Redirect::to(routes::program(&program).payouts()).with_flash(flash))
    })
    .await
}

/// Records that the money of a run was sent.
#[server(prefix = "/do", endpoint = "payouts/sent")]
pub async fn mark_sent(
    /// The program.
    #[server(default)]
    program: String,
    /// The run.
    #[server(default)]
    run: String,
) -> Result<(), ServerFnError> {
    finish(Submission::new(MarkSent::PATH, back(&program, &run)), async {
        let (program, run) = run_of(&program, &run)?;
        engine::payouts::mark_sent(&engine(), &merchant().await?, &program, &run).await?;
        Ok(Redirect::to(routes::program(&program).payout_run(&run))
            .with_flash(Flash::done("Marked as sent.")))
    })
    .await
}

/// Records that payouts arrived: one, or all of a run.
#[server(prefix = "/do", endpoint = "payouts/paid")]
pub async fn mark_paid(
    /// The program.
    #[server(default)]
    program: String,
    /// The run.
    #[server(default)]
    run: String,
    /// The payout; empty for all that are open.
    #[server(default)]
    payout: String,
) -> Result<(), ServerFnError> {
    finish(Submission::new(MarkPaid::PATH, back(&program, &run)), async {
        let (engine, actor) = (engine(), merchant().await?);
        let (id, run) = run_of(&program, &run)?;
        let payout = match payout.as_str() {
            "" => None,
            payout => Some(payout_of(&program, payout)?.1),
        };
        engine::payouts::mark_paid(&engine, &actor, &id, &run, payout.as_ref()).await?;
        Ok(Redirect::to(routes::program(&id).payout_run(&run)).with_flash(Flash::done("Marked as paid.")))
    })
    .await
}

/// Records that a payout did not arrive.
#[server(prefix = "/do", endpoint = "payouts/failed")]
pub async fn mark_failed(
    /// The program.
    #[server(default)]
    program: String,
    /// The run.
    #[server(default)]
    run: String,
    /// The payout.
    #[server(default)]
    payout: String,
    /// Why.
    #[server(default)]
    reason: String,
) -> Result<(), ServerFnError> {
    let sent = Submission::new(MarkFailed::PATH, back(&program, &run))
        .typed("reason", &reason)
        .typed("payout", &payout);
    finish(sent, async {
        let (engine, actor) = (engine(), merchant().await?);
        let (program, payout) = payout_of(&program, &payout)?;
        let reason = Reason::parse(&reason).map_err(|problem| engine::Error::field("reason", problem))?;
        let run = engine::payouts::mark_failed(&engine, &actor, &program, &payout, &reason).await?;
        let flash = Flash::done("Marked as failed. The amount is payable again.");
        Ok(Redirect::to(routes::program(&program).payout_run(&run)).with_flash(flash))
    })
    .await
}

/// Takes a payout out of a draft.
#[server(prefix = "/do", endpoint = "payouts/remove")]
pub async fn remove_payout(
    /// The program.
    #[server(default)]
    program: String,
    /// The run.
    #[server(default)]
    run: String,
    /// The payout.
    #[server(default)]
    payout: String,
) -> Result<(), ServerFnError> {
    finish(Submission::new(RemovePayout::PATH, back(&program, &run)), async {
        let (engine, actor) = (engine(), merchant().await?);
        let (program, payout) = payout_of(&program, &payout)?;
        let run = engine::payouts::remove(&engine, &actor, &program, &payout).await?;
        let flash = Flash::done("Removed. The amount is payable again.");
        Ok(Redirect::to(routes::program(&program).payout_run(&run)).with_flash(flash))
    })
    .await
}
