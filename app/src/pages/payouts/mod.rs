//! Payouts: who is due what, runs, and what was paid.

mod actions;
mod due;
mod paid;
mod run;
mod runs;
mod statement;

use domain::ids::{PayoutId, PayoutRunId, ProgramId};

pub use actions::{
    ApproveRun, DiscardRun, DraftRun, MarkFailed, MarkPaid, MarkSent, RemovePayout, approve_run, discard_run,
    draft_run, mark_failed, mark_paid, mark_sent, remove_payout,
};
pub use due::PayoutsDue;
pub use paid::PaidPayouts;
pub use run::PayoutRun;
pub use runs::PayoutRuns;
pub use statement::MerchantStatement;

use crate::components::Tab;
use crate::layout::ProgramPage;
use crate::request::access::{Access, Refusal};

/// The sections of payouts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Due,
    Runs,
    Paid,
}

fn tabs(page: &ProgramPage, current: Part) -> Vec<Tab> {
    let routes = page.routes();
    let tab = |part: Part, label: &str, href: String| Tab {
        label: label.to_owned(),
        href,
        current: part == current,
        ..Tab::default()
    };
    vec![
        tab(Part::Due, "Due", routes.payouts()),
        tab(Part::Runs, "Runs", routes.payout_runs()),
        tab(Part::Paid, "Paid", routes.paid_payouts()),
    ]
}

/// The run that a form is about.
fn run_of(program: &str, run: &str) -> Access<(ProgramId, PayoutRunId)> {
    match (program.parse(), run.parse()) {
        (Ok(program), Ok(run)) => Ok((program, run)),
        _ => Err(Refusal::NotFound),
    }
}

/// The payout that a form is about.
fn payout_of(program: &str, payout: &str) -> Access<(ProgramId, PayoutId)> {
    match (program.parse(), payout.parse()) {
        (Ok(program), Ok(payout)) => Ok((program, payout)),
        _ => Err(Refusal::NotFound),
    }
}
