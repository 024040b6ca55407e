//! Forms: their fields as strings, read into what the engine takes; and what is kept between
//! a form's POST and the page that follows: the entries with their problems, or a message.

mod affiliate;
mod application;
mod flash;
mod invitation_link;
mod join_page;
mod link;
pub mod payouts;
mod program;
mod question;
mod referral;
mod resource_text;
mod reward_edit;
mod rewards;
mod state;
pub mod submission;
mod terms;

pub use affiliate::AffiliateForm;
pub use application::ApplicationForm;
pub use flash::{Flash, FlashKind, Undo};
pub use invitation_link::InvitationLinkForm;
pub use join_page::JoinPageForm;
pub use link::LinkForm;
pub use program::ProgramForm;
pub use question::QuestionForm;
pub use referral::ReferralForm;
pub use resource_text::ResourceTextForm;
pub use reward_edit::RewardEdit;
pub use rewards::{RewardForm, StepForm};
pub use state::{Field, FieldError, FormState};
pub use terms::TermsForm;
