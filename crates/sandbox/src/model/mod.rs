//! What the account remembers: one rich form per object, from which every API version's
//! shape is rendered.

mod billing;
mod catalog;
mod checkout;
mod endpoint;
mod event;
mod payment;

pub(crate) use billing::{Invoice, InvoiceItem, InvoiceLine, InvoicePayment, InvoiceStatus, Subscription};
pub(crate) use catalog::{Coupon, Discount, PaymentLink, Price, Product, PromotionCode};
pub use catalog::{Duration, Interval};
pub(crate) use checkout::{LineItem, Mode, Session, SessionPayment, SessionStatus, Totals};
pub(crate) use endpoint::{Endpoint, Secret};
pub use event::Event;
pub(crate) use event::Object;
pub(crate) use payment::{Charge, Customer, Dispute, IntentStatus, PaymentIntent, PaymentMethod, Refund};

use std::collections::BTreeMap;

use crate::table::Identified;

/// Key and value pairs that a merchant attaches to objects.
pub type Metadata = BTreeMap<String, String>;

macro_rules! identified {
    ($($kind:ty),* $(,)?) => {
        $(impl Identified for $kind {
            fn id(&self) -> &str {
                &self.id
            }
        })*
    };
}

identified!(
    Product,
    Price,
    PromotionCode,
    Coupon,
    PaymentLink,
    Customer,
    Session,
    PaymentIntent,
    Charge,
    Invoice,
    InvoiceItem,
    InvoicePayment,
    PaymentMethod,
    Subscription,
    Refund,
    Dispute,
    Endpoint,
);
