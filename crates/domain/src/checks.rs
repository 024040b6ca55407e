//! The checks that attribution makes for a payment, in order, and what each found.
//!
//! A [`Check`] is data, stored as JSON with its payment. Pages and the API put it into
//! words.

use serde::{Deserialize, Serialize};

use crate::affiliates::AffiliateStatus;
use crate::clock::Timestamp;
use crate::facts::Carrier;
use crate::ids::AffiliateId;
use crate::leads::{LeadDoubt, LeadProof};
use crate::programs::ProgramStatus;

crate::word_enum! {
    /// A kind of check.
    pub enum CheckKind {
        /// A person decided about this payment; made only where someone did.
        Assignment = "assignment",
        /// Whether the customer is attributed to an affiliate already.
        KnownCustomer = "known_customer",
        /// Whether a promotion code of an affiliate was used.
        PromotionCode = "promotion_code",
        /// Whether the metadata carries our click token.
        Metadata = "metadata",
        /// Whether `client_reference_id` carries our click token.
        ClientReference = "client_reference",
        /// Whether the email address is that of a tracked lead.
        LeadEmail = "lead_email",
    }
}

crate::word_enum! {
    /// The result of a check.
    pub enum Verdict {
        /// It decided.
        Decided = "decided",
        /// Nothing was found.
        NoMatch = "no_match",
        /// Something was found that does not count.
        Refused = "refused",
        /// An earlier check had decided.
        NotNeeded = "not_needed",
    }
}

/// An affiliate that a reason names. The name is the one of that time, so that a list of
/// payments needs no further query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedAffiliate {
    /// The affiliate.
    pub id: AffiliateId,
    /// The name.
    pub name: String,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CheckReason {
    /// A person assigned the payment to an affiliate.
    Assigned {
        /// Who is credited.
        affiliate: NamedAffiliate,
        /// The name of the person.
        by: String,
        /// When.
        at: Timestamp,
        /// Whether it covers the customer's later payments too.
        later_payments: bool,
    },
    /// A person decided that it is not an affiliate sale.
    NotAffiliateSale {
        /// The name of the person.
        by: String,
        /// When.
        at: Timestamp,
        /// Whether they decided so at an earlier payment of the customer, for all later ones.
        at_earlier_payment: bool,
    },
    /// The customer is attributed to an affiliate.
    Attributed {
        /// The affiliate.
        affiliate: NamedAffiliate,
        /// Since when.
        since: Timestamp,
        /// Whether a person decided so.
        by_assignment: bool,
    },
    /// The customer has no affiliate.
    NotAttributed,
    /// A promotion code of an affiliate was used.
    CodeFound {
        /// The code as buyers enter it.
        code: String,
        /// The affiliate of the code.
        affiliate: NamedAffiliate,
    },
    /// No promotion code was used.
    NoCode,
    /// Promotion codes were used that belong to no affiliate.
    CodeUnassigned {
        /// Stripe's ids of the codes.
        promotion_codes: Vec<String>,
    },
    /// The code was given to the affiliate only after the payment.
    CodeTooNew {
        /// The code as buyers enter it.
        code: String,
        /// The affiliate of the code.
        affiliate: NamedAffiliate,
    },
    /// A click token names a click that counts.
    ClickFound {
        /// Where the token was found.
        carrier: Carrier,
        /// The affiliate of the link.
        affiliate: NamedAffiliate,
        /// The code of the link.
        link_code: String,
        /// When the click was made.
        clicked_at: Timestamp,
        /// When the buyer ordered, which ends the window.
        ordered_at: Timestamp,
        /// The window of the terms.
        window_days: i64,
    },
    /// No click token was found.
    NoToken,
    /// A token names no click of this program.
    UnknownToken {
        /// The beginning of the token.
        token: String,
    },
    /// The click was made after the payment.
    ClickAfterPayment {
        /// When the click was made.
        clicked_at: Timestamp,
    },
    /// The click is older than the window of the terms.
    ClickExpired {
        /// The code of the link.
        link_code: String,
        /// When the click was made.
        clicked_at: Timestamp,
        /// When the buyer ordered, which ends the window.
        ordered_at: Timestamp,
        /// The window of the terms.
        window_days: i64,
    },
    /// The program was not running when the click was made.
    ProgramNotRunning {
        /// What it was then; absent before its first day.
        status: Option<ProgramStatus>,
        /// When the click was made.
        clicked_at: Timestamp,
    },
    /// The affiliate was not active at the time of the click or the payment.
    AffiliateNotActive {
        /// Who.
        affiliate: NamedAffiliate,
        /// What they were; absent before they joined.
        status: Option<AffiliateStatus>,
        /// The time that was looked at.
        at: Timestamp,
    },
    /// The address is that of a lead whose click counts.
    LeadFound {
        /// The affiliate of the link that the lead followed.
        affiliate: NamedAffiliate,
        /// The code of the link.
        link_code: String,
        /// When the click was made.
        clicked_at: Timestamp,
        /// When the buyer ordered, which ends the window.
        ordered_at: Timestamp,
        /// Who vouches for the lead.
        proof: LeadProof,
    },
    /// Pages reported the address for several affiliates, and no server vouches for one.
    LeadsDisagree {
        /// The affiliates whose clicks the reports name.
        affiliates: Vec<NamedAffiliate>,
    },
    /// A page reported the address after the payment, as anyone could who knows of it.
    LeadAfterPayment {
        /// The affiliate of the link that the lead followed.
        affiliate: NamedAffiliate,
        /// When it was reported.
        reported_at: Timestamp,
    },
    /// A page reported the address in a way that is not plausible.
    LeadDoubted {
        /// The affiliate of the link that the lead followed.
        affiliate: NamedAffiliate,
        /// Why.
        doubt: LeadDoubt,
    },
    /// Stripe sent no email address.
    NoEmail,
    /// No lead was tracked with the address.
    NoLead,
}

