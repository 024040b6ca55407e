//! What travels through the session between a form's POST and the page that follows:
//! what was typed with its problems, or a word on what was done.

pub mod assignment;
mod flash;
mod rules;
mod state;
pub mod submission;

pub use flash::{Flash, FlashKind, Undo};
pub use rules::RulesFields;
pub use state::{Field, FieldError, FormState};
