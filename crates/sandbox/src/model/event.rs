//! Events: a snapshot of an object at one moment.

use std::sync::Arc;

use domain::clock::Timestamp;

use super::{
    Charge, Coupon, Customer, Dispute, Invoice, InvoicePayment, PaymentIntent, PromotionCode, Refund,
    Session, Subscription,
};
use crate::version::ApiVersion;

/// The object an event is about.
#[derive(Clone, Debug)]
pub(crate) enum Object {
    Customer(Customer),
    Session(Box<Session>),
    PaymentIntent(PaymentIntent),
    Charge(Charge),
    Invoice(Box<Invoice>),
    InvoicePayment(InvoicePayment),
    Subscription(Box<Subscription>),
    Refund(Refund),
    Dispute(Dispute),
    PromotionCode(PromotionCode),
    Coupon(Coupon),
    /// A platform's application, by its id and name.
    Application {
        id: String,
        name: String,
    },
}

macro_rules! into_object {
    ($($kind:ident),*; $($boxed:ident),*) => {
        $(impl From<&$kind> for Object {
            fn from(it: &$kind) -> Self {
                Self::$kind(it.clone())
            }
        })*
        $(impl From<&$boxed> for Object {
            fn from(it: &$boxed) -> Self {
                Self::$boxed(Box::new(it.clone()))
            }
        })*
    };
}

into_object!(Customer, PaymentIntent, Charge, InvoicePayment, Refund, Dispute, PromotionCode, Coupon; Session, Invoice, Subscription);

/// Something that happened in the account. Cheap to clone; [`crate::render`] gives the
/// JSON of any API version.
#[derive(Clone, Debug)]
pub struct Event {
    pub(crate) sequence: u64,
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) created: Timestamp,
    pub(crate) born_in: ApiVersion,
    pub(crate) livemode: bool,
    pub(crate) request: Option<String>,
    pub(crate) pending_webhooks: usize,
    pub(crate) object: Arc<Object>,
    pub(crate) before: Option<Arc<Object>>,
}

impl Event {
    /// Its id, `evt_…`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its type, such as `invoice.paid`.
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// When it happened.
    pub const fn created(&self) -> Timestamp {
        self.created
    }

    /// Whether it happened in live mode.
    pub const fn is_live(&self) -> bool {
        self.livemode
    }

    /// Its place in the account's log, counted from 1; the cursor of
    /// [`crate::Stripe::events_after`].
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The account's API version when it happened, in which the events API lists it.
    pub const fn born_in(&self) -> ApiVersion {
        self.born_in
    }
}
