//! Earnings as a table, with masked customers.

use engine::ledger::conversions::ConversionRow;
use leptos::prelude::*;

use crate::components::{Column, Status, Table, TableStyle, Time};
use crate::presenters::labels::{commission_left, commission_note, commission_state};
use crate::presenters::tables::RowFormat;
use crate::routes;

/// What a payment is called: what was bought, or that it was a payment. Stripe's ids are
/// the merchant's business.
pub(super) fn name(row: &ConversionRow) -> String {
    row.label.clone().unwrap_or_else(|| "Payment".to_owned())
}

/// Earnings, newest first.
#[component]
pub(super) fn EarningTable(
    /// The rows.
    rows: Vec<ConversionRow>,
    /// How they are shown.
    format: RowFormat,
    /// Below a card's head.
    #[prop(optional)]
    spaced: bool,
) -> impl IntoView {
    let columns = vec![
        Column::text("Payment"),
        Column::text("Date"),
        Column::number("Amount"),
        Column::number("You earn"),
        Column::text("Status"),
    ];
    let rows = rows.into_iter().map(|row| earning(&row, &format)).collect_view();
    let style = if spaced { TableStyle::CARDS.spaced() } else { TableStyle::CARDS };
    view! { <Table caption="Earnings, newest first" columns style>{rows}</Table> }
}

fn earning(row: &ConversionRow, format: &RowFormat) -> impl IntoView + use<> {
    let c = &row.conversion;
    let left = commission_left(c);
    let of = (left != c.commission).then(
        || view! { <small>{format!("of {}", format.amount(c.commission, c.commission_currency))}</small> },
    );
    let customer = row.email.as_ref().map(|email| view! { <small>{email.masked()}</small> });
    let note = commission_note(row, &format.zone, format.now);
    view! {
        <tr>
            <th scope="row"><a href=routes::affiliate_program(&format.program).earning(&c.id)>{name(row)}</a>{customer}</th>
            <td class="nowrap" data-label="Date"><Time at=format.zone.short_date(c.paid_at, format.now)/></td>
            <td class="num" data-label="Amount">{format.amount(c.amount, c.currency)}</td>
            <td class="num lead">{format.amount(left, c.commission_currency)}{of}</td>
            <td class="full"><Status state=commission_state(row.status) note/></td>
        </tr>
    }
}