impl CheckReason {
    /// The stable word in the API. It is the `kind` of the stored JSON too.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Assigned { .. } => "assigned",
            Self::NotAffiliateSale { .. } => "not_affiliate_sale",
            Self::Attributed { .. } => "attributed",
            Self::NotAttributed => "not_attributed",
            Self::CodeFound { .. } => "code_found",
            Self::NoCode => "no_code",
            Self::CodeUnassigned { .. } => "code_unassigned",
            Self::CodeTooNew { .. } => "code_too_new",
            Self::ClickFound { .. } => "click_found",
            Self::NoToken => "no_token",
            Self::UnknownToken { .. } => "unknown_token",
            Self::ClickAfterPayment { .. } => "click_after_payment",
            Self::ClickExpired { .. } => "click_expired",
            Self::ProgramNotRunning { .. } => "program_not_running",
            Self::AffiliateNotActive { .. } => "affiliate_not_active",
            Self::LeadFound { .. } => "lead_found",
            Self::LeadsDisagree { .. } => "leads_disagree",
            Self::LeadAfterPayment { .. } => "lead_after_payment",
            Self::LeadDoubted { .. } => "lead_doubted",
            Self::NoEmail => "no_email",
            Self::NoLead => "no_lead",
        }
    }

    /// The affiliate who is credited when this check decides.
    pub const fn credits(&self) -> Option<&NamedAffiliate> {
        match self {
            Self::Assigned { affiliate, .. }
            | Self::Attributed { affiliate, .. }
            | Self::CodeFound { affiliate, .. }
            | Self::ClickFound { affiliate, .. }
            | Self::LeadFound { affiliate, .. } => Some(affiliate),
            Self::NotAffiliateSale { .. }
            | Self::NotAttributed
            | Self::NoCode
            | Self::CodeUnassigned { .. }
            | Self::CodeTooNew { .. }
            | Self::NoToken
            | Self::UnknownToken { .. }
            | Self::ClickAfterPayment { .. }
            | Self::ClickExpired { .. }
            | Self::ProgramNotRunning { .. }
            | Self::AffiliateNotActive { .. }
            | Self::LeadsDisagree { .. }
            | Self::LeadAfterPayment { .. }
            | Self::LeadDoubted { .. }
            | Self::NoEmail
            | Self::NoLead => None,
        }
    }

    /// What it means for its payment, as long as no earlier check has decided.
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::Assigned { .. }
            | Self::Attributed { .. }
            | Self::CodeFound { .. }
            | Self::ClickFound { .. }
            | Self::LeadFound { .. } => Verdict::Decided,
            Self::NotAttributed
            | Self::NoCode
            | Self::CodeUnassigned { .. }
            | Self::NoToken
            | Self::NoEmail
            | Self::NoLead => Verdict::NoMatch,
            Self::NotAffiliateSale { .. }
            | Self::CodeTooNew { .. }
            | Self::UnknownToken { .. }
            | Self::ClickAfterPayment { .. }
            | Self::ClickExpired { .. }
            | Self::ProgramNotRunning { .. }
            | Self::AffiliateNotActive { .. }
            | Self::LeadsDisagree { .. }
            | Self::LeadAfterPayment { .. }
            | Self::LeadDoubted { .. } => Verdict::Refused,
        }
    }
}

