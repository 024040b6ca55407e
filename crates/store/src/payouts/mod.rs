//! Payout runs, payouts, what they claim, and how people are paid.

mod due;
mod methods;
mod runs;
mod settings;
mod statements;

pub use self::due::{Due, DueKey, DueTotal, due, due_of, due_totals};
pub use self::methods::{StoredMethod, method, put_method};
pub use self::runs::{
    NewPayout, Payout, PayoutFile, PayoutRow, Run, Step, Sum, add_payouts, end, file, files, get, mark,
    next_number, next_open, next_preparing, of_affiliate, of_run, open, paid, put_file, put_run, run, runs,
    set_method, set_status, settle, sums, unsettled,
};
pub use self::settings::{Stored as StoredSettings, begin_month, drafting_on, put_settings, settings};
pub use self::statements::{Sale, StatementLine, statement_lines};
