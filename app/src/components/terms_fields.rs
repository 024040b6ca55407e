//! The fields of a program's terms, on the page that creates a program and on its terms.

use leptos::prelude::*;

use super::{Choice, ChoiceField, MoneyField, NumberField, NumberKind};
use crate::forms::{FormState, TermsForm};

/// Commission, attribution and payouts, as the fields `terms[…]` of a [`TermsForm`].
#[component]
pub fn TermsFields(
    /// What was entered before.
    form: FormState,
    /// What is in force, or what a new program begins with.
    recorded: TermsForm,
    /// "USD"; empty where it is chosen in the same form.
    #[prop(into)]
    currency: String,
) -> impl IntoView {
    let field = |name: &str, recorded: &str| form.field(&format!("terms[{name}]"), recorded);
    let unit = if currency.is_empty() { "in the currency above".to_owned() } else { currency.clone() };
    let in_currency =
        if currency.is_empty() { "in the program’s currency".to_owned() } else { format!("in {currency}") };
    let kinds = vec![
        Choice::new(
            "percent",
            "A share of each payment",
            "Grows with the plan. Discounts, credit and tax are taken off first.",
        ),
        Choice::new(
            "fixed",
            "A fixed amount for each payment",
            format!("The same for every plan, {in_currency}."),
        ),
    ];
    let recurrences = vec![
        Choice::new("first_payment", "The first payment only", "A renewal earns nothing."),
        Choice::new(
            "months",
            "Payments for some months",
            "Counted from the customer’s first payment. Enter below how many.",
        ),
        Choice::new("lifetime", "Lifetime", "As long as the customer pays."),
    ];
    let click_models = vec![
        Choice::new("last", "The last click wins", "Common for programs with many reviewers."),
        Choice::new("first", "The first click wins", "Rewards the affiliate who introduced you."),
    ];
    let orders = vec![
        Choice::new(
            "promotion_code",
            "The promotion code wins",
            "The code’s affiliate is credited, whatever was clicked.",
        ),
        Choice::new("click", "The click wins", "A code counts only where no click is known."),
    ];
    let outside = vec![
        Choice::new(TermsForm::OUTSIDE_IGNORED, "Earn nothing", "Only money that Stripe collected counts."),
        Choice::new(
            TermsForm::OUTSIDE_EARNS,
            "Earn a commission",
            "Invoices that are marked as paid outside Stripe count like others. Stripe reports no refunds of them.",
        ),
    ];
    view! {
        <div class="form-section">
            <h2>"Commission"</h2>
            <ChoiceField field=field("commission_kind", &recorded.commission_kind) label="Commission type" choices=kinds/>
            <NumberField
                field=field("commission_percent", &recorded.commission_percent)
                label="Share of the payment"
                hint="Up to two decimals, such as 12.5"
                unit="%"
                kind=NumberKind::Decimal
            />
            <MoneyField
                field=field("commission_amount", &recorded.commission_amount)
                label="Amount for each payment"
                currency=unit.clone()
            />
            <ChoiceField field=field("recurrence", &recorded.recurrence) label="Which payments count?" choices=recurrences/>
            <NumberField
                field=field("recurrence_months", &recorded.recurrence_months)
                label="Months"
                hint="From 1 to 120"
                unit="months"
            />
            <ChoiceField field=field("outside_stripe", &recorded.outside_stripe) label="Invoices paid outside Stripe" choices=outside/>
        </div>
        <div class="form-section">
            <h2>"Attribution"</h2>
            <NumberField
                field=field("window_days", &recorded.window_days)
                label="Cookie window"
                hint="How long after a click a first payment counts"
                unit="days"
            />
            <ChoiceField field=field("click_model", &recorded.click_model) label="If a buyer clicked several links" choices=click_models/>
            <ChoiceField field=field("attribution_priority", &recorded.attribution_priority) label="If a code and a click lead to different affiliates" choices=orders/>
        </div>
        <div class="form-section">
            <h2>"Payouts"</h2>
            <NumberField
                field=field("hold_days", &recorded.hold_days)
                label="Hold period"
                hint="Days until a commission is payable; cover your refund period, and 60 days with Stripe’s Managed Payments"
                unit="days"
            />
            <MoneyField
                field=field("minimum_payout", &recorded.minimum_payout)
                label="Minimum payout"
                hint="Smaller balances wait for the next run"
                currency=unit
            />
        </div>
    }
}
