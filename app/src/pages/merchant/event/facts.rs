//! The parsed fields of an event.

use domain::facts::{
    AlertKind, ChargeInvoice, DisputeStep, Fact as StripeFact, Hints, RefundStatus, SessionPayment,
};
use domain::money::Currency;
use engine::stripe::events::EventDetail;
use leptos::prelude::*;

use crate::components::*;
use crate::layout::ProgramPage;
use crate::presenters::reasons::carrier_words;
use crate::presenters::stripe_links::IdInStripe;
use crate::text::money;

/// The facts as labels and values.
pub(super) fn read_from_it(page: &ProgramPage, detail: &EventDetail) -> Option<AnyView> {
    let fact = &detail.facts.as_ref()?.fact;
    let livemode = detail.event.livemode.unwrap_or(true);
    let mut items = lines(fact, page);
    let ids = fact.ids();
    items.extend(ids.into_iter().map(|id| {
        let id = id.to_owned();
        Fact::new(kind_of(&id), view! { <IdInStripe id livemode/> })
    }));
    items.extend(fact.hints().map(hints).unwrap_or_default());
    Some(
        view! {
            <Card id="read" title="Parsed fields">
                <CardBody><Facts items compact=true/></CardBody>
            </Card>
        }
        .into_any(),
    )
}

fn kind_of(id: &str) -> &'static str {
    match id.split('_').next().unwrap_or_default() {
        "cs" => "Checkout Session",
        "in" => "Invoice",
        "pi" => "Payment intent",
        "ch" | "py" => "Charge",
        "sub" => "Subscription",
        "cus" => "Customer",
        "re" | "pyr" => "Refund",
        "dp" | "du" => "Dispute",
        _ => "ID",
    }
}

fn lines(fact: &StripeFact, page: &ProgramPage) -> Vec<Fact> {
    let sum = |minor: i64, currency: Currency| money(minor, currency);
    let yes = |is: bool| if is { "Yes" } else { "No" };
    let when = |at| view! { <Time at=page.zone.date_and_time(at)/> };
    match fact {
        StripeFact::Session(s) => {
            let currency = s.currency.unwrap_or(page.program.currency);
            let payment = match s.payment {
                SessionPayment::Paid => "Paid",
                SessionPayment::Unpaid => "Not yet paid",
                SessionPayment::NoneRequired => "Nothing to pay",
                SessionPayment::Failed => "Failed",
            };
            vec![
                Fact::new("Mode", if s.subscription_mode { "Subscription" } else { "Payment" }),
                Fact::new("Payment", payment),
                Fact::new("Total", sum(s.amount_total, currency)),
                Fact::new("Tax and shipping", sum(s.amount_tax.saturating_add(s.amount_shipping), currency)),
            ]
        }
        StripeFact::Invoice(i) => vec![
            Fact::new("Paid", yes(i.paid)),
            Fact::new("Amount paid", sum(i.amount_paid, i.currency)),
            Fact::new("Paid outside Stripe", sum(i.outside_stripe.unwrap_or(0), i.currency)),
            Fact::new("Without tax", sum(i.total_excluding_tax, i.currency)),
            Fact::new("Paid at", when(i.paid_at)),
            Fact::new("Billed for", i.billing_reason.clone().unwrap_or_else(|| "Unknown".to_owned())),
        ],
        StripeFact::InvoicePayment(p) if p.payment_record.is_some() => {
            vec![Fact::new("Reports", "An invoice paid outside Stripe")]
        }
        StripeFact::InvoicePayment(_) => vec![Fact::new("Reports", "Which payment paid an invoice")],
        StripeFact::NoInvoice(_) => vec![Fact::new("Reports", "A payment without an invoice")],
        StripeFact::Charge(c) => {
            let invoice = match &c.invoice {
                ChargeInvoice::Unknown => "Not in this API version",
                ChargeInvoice::None => "None: a direct payment",
                ChargeInvoice::Is(id) => id.as_str(),
            };
            vec![
                Fact::new("Succeeded", yes(c.succeeded)),
                Fact::new("Captured", sum(c.amount_captured, c.currency)),
                Fact::new("Refunded so far", sum(c.amount_refunded, c.currency)),
                Fact::new("Invoice", invoice.to_owned()),
                Fact::new("Charged at", when(c.charged_at)),
            ]
        }
        StripeFact::Refund(r) => {
            let status = match r.status {
                RefundStatus::Failed => "Failed",
                RefundStatus::Succeeded => "Succeeded",
                RefundStatus::Pending => "Pending",
            };
            vec![Fact::new("Refund", sum(r.amount, r.currency)), Fact::new("Status", status)]
        }
        StripeFact::Dispute(d) => {
            let step = match d.step {
                DisputeStep::Opened => "Opened or changed",
                DisputeStep::FundsWithdrawn => "Funds withdrawn",
                DisputeStep::FundsReinstated => "Funds reinstated",
                DisputeStep::Closed => "Closed",
            };
            vec![
                Fact::new("Dispute", sum(d.amount, d.currency)),
                Fact::new("Step", step),
                Fact::new("Status", d.status.word().replace('_', " ")),
            ]
        }
        StripeFact::CreditNote(n) => vec![
            Fact::new("Refunded outside Stripe", sum(n.outside_stripe, n.currency)),
            Fact::new("Voided", yes(n.voided)),
        ],
        StripeFact::Alert(a) => {
            let alert = match a.alert {
                AlertKind::EarlyFraudWarning => "Early fraud warning",
                AlertKind::Review => "Review",
            };
            vec![Fact::new("Alert", alert), Fact::new("Open", yes(a.open))]
        }
        StripeFact::Customer(_) => vec![Fact::new("Reports", "Customer details")],
        StripeFact::Subscription(s) => {
            let mut lines = vec![Fact::new("Status", s.status.word().replace('_', " "))];
            lines.extend(s.ended_at.map(|at| Fact::new("Ended", when(at))));
            lines
        }
    }
}

/// What may lead to an affiliate.
fn hints(hints: &Hints) -> Vec<Fact> {
    let tokens = hints.tokens.iter().map(|carried| {
        let token = carried.token.to_string();
        Fact::new("Click token", view! { <span class="mono small">{token}</span> })
            .note(carrier_words(carried.carrier))
    });
    let codes = hints
        .promotion_codes
        .iter()
        .map(|code| Fact::new("Promotion code", view! { <span class="mono small">{code.clone()}</span> }));
    let emails = hints.emails.iter().map(|email| Fact::new("Email", email.to_string()));
    tokens.chain(codes).chain(emails).collect()
}
