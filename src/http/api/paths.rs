//! The ids in the paths of routes, parsed.

use domain::ids::{
    AffiliateId, ApplicationId, ConversionId, CouponId, InboxEventId, InvitationId, InvitationLinkId, MailId,
    PaymentId, PayoutId, PayoutRunId, ProgramId, ReconciliationId, ReferralRequestId, ResourceId,
};
use domain::money::Currency;
use domain::payouts::Rail;
use serde::Deserialize;
use utoipa::IntoParams;

use super::enum_schemas;

/// Below a program.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub struct ProgramPath {
    /// The program.
    #[param(value_type = String, example = "prg_01h455vb4pex5vsknk084sn02q")]
    pub program_id: ProgramId,
}

/// Below an affiliate.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub struct AffiliatePath {
    /// The program.
    #[param(value_type = String, example = "prg_01h455vb4pex5vsknk084sn02q")]
    pub program_id: ProgramId,
    /// The affiliate.
    #[param(value_type = String, example = "aff_01h455vb4pex5vsknk084sn02q")]
    pub affiliate_id: AffiliateId,
}

/// An application.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub struct ApplicationPath {
    /// The program.
    #[param(value_type = String, example = "prg_01h455vb4pex5vsknk084sn02q")]
    pub program_id: ProgramId,
    /// The application.
    #[param(value_type = String, example = "app_01h455vb4pex5vsknk084sn02q")]
    pub application_id: ApplicationId,
}

/// An invitation.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub struct InvitationPath {
    /// The program.
    #[param(value_type = String, example = "prg_01h455vb4pex5vsknk084sn02q")]
    pub program_id: ProgramId,
    /// The invitation.
    #[param(value_type = String, example = "inv_01h455vb4pex5vsknk084sn02q")]
    pub invitation_id: InvitationId,
}

/// An invitation link.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub struct InvitationLinkPath {
    /// The program.
    #[param(value_type = String, example = "prg_01h455vb4pex5vsknk084sn02q")]
    pub program_id: ProgramId,
    /// The invitation link.
    #[param(value_type = String, example = "ivl_01h455vb4pex5vsknk084sn02q")]
    pub invitation_link_id: InvitationLinkId,
}

/// A referral request.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub struct ReferralRequestPath {
    /// The program.
    #[param(value_type = String, example = "prg_01h455vb4pex5vsknk084sn02q")]
    pub program_id: ProgramId,
    /// The request.
    #[param(value_type = String, example = "rrq_01h455vb4pex5vsknk084sn02q")]
    pub referral_request_id: ReferralRequestId,
}

/// A resource.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub struct ResourcePath {
    /// The program.
    #[param(value_type = String, example = "prg_01h455vb4pex5vsknk084sn02q")]
    pub program_id: ProgramId,
    /// The resource.
    #[param(value_type = String, example = "res_01h455vb4pex5vsknk084sn02q")]
    pub resource_id: ResourceId,
}

/// A file by its name.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub struct ResourceFilePath {
    /// The program.
    #[param(value_type = String, example = "prg_01h455vb4pex5vsknk084sn02q")]
    pub program_id: ProgramId,
    /// What the file is called.
    #[param(example = "banner.png")]
    pub file_name: String,
}

/// An email.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub struct EmailPath {
    /// The program.
    #[param(value_type = String, example = "prg_01h455vb4pex5vsknk084sn02q")]
    pub program_id: ProgramId,
    /// The email.
    #[param(value_type = String, example = "eml_01h455vb4pex5vsknk084sn02q")]
    pub email_id: MailId,
}

/// A promotion code of an affiliate.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub struct CouponPath {
    /// The program.
    #[param(value_type = String, example = "prg_01h455vb4pex5vsknk084sn02q")]
    pub program_id: ProgramId,
    /// The affiliate.
    #[param(value_type = String, example = "aff_01h455vb4pex5vsknk084sn02q")]
    pub affiliate_id: AffiliateId,
    /// The promotion code.
    #[param(value_type = String, example = "cpn_01h455vb4pex5vsknk084sn02q")]
    pub coupon_id: CouponId,
}

/// A conversion.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub struct ConversionPath {
    /// The program.
    #[param(value_type = String, example = "prg_01h455vb4pex5vsknk084sn02q")]
    pub program_id: ProgramId,
    /// The conversion.
    #[param(value_type = String, example = "cnv_01h455vb4pex5vsknk084sn02q")]
    pub conversion_id: ConversionId,
}

/// A payment.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub struct PaymentPath {
    /// The program.
    #[param(value_type = String, example = "prg_01h455vb4pex5vsknk084sn02q")]
    pub program_id: ProgramId,
    /// The payment.
    #[param(value_type = String, example = "pmt_01h455vb4pex5vsknk084sn02q")]
    pub payment_id: PaymentId,
}

/// A received event.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub struct EventPath {
    /// The program.
    #[param(value_type = String, example = "prg_01h455vb4pex5vsknk084sn02q")]
    pub program_id: ProgramId,
    /// The event as we received it.
    #[param(value_type = String, example = "evi_01h455vb4pex5vsknk084sn02q")]
    pub event_id: InboxEventId,
}

/// A comparison with Stripe.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub struct ReconciliationPath {
    /// The program.
    #[param(value_type = String, example = "prg_01h455vb4pex5vsknk084sn02q")]
    pub program_id: ProgramId,
    /// The comparison.
    #[param(value_type = String, example = "rec_01h455vb4pex5vsknk084sn02q")]
    pub reconciliation_id: ReconciliationId,
}

/// A payout run.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub struct PayoutRunPath {
    /// The program.
    #[param(value_type = String, example = "prg_01h455vb4pex5vsknk084sn02q")]
    pub program_id: ProgramId,
    /// The run.
    #[param(value_type = String, example = "run_01h455vb4pex5vsknk084sn02q")]
    pub run_id: PayoutRunId,
}

/// A file of a payout run.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub struct PayoutFilePath {
    /// The program.
    #[param(value_type = String, example = "prg_01h455vb4pex5vsknk084sn02q")]
    pub program_id: ProgramId,
    /// The run.
    #[param(value_type = String, example = "run_01h455vb4pex5vsknk084sn02q")]
    pub run_id: PayoutRunId,
    /// How the payouts of the file are sent.
    #[param(value_type = enum_schemas::Rail, inline)]
    pub rail: Rail,
    /// Their currency.
    #[param(value_type = String, example = "eur")]
    pub currency: Currency,
}

/// A payout.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub struct PayoutPath {
    /// The program.
    #[param(value_type = String, example = "prg_01h455vb4pex5vsknk084sn02q")]
    pub program_id: ProgramId,
    /// The payout.
    #[param(value_type = String, example = "pyo_01h455vb4pex5vsknk084sn02q")]
    pub payout_id: PayoutId,
}
