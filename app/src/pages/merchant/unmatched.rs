//! Payments that earn nobody anything, each with its reason.

use engine::payments::{Payment, Which};
use leptos::prelude::*;

use crate::components::*;
use crate::frames::{ProgramPage, Section};
use crate::pages::page;
use crate::queries::{Parameters, cursor};
use crate::tables::Manner;
use crate::words::{first_sentence, payment_label};

const ROWS: i64 = 50;

/// Payments without an affiliate.
#[component]
pub fn Unmatched() -> impl IntoView {
    page(async {
        let page = ProgramPage::load().await?;
        page.title("Without an affiliate", false);
        let before = Parameters::of_request().place("before");
        let paged = before.is_some();
        let (engine, actor) = (&page.engine, &page.actor);
        let mut rows =
            engine::payments::list(engine, actor, &page.program.id, Which::Unmatched, before, ROWS + 1)
                .await?;
        let more = rows.len() > ROWS as usize;
        rows.truncate(ROWS as usize);
        let path = page.path("unmatched");
        let older = rows.last().filter(|_| more).map(|last| {
            Parameters::default().with("before", &cursor(last.paid_at, last.id.as_str())).on(&path)
        });
        let lead = format!(
            "Paid payments that earned nobody a commission, and why. Amounts in {}, times in {}.",
            page.program.currency,
            page.zone.place()
        );
        let content = if rows.is_empty() {
            nothing()
        } else {
            let newer = paged.then(|| path.clone());
            table(rows, &Manner::of(&page), newer, older)
        };
        Ok(view! {
            <MerchantShell frame=page.frame(Section::Unmatched) crumbs=page.crumbs(&[], "Without an affiliate")>
                <PageHead title="Payments without an affiliate" lead/>
                {content}
            </MerchantShell>
        }
        .into_any())
    })
}

fn table(rows: Vec<Payment>, manner: &Manner, newer: Option<String>, older: Option<String>) -> AnyView {
    let columns =
        vec![Column::text("Payment"), Column::text("Date"), Column::number("Amount"), Column::text("Why")];
    let rows = rows.into_iter().map(|payment| row(payment, manner)).collect_view();
    view! {
        <PlainCard>
            <Table caption="Payments without an affiliate, newest first" columns cards=true>{rows}</Table>
            <Pager newer older note=format!("Newest first, {ROWS} to a page")/>
        </PlainCard>
    }
    .into_any()
}

fn row(payment: Payment, manner: &Manner) -> impl IntoView + use<> {
    let label = payment_label(payment.label.as_deref(), &payment.stripe_id);
    let why = payment.reason_text.as_deref().map(|text| first_sentence(text).to_owned());
    let buyer = payment.email.map(|email| view! { <small>{email.to_string()}</small> });
    let currency = payment.currency.unwrap_or(manner.currency);
    let (date, time) =
        (manner.zone.short_date(payment.paid_at, manner.now), manner.zone.time(payment.paid_at));
    view! {
        <tr>
            <th scope="row"><a href=format!("{}/payments/{}", manner.base, payment.id)>{label}</a>{buyer}</th>
            <td data-label="Date" class="nowrap"><Time at=date/><span class="sub">{time.text}</span></td>
            <td class="num lead">{manner.amount(payment.gross, currency)}</td>
            <td class="full">{why}<span class="sub mono">{payment.reason}</span></td>
        </tr>
    }
}

fn nothing() -> AnyView {
    view! {
        <PlainCard>
            <EmptyState
                title="No payment is without an affiliate"
                text="Payments that none of the proofs led to an affiliate, or that the terms pay nothing for, are listed here with the reason."
            />
        </PlainCard>
    }
    .into_any()
}
