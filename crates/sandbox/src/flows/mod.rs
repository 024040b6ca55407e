//! What can happen in the account: each flow changes objects and logs the events that
//! Stripe would send, in Stripe's usual order.

mod catalog;
mod charges;
mod checkout;
mod customers;
mod disputes;
mod endpoints;
mod invoice_lines;
mod invoices;
mod manual_invoices;
mod payments;
mod refunds;
mod subscriptions;

pub use catalog::{NewPaymentLink, NewPrice};
pub use checkout::{Buyer, NewSession};
pub use customers::CustomerChange;
pub(crate) use customers::merge_metadata;
pub use disputes::Verdict;
pub(crate) use endpoints::EndpointChange;
pub use endpoints::NewEndpoint;
pub use payments::NewPayment;
pub use subscriptions::Cancel;

/// The ids that one flow made or touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The Checkout Session.
    pub session: Option<String>,
    /// The payment intent.
    pub payment_intent: Option<String>,
    /// The charge.
    pub charge: Option<String>,
    /// The invoice.
    pub invoice: Option<String>,
    /// The subscription.
    pub subscription: Option<String>,
    /// The customer; none for guests.
    pub customer: Option<String>,
}