/// A check and its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Which check.
    pub kind: CheckKind,
    /// The result.
    pub verdict: Verdict,
    /// What it found, also where an earlier check had decided.
    pub reason: CheckReason,
}

impl Check {
    /// A check that was needed, with what it found.
    pub const fn new(kind: CheckKind, reason: CheckReason) -> Self {
        Self { kind, verdict: reason.verdict(), reason }
    }

    /// A check that was not needed, with what it found all the same.
    pub const fn not_needed(kind: CheckKind, reason: CheckReason) -> Self {
        Self { kind, verdict: Verdict::NotNeeded, reason }
    }

    /// Whether it decided, also for "not an affiliate sale".
    pub fn is_decisive(&self) -> bool {
        self.verdict == Verdict::Decided
            || (self.kind == CheckKind::Assignment && self.verdict == Verdict::Refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Random;

    #[test]
    fn a_reasons_word_is_the_kind_in_its_json() {
        let affiliate = || NamedAffiliate {
            id: AffiliateId::new(Timestamp(0), &Random::seeded(1)),
            name: "m".to_owned(),
        };
        let (at, link_code, code) = (Timestamp(0), "m".to_owned(), "C".to_owned());
        let all = [
            CheckReason::Assigned { affiliate: affiliate(), by: "O".to_owned(), at, later_payments: true },
            CheckReason::NotAffiliateSale { by: "O".to_owned(), at, at_earlier_payment: false },
            CheckReason::Attributed { affiliate: affiliate(), since: at, by_assignment: false },
            CheckReason::NotAttributed,
            CheckReason::CodeFound { code: code.clone(), affiliate: affiliate() },
            CheckReason::NoCode,
            CheckReason::CodeUnassigned { promotion_codes: vec!["promo_1".to_owned()] },
            CheckReason::CodeTooNew { code, affiliate: affiliate() },
            CheckReason::ClickFound {
                carrier: Carrier::ClientReference,
                affiliate: affiliate(),
                link_code: link_code.clone(),
                clicked_at: at,
                ordered_at: at,
                window_days: 30,
            },
            CheckReason::NoToken,
            CheckReason::UnknownToken { token: "hgc_".to_owned() },
            CheckReason::ClickAfterPayment { clicked_at: at },
            CheckReason::ClickExpired {
                link_code: link_code.clone(),
                clicked_at: at,
                ordered_at: at,
                window_days: 30,
            },
            CheckReason::ProgramNotRunning { status: None, clicked_at: at },
            CheckReason::AffiliateNotActive { affiliate: affiliate(), status: None, at },
            CheckReason::LeadFound {
                affiliate: affiliate(),
                link_code,
                clicked_at: at,
                ordered_at: at,
                proof: LeadProof::Server,
            },
            CheckReason::LeadsDisagree { affiliates: vec![affiliate()] },
            CheckReason::LeadAfterPayment { affiliate: affiliate(), reported_at: at },
            CheckReason::LeadDoubted { affiliate: affiliate(), doubt: LeadDoubt::NoVerifier },
            CheckReason::NoEmail,
            CheckReason::NoLead,
        ];
        for reason in all {
            let json = serde_json::to_value(&reason).unwrap();
            assert_eq!(json["kind"], reason.word());
            assert_eq!(reason.credits().is_some(), reason.verdict() == Verdict::Decided);
            assert_eq!(serde_json::from_value::<CheckReason>(json).unwrap(), reason);
        }
    }
}
