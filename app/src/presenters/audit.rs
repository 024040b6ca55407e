//! Entries of the audit trail, as sentences.

use domain::affiliates::AffiliateStatus;
use domain::audit::AuditAction;
use domain::connections::ConnectionProblem;
use domain::programs::ProgramStatus;
use domain::referral_requests::RequestStatus;

use super::connection_problem;
use crate::text::{money, plural};

/// What was done, in a sentence.
pub fn action_text(action: &AuditAction) -> String {
    use AuditAction as A;
    match action {
        A::AccountCreated { name, company } => format!("{name} set up {company}."),
        A::CompanyRenamed { from, to } => format!("{from} was renamed to {to}."),
        A::TwoStepRequirementChanged { required: true } => "Two-step sign-in is required.".to_owned(),
        A::TwoStepRequirementChanged { required: false } => "Two-step sign-in is optional.".to_owned(),
        A::TwoStepTurnedOn => "Two-step sign-in was turned on.".to_owned(),
        A::TwoStepReset => "Two-step sign-in was turned off at the server’s command line.".to_owned(),
        A::TwoStepTurnedOff => "Two-step sign-in was turned off.".to_owned(),
        A::RecoveryCodesReplaced => "New recovery codes were made.".to_owned(),
        A::RecoveryCodeUsed { left } => format!("A recovery code was used. {left} are left."),
        A::EmailChanged => "The email address was changed.".to_owned(),
        A::EmailChangeUndone => "The change of the email address was undone.".to_owned(),
        A::MailResent => "The email was sent again.".to_owned(),
        A::ApiKeyCreated { last_four } => format!("An API key ending in {last_four} was created."),
        A::ApiKeyRevoked => "The API key was revoked.".to_owned(),
        A::ProgramCreated { name } => format!("{name} was created."),
        A::ProgramStatusChanged { to, .. } => match to {
            ProgramStatus::Active => "The program was started.".to_owned(),
            ProgramStatus::Paused => "The program was paused.".to_owned(),
            ProgramStatus::Archived => "The program was archived.".to_owned(),
        },
        A::ProgramSettingsChanged => "The settings were changed.".to_owned(),
        A::JoinPageChanged { is_on: true } => "The join page was changed.".to_owned(),
        A::JoinPageChanged { is_on: false } => "The join page was switched off.".to_owned(),
        A::ApplicationQuestionsChanged => "The application questions were changed.".to_owned(),
        A::LogoChanged => "The logo was changed.".to_owned(),
        A::LogoRemoved => "The logo was removed.".to_owned(),
        A::ResourceAdded { title } => format!("The resource “{title}” was added."),
        A::ResourceChanged { title } => format!("The resource “{title}” was changed."),
        A::ResourceDeleted { title } => format!("The resource “{title}” was deleted."),
        A::ReferralRequestAnswered { status: RequestStatus::Credited } => {
            "A missing referral was credited.".to_owned()
        }
        A::ReferralRequestAnswered { .. } => "A request about a missing referral was declined.".to_owned(),
        A::LeadSecretReplaced => "The lead secret was replaced.".to_owned(),
        A::TermsChanged { version } => format!("Version {version} of the terms was added."),
        A::AffiliateAdded { name } => format!("{name} was added."),
        A::AffiliateStatusChanged { from, to } => match (from, to) {
            (AffiliateStatus::Suspended, AffiliateStatus::Active) => "Reinstated.".to_owned(),
            (_, AffiliateStatus::Active) => "Approved.".to_owned(),
            (_, AffiliateStatus::Declined) => "Declined.".to_owned(),
            (_, AffiliateStatus::Suspended) => "Suspended.".to_owned(),
            (_, AffiliateStatus::Pending) => "Application pending.".to_owned(),
        },
        A::ApplicationApproved { name } => format!("The application of {name} was approved."),
        A::ApplicationDeclined { name } => format!("The application of {name} was declined."),
        A::AffiliateInvited => "An invitation link was created.".to_owned(),
        A::PeopleInvited { number } => format!("{} invited.", plural(*number, "person was", "people were")),
        A::InvitationResent { email } => format!("The invitation of {email} was sent again."),
        A::InvitationRevoked { email } => format!("The invitation of {email} was revoked."),
        A::InvitationAccepted { name } => format!("{name} accepted an invitation."),
        A::InvitationLinkCreated { label } => format!("The invitation link “{label}” was created."),
        A::InvitationLinkRevoked { label } => format!("The invitation link “{label}” was revoked."),
        A::LinkCreated { code } => format!("The link /r/{code} was created."),
        A::PromotionCodeAssigned { code, affiliate } => {
            format!("The promotion code {code} was assigned to {}.", affiliate.name)
        }
        A::ConnectedByOAuth { account } => format!("Connected to {account} by signing in with Stripe."),
        A::ConnectedByKey { last_four, endpoint } => {
            format!("Connected with a restricted key ending in {last_four}. The endpoint is {endpoint}.")
        }
        A::AccountChosen { account } => format!("Events from the account {account} count from now on."),
        A::SigningSecretAdded { last_four } => {
            format!("A signing secret ending in {last_four} was added.")
        }
        A::Disconnected => "Disconnected from Stripe. Its secrets were deleted.".to_owned(),
        A::AccessRevoked { reason } => {
            connection_problem::sentence(&ConnectionProblem::AccessRevoked { reason: *reason })
        }
        A::WebhooksRepaired { .. } => "The webhooks were repaired.".to_owned(),
        A::PaymentAssigned { affiliate, later_payments } => {
            with_later(format!("Assigned to {}.", affiliate.name), *later_payments)
        }
        A::NotAffiliateSale { later_payments } => {
            with_later("Marked as not an affiliate sale.".to_owned(), *later_payments)
        }
        A::AssignmentUndone => "Assignment undone.".to_owned(),
        A::PromotionCodeRemoved { code, affiliate } => {
            format!("The promotion code {code} was removed from {}.", affiliate.name)
        }
        A::ExpiredDataDeleted { clicks, bodies } => {
            format!("{clicks} old clicks and the payloads of {bodies} old events were deleted.")
        }
        A::PayoutRunDrafted { number } => format!("Run {number} was drafted."),
        A::PayoutRemoved { affiliate } => format!("The payout to {} was removed.", affiliate.name),
        A::PayoutRunApproved => "The run was approved.".to_owned(),
        A::PayoutRunSent => "The run was marked as sent.".to_owned(),
        A::PayoutRunDiscarded => "The draft was discarded.".to_owned(),
        A::PayoutPaid { affiliate } => format!("The payout to {} was marked as paid.", affiliate.name),
        A::PayoutFailed { affiliate, reason } => {
            format!("The payout to {} failed: {reason}", affiliate.name)
        }
        A::PayoutSettingsChanged => "The payout settings were changed.".to_owned(),
        A::PayoutMethodChanged => "The payout method was changed.".to_owned(),
        A::BalanceAdjusted { amount, reason } => {
            format!("The balance was adjusted by {}: {reason}", money(amount.minor, amount.currency))
        }
        A::EventReplayed { event } => format!("{event} was replayed."),
    }
}

fn with_later(sentence: String, later_payments: bool) -> String {
    if later_payments { format!("{sentence} Applies to later payments too.") } else { sentence }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_of_later_payments_says_so() {
        let one = AuditAction::NotAffiliateSale { later_payments: false };
        assert_eq!(action_text(&one), "Marked as not an affiliate sale.");
        let all = AuditAction::NotAffiliateSale { later_payments: true };
        assert_eq!(action_text(&all), "Marked as not an affiliate sale. Applies to later payments too.");
    }

    #[test]
    fn an_affiliate_who_comes_back_is_reinstated() {
        let from = |from| AuditAction::AffiliateStatusChanged { from, to: AffiliateStatus::Active };
        assert_eq!(action_text(&from(AffiliateStatus::Suspended)), "Reinstated.");
        assert_eq!(action_text(&from(AffiliateStatus::Pending)), "Approved.");
    }
}
