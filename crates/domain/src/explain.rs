//! Why a payment was credited, or why not: what was tried, in order, and what each
//! proof found.

use serde::{Deserialize, Serialize};

crate::word_enum! {
    /// A kind of proof.
    pub enum Proof {
        /// A person decided about this payment; tried only where somebody did.
        Assignment = "assignment",
        /// The customer is bound to an affiliate already.
        KnownCustomer = "known_customer",
        /// A promotion code that belongs to an affiliate.
        PromotionCode = "promotion_code",
        /// Our token in metadata.
        Metadata = "metadata",
        /// Our token as `client_reference_id`.
        ClientReference = "client_reference",
        /// The e-mail address of a tracked lead.
        LeadEmail = "lead_email",
    }
}

impl Proof {
    /// The heading on the page.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Assignment => "Decision by hand",
            Self::KnownCustomer => "Customer already known",
            Self::PromotionCode => "Promotion code of an affiliate",
            Self::Metadata => "Click token in the metadata",
            Self::ClientReference => "Client reference of the checkout",
            Self::LeadEmail => "E-mail of a tracked lead",
        }
    }
}

/// What came of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It led to the affiliate.
    Decided,
    /// Nothing was found.
    NoMatch,
    /// Something was found that does not count, and why.
    Refused,
    /// An earlier proof had decided.
    NotNeeded,
}

/// One proof and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofTried {
    /// Which.
    pub proof: Proof,
    /// What came of it.
    pub verdict: Verdict,
    /// A stable word for programs, such as `click_expired`.
    pub reason: String,
    /// A sentence for people.
    pub sentence: String,
}

impl ProofTried {
    pub(crate) fn new(proof: Proof, verdict: Verdict, reason: &str, sentence: impl Into<String>) -> Self {
        Self { proof, verdict, reason: reason.to_owned(), sentence: sentence.into() }
    }
}

/// Why a payment earns nobody anything, or not yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoCredit {
    /// A stable word for programs, such as `no_proof`.
    pub reason: String,
    /// A sentence for people, with what would have helped.
    pub sentence: String,
}

impl NoCredit {
    pub(crate) fn new(reason: &str, sentence: impl Into<String>) -> Self {
        Self { reason: reason.to_owned(), sentence: sentence.into() }
    }
}
