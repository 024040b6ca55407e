//! One payment: why it earns somebody something, or nobody anything.

use domain::explain::Verdict as Found;
use engine::payments::PaymentDetail;
use leptos::prelude::*;

use crate::access::parameter;
use crate::components::*;
use crate::explained::{base_lines, proofs};
use crate::frames::{ProgramPage, Section};
use crate::pages::page;
use crate::text::{amount, money, short_id};
use crate::traces::{EventsCard, StripeIds};

/// One payment.
#[component]
pub fn Payment() -> impl IntoView {
    page(async {
        let page = ProgramPage::load().await?;
        let id = parameter("payment")?;
        let detail = engine::payments::detail(&page.engine, &page.actor, &page.program.id, &id).await?;
        let payment = &detail.payment;
        let title = match payment.currency {
            Some(currency) => format!("Payment of {}", money(payment.gross, currency)),
            None => "Payment".to_owned(),
        };
        page.title(&title, false);
        let crumbs = page.crumbs(&[("Without an affiliate", "unmatched")], short_id(id.as_str()));
        let email = payment.email.as_ref().map(ToString::to_string);
        let paid = page.zone.date_and_time(payment.paid_at).text;
        let lead =
            [payment.label.clone(), email, Some(paid)].into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let aside = view! {
            {computed(&detail)}
            <StripeIds ids=detail.stripe_ids.clone()/>
        };
        let standing = standing(&page, &detail);
        let main = view! {
            {tried(&page, &detail)}
            <EventsCard events=detail.events.clone() base=page.path("") zone=page.zone.clone()/>
        };
        Ok(view! {
            <MerchantShell frame=page.frame(Section::Unmatched) crumbs>
                <PageHead title lead/>
                {standing}
                <Columns aside=aside.into_any()>{main}</Columns>
            </MerchantShell>
        }
        .into_any())
    })
}

/// What became of it, and what would have led to an affiliate.
fn standing(page: &ProgramPage, detail: &PaymentDetail) -> AnyView {
    let payment = &detail.payment;
    if let Some(conversion) = &detail.conversion {
        let href = page.path(&format!("conversions/{conversion}"));
        if payment.reason.is_none() {
            let actions = view! { <a class="button" href=href>"See the commission"</a> };
            return view! {
                <Notice title="Credited to an affiliate" cell=Cell::Paid actions=actions.into_any()>
                    "This payment earned a commission."
                </Notice>
            }
            .into_any();
        }
    }
    let cell = if payment.state == "waiting" { Cell::Pending } else { Cell::Empty };
    let title = match payment.state.as_str() {
        "waiting" => "Waits for more from Stripe",
        "failed" => "Did not go through",
        "free" => "Nothing was paid",
        "merged" => "Counted under another payment",
        _ => "Credited to nobody",
    };
    let reason = payment.reason_text.clone().unwrap_or_else(|| "It is not understood yet.".to_owned());
    let again = payment
        .look_again_at
        .map(|at| format!(" It is looked at again on {}.", page.zone.date_and_time(at).text));
    view! {
        <Notice title cell>{format!("{reason}{}", again.unwrap_or_default())}</Notice>
    }
    .into_any()
}

fn tried(page: &ProgramPage, detail: &PaymentDetail) -> AnyView {
    let tried = &detail.payment.proofs;
    if tried.is_empty() {
        return view! {
            <Card id="proofs" title="Proofs">
                <CardBody><p class="muted">"Proofs are tried when the money is there."</p></CardBody>
            </Card>
        }
        .into_any();
    }
    let decided = tried.iter().any(|one| one.verdict == Found::Decided);
    let title = if decided { "Which proof decided" } else { "Why nobody was credited" };
    let foot = view! {
        <span>"A proof that comes later, such as a lead with this address, is looked at again."</span>
        <a href=page.path("settings/tracking")>"Tracking"</a>
    };
    let number = format!("{} proofs, tried in this order", tried.len());
    let items = proofs(tried);
    view! {
        <Card id="proofs" title aside=view! { <p>{number}</p> }.into_any() foot=foot.into_any()>
            <Proofs items/>
        </Card>
    }
    .into_any()
}

fn computed(detail: &PaymentDetail) -> Option<AnyView> {
    let payment = &detail.payment;
    let currency = payment.currency?;
    let mut lines = base_lines("Paid by the customer", payment.gross, payment.base, currency);
    lines.push(ReceiptLine::new("Base", amount(payment.base, currency)).sum());
    if payment.refunded > 0 {
        lines.push(ReceiptLine::new("Refunded", amount(-payment.refunded, currency)));
    }
    if payment.disputed > 0 {
        lines.push(ReceiptLine::new("Disputed", amount(-payment.disputed, currency)));
    }
    let caption = format!("What was paid, in {currency}");
    Some(
        view! { <Card id="sum" title="What was paid" unit=currency.to_string()><CardBody><Receipt caption lines/></CardBody></Card> }
            .into_any(),
    )
}
