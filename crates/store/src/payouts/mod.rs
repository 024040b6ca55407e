//! Payout runs, payouts, what they claim, and how people are paid.

mod due;
mod files;
mod methods;
mod payout;
mod runs;
mod settings;
mod statements;

pub use self::due::{Due, DueKey, DueTotal, due, due_of};
pub use self::files::{PayoutFile, file, files, put_file};
pub use self::methods::{StoredMethod, method, put_method};
pub use self::payout::{
    NewPayout, Payout, PayoutRow, Sum, add_payouts, get, next_open, next_preparing, of_affiliate, of_run,
    open, paid, set_method, settle, sums, unsettled,
};
pub use self::runs::{Run, Step, end, mark, next_number, put_run, run, runs, set_status};
pub use self::settings::{Stored as StoredSettings, begin_month, drafting_on, put_settings, settings};
pub use self::statements::{Sale, StatementLine, statement_lines};
