//! Paying affiliates: who is due what, runs, files for banks, and the outcome of each payout.
//!
//! No money moves here. The merchant sends it; these use cases claim ledger entries, write the
//! files, and keep the books.

mod adjustments;
mod claimant;
mod draft_runs_job;
mod due;
mod files;
mod mails;
mod methods;
mod own;
mod prepare;
mod release_commissions_job;
mod results;
mod runs;
mod settings;
mod settle;
mod statements;

pub use store::commissions::{Balance, Release};
pub use store::payouts::{Due, DueTotal, Payout, PayoutFile, PayoutRow, Run, Step, StoredMethod, Sum};

pub use self::adjustments::{Adjustment, adjust, adjustments};
pub(crate) use self::draft_runs_job::DraftPayoutRuns;
pub use self::due::{DueList, due};
pub use self::files::{Download, download};
pub use self::methods::{set_method_of, set_own_method};
pub use self::own::{OwnPayouts, own_payouts};
pub(crate) use self::prepare::PreparePayouts;
pub use self::prepare::prepare;
pub(crate) use self::release_commissions_job::ReleaseCommissions;
pub use self::results::{AppliedResults, apply_results};
pub use self::runs::{
    Chosen, RunDetail, RunRow, approve, discard, draft, list, mark_sent, paid, payouts_of, remove, run,
};
pub use self::settings::{set_settings, settings};
pub use self::settle::{mark_failed, mark_paid};
pub use self::statements::{Statement, StatementLine, own_statement, payout, statement};
