//! The fields of a program's terms, on the page that creates a program and on its terms.

use leptos::prelude::*;

use super::{Choice, ChoiceField, Icon, MoneyField, NumberField, NumberKind};
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
    /// In the place of the one simple reward: the list of rewards.
    #[prop(optional)]
    rewards: Option<AnyView>,
    /// Below the one simple reward.
    #[prop(optional)]
    more: Option<AnyView>,
) -> impl IntoView {
    let field = |name: &str, recorded: &str| form.field(&format!("terms[{name}]"), recorded);
    let outside = vec![
        Choice::new(TermsForm::OUTSIDE_IGNORED, "Earn nothing", "Only payments that Stripe collected count."),
        Choice::new(
            TermsForm::OUTSIDE_EARNS,
            "Earn a commission",
            "Invoices marked as paid outside Stripe count too. Stripe doesn’t report refunds for them.",
        ),
    ];
    let has_caps =
        [("cap_per_payment", &recorded.cap_per_payment), ("cap_per_customer", &recorded.cap_per_customer)]
            .into_iter()
            .any(|(name, recorded)| {
                let field = field(name, recorded);
                !field.value.is_empty() || field.error.is_some()
            });
    let unit = if currency.is_empty() { "in the currency above".to_owned() } else { currency.clone() };
    let caps = view! {
        <MoneyField field=field("cap_per_payment", &recorded.cap_per_payment) label="Most per payment" hint="What is over it is shown with the payment" currency=unit.clone() optional=true/>
        <MoneyField field=field("cap_per_customer", &recorded.cap_per_customer) label="Most per customer" hint="All payments of a customer together" currency=unit optional=true/>
    };
    let commission = rewards.unwrap_or_else(|| simple_reward(&form, &recorded, &currency).into_any());
    view! {
        <div class="form-section">
            <h2>"Commission"</h2>
            {commission}
            {more}
            <ChoiceField field=field("outside_stripe", &recorded.outside_stripe) label="Invoices paid outside Stripe" choices=outside/>
            <details class="more" open=has_caps>
                <summary><Icon name="right"/>"Limits"</summary>
                <div class="form-row gap-top">{caps}</div>
            </details>
        </div>
        {other_terms(&form, &recorded, currency)}
    }
}

/// The one simple reward: how much, and of which payments.
fn simple_reward(form: &FormState, recorded: &TermsForm, currency: &str) -> impl IntoView + use<> {
    let field = |name: &str, recorded: &str| form.field(&format!("terms[{name}]"), recorded);
    let unit = if currency.is_empty() { "in the currency above" } else { currency };
    let in_currency =
        if currency.is_empty() { "in the program’s currency".to_owned() } else { format!("in {currency}") };
    let kinds = vec![
        Choice::new(
            "percent",
            "A percentage of each payment",
            "Calculated on what the customer paid, after discounts, credit and tax.",
        ),
        Choice::new(
            "fixed",
            "A fixed amount per payment",
            format!("The same for every plan, {in_currency}."),
        ),
    ];
    let recurrences = vec![
        Choice::new("first_payment", "First payment only", "Renewals earn nothing."),
        Choice::new(
            "months",
            "Payments for a number of months",
            "Counted from the customer’s first payment. Enter the number below.",
        ),
        Choice::new("lifetime", "Lifetime", "Every payment, as long as the customer pays."),
    ];
    view! {
        <ChoiceField field=field("commission_kind", &recorded.commission_kind) label="Commission type" choices=kinds/>
        <NumberField
            field=field("commission_percent", &recorded.commission_percent)
            label="Percentage of the payment"
            hint="Up to two decimals, such as 12.5"
            unit="%"
            kind=NumberKind::Decimal
        />
        <MoneyField
            field=field("commission_amount", &recorded.commission_amount)
            label="Amount per payment"
            currency=unit
        />
        <ChoiceField field=field("recurrence", &recorded.recurrence) label="Which payments count?" choices=recurrences/>
        <NumberField
            field=field("recurrence_months", &recorded.recurrence_months)
            label="Months"
            hint="From 1 to 120"
            unit="months"
        />
    }
}

fn other_terms(form: &FormState, recorded: &TermsForm, currency: String) -> impl IntoView + use<> {
    let field = |name: &str, recorded: &str| form.field(&format!("terms[{name}]"), recorded);
    let unit = if currency.is_empty() { "in the currency above".to_owned() } else { currency };
    let click_models = vec![
        Choice::new("last", "Last click wins", "Common for programs with many reviewers."),
        Choice::new("first", "First click wins", "Rewards the affiliate who introduced you."),
    ];
    let orders = vec![
        Choice::new(
            "promotion_code",
            "Promotion code wins",
            "The code’s affiliate is credited, even if the buyer clicked another affiliate’s link.",
        ),
        Choice::new("click", "Click wins", "A code counts only if there is no click."),
    ];
    view! {
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
                hint="Days until a commission becomes payable. Use at least your refund period, or 60 days with Stripe Managed Payments"
                unit="days"
            />
            <MoneyField
                field=field("minimum_payout", &recorded.minimum_payout)
                label="Minimum payout"
                hint="Smaller balances carry over to the next payout"
                currency=unit
            />
        </div>
    }
}
