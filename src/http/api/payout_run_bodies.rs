//! The JSON bodies of payout runs.

use domain::ids::{AccountId, PayoutRunId, ProgramId};
use domain::payouts::{PayoutStatus, Rail};
use engine::payouts::{PayoutFile, Run, RunDetail, Step, Sum};
use serde::Serialize;
use utoipa::ToSchema;

use super::enum_schemas;
use super::formats::{MoneyBody, Time};

/// Payouts that are sent together.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PayoutRun)]
pub struct RunBody {
    #[schema(value_type = String, example = "run_01h455vb4pex5vsknk084sn02q")]
    id: PayoutRunId,
    #[schema(value_type = String)]
    program_id: ProgramId,
    /// 1, 2, 3, … in the program.
    number: i64,
    /// `preparing` while the payouts are put together: poll the run until it is a `draft`.
    #[schema(value_type = enum_schemas::RunStatus)]
    status: &'static str,
    /// Commissions that become payable later are left out.
    until: Time,
    drafted: StepBody,
    approved: Option<StepBody>,
    /// When the money was marked as sent.
    sent: Option<StepBody>,
    /// When the run was completed or discarded.
    ended_at: Option<Time>,
    /// The sums of the payouts, by status and currency.
    sums: Vec<SumBody>,
}

/// Who did a step of a run, and when.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PayoutRunStep)]
struct StepBody {
    at: Time,
    /// Null if it was automatic.
    #[schema(value_type = Option<String>)]
    account_id: Option<AccountId>,
    /// The name of the account.
    name: Option<String>,
}

impl From<Step> for StepBody {
    fn from(step: Step) -> Self {
        Self { at: step.at.into(), account_id: step.by, name: step.name }
    }
}

/// The sum of a run's payouts in one status and currency.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PayoutRunSum)]
struct SumBody {
    #[schema(value_type = enum_schemas::PayoutStatus)]
    status: PayoutStatus,
    payouts: i64,
    /// The number of ledger entries that they pay.
    entries: i64,
    amount: MoneyBody,
}

impl From<Sum> for SumBody {
    fn from(sum: Sum) -> Self {
        Self {
            status: sum.status,
            payouts: sum.payouts,
            entries: sum.entries,
            amount: MoneyBody::of(sum.amount, sum.currency),
        }
    }
}

impl RunBody {
    pub(super) fn of(run: Run, sums: Vec<Sum>) -> Self {
        Self {
            id: run.id,
            program_id: run.program_id,
            number: run.number,
            status: run.status.word(),
            until: run.until.into(),
            drafted: run.drafted.into(),
            approved: run.approved.map(StepBody::from),
            sent: run.sent.map(StepBody::from),
            ended_at: run.ended_at.map(Time),
            sums: sums.into_iter().map(SumBody::from).collect(),
        }
    }
}

/// A run with its files.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PayoutRunDetail)]
pub struct RunDetailBody {
    #[serde(flatten)]
    run: RunBody,
    /// Whether someone other than who drafted it has to approve it.
    needs_second_approval: bool,
    /// The files to send the money with. Written at the approval.
    files: Vec<FileBody>,
}

/// A file of a run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PayoutFile)]
struct FileBody {
    #[schema(value_type = enum_schemas::Rail)]
    rail: Rail,
    /// The number of payouts in it.
    payouts: i64,
    /// Their sum. The file is of this currency alone.
    amount: MoneyBody,
    /// Hex SHA-256 of the file. Each download is the same, byte for byte.
    sha256: String,
}

impl From<PayoutFile> for FileBody {
    fn from(file: PayoutFile) -> Self {
        Self {
            rail: file.rail,
            payouts: file.payouts,
            amount: MoneyBody::of(file.amount, file.currency),
            sha256: file.sha256,
        }
    }
}

impl From<RunDetail> for RunDetailBody {
    fn from(detail: RunDetail) -> Self {
        Self {
            run: RunBody::of(detail.run, detail.sums),
            needs_second_approval: detail.needs_second,
            files: detail.files.into_iter().map(FileBody::from).collect(),
        }
    }
}
