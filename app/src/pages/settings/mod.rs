//! A program's settings.

mod emails;
mod general;
mod join_page;
mod keys;
mod payouts;
mod status;
mod stripe;
mod terms;
mod tracking;

use domain::ids::ProgramId;

pub use emails::{ResendEmail, SettingsEmails, resend_email};
pub use general::{ChangeProgram, SettingsGeneral, change_program};
pub use join_page::{
    ArrangeQuestion, ChangeJoinPage, RemoveLogo, SaveQuestion, SettingsJoinPage, SettingsQuestion,
    arrange_question, change_join_page, remove_logo, save_question,
};
pub use keys::{CreateKey, RevokeKey, SettingsKeys, create_key, revoke_key};
pub use payouts::{ChangePayoutSettings, SettingsPayouts, change_payout_settings};
pub use status::{SetProgramStatus, set_program_status};
pub use stripe::{
    ChooseStripeAccount, CompareWithStripe, ConnectStripe, DisconnectStripe, ImportMissing, LeaveForStripe,
    RepairStripe, SettingsStripe, StripeCallback, StripeReconciliation, UseKey, choose_stripe_account,
    compare_with_stripe, connect_stripe, disconnect_stripe, import_missing, leave_for_stripe, repair_stripe,
    use_key,
};
pub use terms::{ChangeTerms, PreviewTerms, SettingsTerms, change_terms, preview_terms};
pub use tracking::{RenewLeadSecret, SettingsTracking, TestSale, renew_lead_secret, test_sale};

use crate::request::access::{Access, Refusal};

/// The program that a form names.
fn program_of(text: &str) -> Access<ProgramId> {
    text.parse().map_err(|_| Refusal::NotFound)
}
