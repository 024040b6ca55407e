//! The customer of a payment, for the merchant.

use engine::ledger::payments::PaymentDetail;
use leptos::prelude::*;

use crate::components::*;
use crate::presenters::stripe_links::IdInStripe;
use crate::text::Zone;

/// Who paid, and whether their subscription runs.
#[component]
pub fn CustomerCard(
    /// The payment.
    detail: PaymentDetail,
    /// The program's time zone.
    zone: Zone,
    /// Live or test.
    livemode: bool,
) -> impl IntoView {
    let payment = detail.payment;
    let email = payment.email.as_ref().map_or_else(|| "Unknown".to_owned(), ToString::to_string);
    let mut items = vec![Fact::new("Email", email)];
    if payment.payment_number > 0 {
        items.push(Fact::new("Payment", format!("No. {}", payment.payment_number)));
    }
    if let Some(id) = payment.subscription {
        let fact = Fact::new("Subscription", view! { <IdInStripe id livemode/> });
        items.push(match detail.subscription_ended_at {
            Some(at) => {
                fact.note(view! { "Ended on "<Time at=zone.date(at)/>". Later periods earn nothing" })
            }
            None => fact.note("Its end has not been reported"),
        });
    }
    view! {
        <Card id="customer" title="Customer"><CardBody><Facts items compact=true/></CardBody></Card>
    }
}
