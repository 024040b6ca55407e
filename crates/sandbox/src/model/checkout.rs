//! Checkout Sessions, as the sandbox stores them.

use domain::clock::Timestamp;

use super::{Discount, Metadata, Price};

#[derive(Clone, Debug)]
pub(crate) struct LineItem {
    pub id: String,
    pub price: Price,
    pub quantity: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    Payment,
    Subscription,
}

impl Mode {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Subscription => "subscription",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SessionStatus {
    Open,
    Complete,
    Expired,
}

impl SessionStatus {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Expired => "expired",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SessionPayment {
    Unpaid,
    Paid,
    NotRequired,
}

impl SessionPayment {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Paid => "paid",
            Self::NotRequired => "no_payment_required",
        }
    }
}

/// The totals of a purchase, in minor units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Totals {
    pub subtotal: i64,
    pub discount: i64,
    pub tax: i64,
    pub total: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub id: String,
    pub mode: Mode,
    pub status: SessionStatus,
    pub payment_status: SessionPayment,
    pub lines: Vec<LineItem>,
    pub currency: String,
    pub totals: Totals,
    pub tax_bps: u32,
    pub discount: Option<Discount>,
    pub allow_promotion_codes: bool,
    pub trial_days: u32,
    pub client_reference_id: Option<String>,
    pub metadata: Metadata,
    pub subscription_metadata: Metadata,
    pub payment_metadata: Metadata,
    pub invoice_creation: bool,
    pub always_create_customer: bool,
    pub customer: Option<String>,
    /// What the merchant prefilled.
    pub customer_email: Option<String>,
    /// What the buyer typed.
    pub buyer: Option<(String, String)>,
    pub payment_intent: Option<String>,
    pub invoice: Option<String>,
    pub subscription: Option<String>,
    pub payment_link: Option<String>,
    pub success_url: Option<String>,
    pub cancel_url: Option<String>,
    pub url: Option<String>,
    pub created: Timestamp,
}
