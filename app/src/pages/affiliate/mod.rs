//! The affiliate's side: what they promote, what they earned, and why.

mod clicks;
mod coming;
mod earning;
mod earnings;
mod home;
mod link;
mod links;
mod missing_referral;
mod payout_method;
mod payouts;
mod programs;
mod resources;
mod statement;
mod status;
mod table;
mod terms;

pub use clicks::AffiliateClicks;
pub use earning::AffiliateEarning;
pub use earnings::AffiliateEarnings;
pub use home::AffiliateHome;
pub use link::{AffiliateLink, ArchiveOwnLink, archive_own_link};
pub use links::{AffiliateLinks, CreateOwnLink, create_own_link};
pub use missing_referral::{
    AskForReferral, CheckReferral, MissingReferral, ask_for_referral, check_referral,
};
pub use payout_method::{ChangePayoutMethod, change_payout_method};
pub use payouts::AffiliatePayouts;
pub use programs::AffiliatePrograms;
pub use resources::AffiliateResources;
pub use statement::AffiliateStatement;
pub use terms::AffiliateTerms;
