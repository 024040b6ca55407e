//! The merchant's pages about programs: overview, affiliates, conversions, events.

mod affiliate;
mod affiliates;
mod applications;
mod assignment;
mod conversion;
mod conversions;
mod event;
mod events;
mod invitations;
mod links;
mod new_affiliate;
mod new_program;
mod overview;
mod payment;
mod programs;
mod referral_requests;
mod rejected_deliveries;
mod replay;
mod resources;
mod search;
mod unattributed;

pub use affiliate::AffiliateDetail;
pub use affiliates::Affiliates;
pub use applications::{Applications, DecideApplications, decide_applications};
pub use conversion::Conversion;
pub use conversions::Conversions;
pub use event::EventDetail;
pub use events::Events;
pub use invitations::{
    ChangeInvitation, CreateInvitationLink, Invitations, NewInvitationLink, NewInvitations,
    RevokeInvitationLink, SubmittedList, change_invitation, create_invitation_link, revoke_invitation_link,
};
pub use links::LinksAndClicks;
pub use new_affiliate::NewAffiliate;
pub use new_program::NewProgram;
pub use overview::Overview;
pub use payment::Payment;
pub use programs::Programs;
pub use referral_requests::{AnswerReferralRequest, answer_referral_request};
pub use rejected_deliveries::RejectedDeliveries;
pub use replay::ReplayEvents;
pub use resources::{
    DeleteResource, ResourceText, Resources, SaveResourceText, delete_resource, save_resource_text,
};
pub use search::Search;
pub use unattributed::Unattributed;
