//! The address of every page, in one place: links, redirects and tests are made of these.
//!
//! The route table in [`crate::App`] spells the same paths as patterns; a test compares the two.

mod account;
mod affiliate;
mod files;
mod merchant;
mod public;
mod settings;
#[cfg(test)]
mod tests;

pub use account::{
    ACCOUNT, FORGOT_PASSWORD, SIGN_IN, SIGN_IN_CODE, SIGN_IN_LINK, TWO_STEP, choose_password, confirm_email,
    invitation, setup, sign_in_by_link, undo_email,
};
pub use affiliate::{AffiliateProgram, affiliate_program};
pub use files::{INVITATION_LIST, LIVE, PAYOUT_RESULTS, csv, link_codes, receipt_files, uploads};
pub use merchant::{Program, of_form, program};
pub use public::{
    JOIN_IMAGE, PROGRAM_COLORS, RECEIPT, RECEIPT_KEYS, RECEIPT_PARAMETER, application_sent, apply,
    confirm_application, invite, join, join_image, link_url, logo, program_colors, receipt_of,
};
pub use settings::{STRIPE_METHOD, Settings};

/// Redirects to the first page of a person.
pub const START: &str = "/";
/// The programs that a company runs.
pub const PROGRAMS: &str = "/programs";
/// Creating a program.
pub const NEW_PROGRAM: &str = "/programs/new";
/// The programs that an affiliate promotes.
pub const AFFILIATE_PROGRAMS: &str = "/affiliate";
/// Where Stripe sends merchants back who signed in there.
pub const STRIPE_CALLBACK: &str = "/stripe/callback";
/// The description of the REST API.
pub const OPENAPI: &str = "/api/v1/openapi.json";
