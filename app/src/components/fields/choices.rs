//! Form fields with fixed options: radio buttons, checkboxes, selects.

use leptos::prelude::*;

use super::Around;
use crate::forms::Field;

/// A given answer.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// What follows from it; not shown in a select.
    pub consequence: String,
}

impl Choice {
    /// An answer with its consequence.
    pub fn new(value: impl Into<String>, label: impl Into<String>, consequence: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), consequence: consequence.into() }
    }

    /// An option without an explanation.
    pub fn plain(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(value, label, "")
    }
}

/// One of up to five answers, each with its consequence.
#[component]
pub fn ChoiceField(
    /// From the form's state; its value is the chosen one.
    field: Field,
    /// "Which payments count?"
    #[prop(into)]
    label: String,
    /// What it means.
    #[prop(optional, into)]
    hint: String,
    /// The answers.
    choices: Vec<Choice>,
) -> impl IntoView {
    let around = Around::new(&field, label, hint, false);
    let inputs = choices.into_iter().enumerate().map(|(index, choice)| {
        // The error summary links to the first choice.
        let id = if index == 0 { around.id.clone() } else { format!("{}-{}", around.id, choice.value) };
        let consequence =
            (!choice.consequence.is_empty()).then(|| view! { <small>{choice.consequence}</small> });
        let checked = choice.value == field.value;
        view! {
            <label>
                <input type="radio" id=id name=field.name.clone() value=choice.value checked=checked/>
                <b>{choice.label}</b>
                {consequence}
            </label>
        }
    });
    let inputs = inputs.collect_view();
    view! {
        <fieldset class=around.class() aria-describedby=around.described_by()>
            <legend>{around.label.clone()}</legend>
            {around.hint_and_error()}
            <div class="choices">{inputs}</div>
        </fieldset>
    }
}

/// One of many answers.
#[component]
pub fn SelectField(
    /// From the form's state; its value is the chosen one.
    field: Field,
    /// "Time zone"
    #[prop(into)]
    label: String,
    /// What it means.
    #[prop(optional, into)]
    hint: String,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
    /// The answers.
    choices: Vec<Choice>,
) -> impl IntoView {
    let around = Around::new(&field, label, hint, optional);
    let options = choices.into_iter().map(|choice| {
        let selected = choice.value == field.value;
        view! { <option value=choice.value selected=selected>{choice.label}</option> }
    });
    let options = options.collect_view();
    let input = view! {
        <select
            class="input"
            id=around.id.clone()
            name=field.name
            aria-describedby=around.described_by()
            aria-invalid=around.invalid()
        >
            {options}
        </select>
    };
    around.wrap(input)
}

/// Yes or no. Sends `on`, or nothing.
#[component]
pub fn Checkbox(
    /// From the form's state; its value is not used.
    field: Field,
    /// Whether it is ticked: `FormState::is_checked`.
    checked: bool,
    /// What a tick says: "Approve affiliates at once". May hold a link.
    #[prop(into)]
    label: AnyView,
    /// What follows from it.
    #[prop(optional, into)]
    hint: String,
) -> impl IntoView {
    let around = Around::new(&field, String::new(), hint, false);
    view! {
        <div class=around.class()>
            <div class="check">
                <input
                    type="checkbox"
                    id=around.id.clone()
                    name=field.name
                    value="on"
                    checked=checked
                    aria-describedby=around.described_by()
                    aria-invalid=around.invalid()
                />
                <label for=around.id.clone()>{label}</label>
            </div>
            {around.hint_and_error()}
        </div>
    }
}
