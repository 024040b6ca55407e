//! Fields of one line.

use leptos::prelude::*;

use super::Around;
use crate::forms::Field;

/// How long an answer is expected to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Width {
    /// A sentence.
    #[default]
    Full,
    /// A short word or an amount.
    Medium,
    /// A number of a few digits.
    Short,
}

impl Width {
    fn class(self) -> &'static str {
        match self {
            Self::Full => "input",
            Self::Medium => "input w-2",
            Self::Short => "input w-1",
        }
    }
}

/// Words, an address, a code.
#[component]
pub fn TextField(
    /// From the form's state.
    field: Field,
    /// "Name"
    #[prop(into)]
    label: String,
    /// What to put in.
    #[prop(optional, into)]
    hint: String,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
    /// "text", "url", "search".
    #[prop(default = "text")]
    kind: &'static str,
    /// What the browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// A code or an address, which is neither spell-checked nor capitalized.
    #[prop(optional)]
    code: bool,
    /// How long the answer is.
    #[prop(optional)]
    width: Width,
) -> impl IntoView {
    let around = Around::new(&field, label, hint, optional);
    let input = view! {
        <input
            class=width.class()
            id=around.id.clone()
            name=field.name
            type=kind
            value=field.value
            autocomplete=autocomplete
            spellcheck=code.then_some("false")
            autocapitalize=code.then_some("none")
            aria-describedby=around.described_by()
            aria-invalid=around.invalid()
        />
    };
    around.wrap(input)
}

/// An e-mail address.
#[component]
pub fn EmailField(
    /// From the form's state.
    field: Field,
    /// "E-mail"
    #[prop(into)]
    label: String,
    /// What it is used for.
    #[prop(optional, into)]
    hint: String,
    /// "username" at sign-in.
    #[prop(default = "email")]
    autocomplete: &'static str,
) -> impl IntoView {
    view! { <TextField field label hint kind="email" autocomplete code=true/> }
}

/// A password. What was typed never comes back.
#[component]
pub fn PasswordField(
    /// From the form's state; its value is not used.
    field: Field,
    /// "Password"
    #[prop(into)]
    label: String,
    /// What is asked of a new one.
    #[prop(optional, into)]
    hint: String,
    /// Whether a new one is chosen.
    #[prop(optional)]
    new: bool,
) -> impl IntoView {
    let around = Around::new(&field, label, hint, false);
    let autocomplete = if new { "new-password" } else { "current-password" };
    let input = view! {
        <input
            class=Width::Full.class()
            id=around.id.clone()
            name=field.name
            type="password"
            autocomplete=autocomplete
            aria-describedby=around.described_by()
            aria-invalid=around.invalid()
        />
    };
    around.wrap(input)
}

/// A number with its unit: days, percent.
#[component]
pub fn NumberField(
    /// From the form's state.
    field: Field,
    /// "Cookie window"
    #[prop(into)]
    label: String,
    /// "days", "%"
    #[prop(into)]
    unit: String,
    /// What it means.
    #[prop(optional, into)]
    hint: String,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
    /// Whether decimals are allowed.
    #[prop(optional)]
    decimal: bool,
    /// How long the answer is.
    #[prop(default = Width::Short)]
    width: Width,
) -> impl IntoView {
    // type="number" is refused by many: it swallows what it does not understand, and the
    // wheel of a mouse changes it.
    let around = Around::new(&field, label, hint, optional);
    let input = view! {
        <div class="input-group">
            <input
                class=width.class()
                id=around.id.clone()
                name=field.name
                inputmode=if decimal { "decimal" } else { "numeric" }
                autocomplete="off"
                value=field.value
                aria-describedby=around.described_by()
                aria-invalid=around.invalid()
            />
            <span class="unit" aria-hidden="true">{unit}</span>
        </div>
    };
    around.wrap(input)
}

/// An amount of money in a currency.
#[component]
pub fn MoneyField(
    /// From the form's state.
    field: Field,
    /// "Minimum payout"
    #[prop(into)]
    label: String,
    /// "USD"
    #[prop(into)]
    currency: String,
    /// What it means.
    #[prop(optional, into)]
    hint: String,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    view! { <NumberField field label unit=currency hint optional decimal=true width=Width::Medium/> }
}
