//! The fields of a list of rewards. Its buttons send the form, which comes back changed.

use leptos::prelude::*;

use super::rewards::ConditionList;
use super::{Choice, Icon, NumberField, RewardNumber, SelectField, TextField, TextKind, Width};
use crate::forms::{Field, FormState, RewardEdit, RewardForm, StepForm};

/// The head of a reward: its name or what it pays, and its conditions.
#[derive(Clone, Debug)]
pub struct RewardHeading {
    /// The name, or else what it pays.
    pub title: String,
    /// What each condition is about, and what it says.
    pub conditions: Vec<(&'static str, String)>,
}

/// Rewards as the fields `rewards[…]` of [`RewardForm`]s.
#[component]
pub fn RewardFields(
    /// The problems of what was entered.
    form: FormState,
    /// The rewards as they are shown.
    rewards: Vec<RewardForm>,
    /// What each pays and for what, where it could be read.
    heads: Vec<RewardHeading>,
    /// Ids and names of products that can be ticked.
    products: Vec<(String, String)>,
    /// "USD"
    currency: String,
) -> impl IntoView {
    let count = rewards.len();
    let rows = rewards
        .into_iter()
        .zip(heads)
        .enumerate()
        .map(|(index, (reward, head))| editor(&form, index, count, &reward, head, &products, &currency));
    view! {
        <p class="hint">"The first reward whose conditions match a payment decides."</p>
        <ol class="rewards boxed" role="list">{rows.collect_view()}</ol>
        <p><EditButton edit=RewardEdit::Add label="Add a reward".to_owned()/></p>
    }
}

/// A button that changes the list.
#[component]
pub fn EditButton(
    /// What it does.
    edit: RewardEdit,
    /// What it is called.
    label: String,
) -> impl IntoView {
    view! {
        <button class="button quiet" name=RewardEdit::NAME value=edit.value()><Icon name="plus"/>{label}</button>
    }
}

fn editor(
    form: &FormState,
    index: usize,
    count: usize,
    reward: &RewardForm,
    head: RewardHeading,
    products: &[(String, String)],
    currency: &str,
) -> impl IntoView + use<> {
    let number = index + 1;
    let steps = reward.steps.len();
    let rows = reward
        .steps
        .iter()
        .enumerate()
        .map(|(place, step)| step_fields(form, (index, place), steps, step, currency));
    let rows = rows.collect_view();
    let conditions = condition_fields(form, index, reward, products, currency);
    // A reward that hides the ones after it needs a condition.
    let at = format!("rewards[{index}]");
    let has_error = form.errors().iter().any(|error| error.field.starts_with(&at));
    let open = has_error || (reward.is_for_all() && number < count);
    view! {
        <li id=format!("reward-{number}")>
            <div class="reward-row edits">
                <RewardNumber number/>
                <div class="body"><h3>{head.title}</h3><ConditionList conditions=head.conditions/></div>
                {moves(index, count)}
            </div>
            <div class="editor">
                <fieldset><legend class="sr-only">"What it pays"</legend>{rows}
                    <EditButton edit=RewardEdit::AddStep(index) label="Add a step".to_owned()/>
                </fieldset>
                <details class="more" open=open>
                    <summary><Icon name="right"/>"Name and conditions"</summary>
                    <div class="gap-top">{conditions}</div>
                </details>
            </div>
        </li>
    }
}

/// Up, down, and away.
fn moves(index: usize, count: usize) -> Option<impl IntoView> {
    let number = index + 1;
    let button = |edit: RewardEdit,
                  class: &'static str,
                  icon: &'static str,
                  label: String,
                  disabled: bool| {
        view! {
            <button class=class name=RewardEdit::NAME value=edit.value() aria-label=label disabled=disabled>
                <Icon name=icon/>
            </button>
        }
    };
    (count > 1).then(|| {
        let up = button(
            RewardEdit::Up(index),
            "button quiet square up",
            "down",
            format!("Move reward {number} up"),
            index == 0,
        );
        let down = button(
            RewardEdit::Down(index),
            "button quiet square",
            "down",
            format!("Move reward {number} down"),
            number == count,
        );
        let away = button(
            RewardEdit::Remove(index),
            "button quiet square",
            "x",
            format!("Remove reward {number}"),
            false,
        );
        view! { <div class="moves">{up}{down}{away}</div> }
    })
}

fn field(form: &FormState, name: String, value: &str) -> Field {
    let error = form.error(&name).map(str::to_owned);
    Field { error, ..Field::with_value(name, value) }
}

fn step_fields(
    form: &FormState,
    place: (usize, usize),
    steps: usize,
    step: &StepForm,
    currency: &str,
) -> impl IntoView + use<> {
    let field = |name: &str, value: &str| field(form, StepForm::name(place.0, place.1, name), value);
    let units = vec![
        Choice::plain("percent", "% of the payment"),
        Choice::plain("fixed", format!("{currency} per payment")),
    ];
    let mut ends = vec![Choice::plain("months", "until a month"), Choice::plain("lifetime", "for life")];
    if place.1 == 0 {
        ends.insert(0, Choice::plain("first_payment", "first payment only"));
    }
    let then = if place.1 == 0 { "Pays" } else { "Then pays" };
    let remove = (steps > 1).then(|| {
        let label = format!("Remove step {} of reward {}", place.1 + 1, place.0 + 1);
        let value = RewardEdit::RemoveStep(place.0, place.1).value();
        view! {
            <button class="button quiet square" name=RewardEdit::NAME value=value aria-label=label><Icon name="x"/></button>
        }
    });
    view! {
        <div class="step">
            <TextField field=field("value", &step.value) label=then width=Width::Short/>
            <SelectField field=field("unit", &step.unit) label="Unit" choices=units/>
            <SelectField field=field("recurrence", &step.recurrence) label="How long" choices=ends/>
            <TextField field=field("months", &step.months) label="Month" width=Width::Short/>
            {remove}
        </div>
    }
}

fn condition_fields(
    form: &FormState,
    index: usize,
    reward: &RewardForm,
    products: &[(String, String)],
    currency: &str,
) -> impl IntoView + use<> {
    let field = |name: &str, value: &str| field(form, RewardForm::name(index, name), value);
    let joins = vec![
        Choice::plain("all", "All conditions must match"),
        Choice::plain("any", "One matching condition is enough"),
    ];
    let orders = vec![
        Choice::plain("", "All payments"),
        Choice::plain("new", "First payment of a customer"),
        Choice::plain("renewal", "Later payments"),
    ];
    let (wanted, excluded) = (reward.product_ids(), reward.excluded_ids());
    let typed = |ids: &[String]| {
        let others = ids.iter().filter(|id| products.iter().all(|(known, _)| known != *id));
        others.cloned().collect::<Vec<_>>().join(", ")
    };
    let (typed_wanted, typed_excluded) = (typed(&wanted), typed(&excluded));
    let (wanted, excluded) = (
        ticks(index, "picked", "Products", &wanted, products),
        ticks(index, "excluded_picked", "Products that earn nothing", &excluded, products),
    );
    let ids_label = if products.is_empty() { "Product or price IDs" } else { "Other product or price IDs" };
    let excluded_label =
        if products.is_empty() { "IDs of products that earn nothing" } else { "Other IDs that earn nothing" };
    let bound = |name: &str, value: &str, label: &'static str| {
        let field = field(name, value);
        view! { <NumberField field label unit=currency.to_owned() kind=super::NumberKind::Amount optional=true/> }
    };
    let bounds = (
        bound("at_least", &reward.at_least, "Payment from"),
        bound("at_most", &reward.at_most, "Payment up to"),
    );
    view! {
        <div class="conditions">
            <TextField field=field("name", &reward.name) label="Name" hint="You and your affiliates read it, such as “Team plan”" optional=true/>
            <SelectField field=field("join", &reward.join) label="Conditions" hint="Leave all of them empty for every payment" choices=joins/>
            {wanted}
            <TextField field=field("products", &typed_wanted) label=ids_label hint="The commission is on these invoice lines alone. Payments without an invoice have no products" optional=true kind=TextKind::Code/>
            {excluded}
            <TextField field=field("excluded", &typed_excluded) label=excluded_label optional=true kind=TextKind::Code/>
            <div class="pair">{bounds.0}{bounds.1}</div>
            <SelectField field=field("order", &reward.order) label="Which payments" choices=orders/>
            <TextField field=field("countries", &reward.countries) label="Customer’s country" hint="Codes such as US, CA" optional=true kind=TextKind::Code/>
            <TextField field=field("currencies", &reward.currencies) label="Currency" hint="Codes such as USD, EUR" optional=true kind=TextKind::Code/>
        </div>
    }
}

/// Products that were paid for, to tick.
fn ticks(
    index: usize,
    field: &str,
    legend: &'static str,
    chosen: &[String],
    products: &[(String, String)],
) -> Option<impl IntoView + use<>> {
    let boxes = products.iter().enumerate().map(|(place, (id, name))| {
        let field = format!("rewards[{index}][{field}][{place}]");
        let element = super::field_id(&field);
        let checked = chosen.contains(id);
        view! {
            <div class="check">
                <input type="checkbox" id=element.clone() name=field value=id.clone() checked=checked/>
                <label for=element>{name.clone()}" "<small class="muted">{id.clone()}</small></label>
            </div>
        }
    });
    (!products.is_empty()).then(|| {
        view! { <fieldset class="field ticks"><legend>{legend}</legend>{boxes.collect_view()}</fieldset> }
    })
}
