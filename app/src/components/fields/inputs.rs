//! Form fields of one line of text.

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

/// What a line of text holds: it decides the keyboard, the checks of spelling, and what the
/// browser may fill in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextKind {
    /// Words.
    #[default]
    Words,
    /// The name of the person who types.
    PersonName,
    /// The name of their company.
    Organization,
    /// A code or an id, which is neither spell-checked nor capitalized.
    Code,
    /// The code that an authenticator app shows.
    OneTimeCode,
    /// A web address.
    Url,
    /// The address of the person's own site.
    OwnUrl,
    /// An email address, and what the browser may fill in.
    Email {
        /// "email", "username" at sign-in, "off" for another person's.
        autocomplete: &'static str,
    },
    /// A day.
    Date,
}

impl TextKind {
    const fn input_type(self) -> &'static str {
        match self {
            Self::Words | Self::PersonName | Self::Organization | Self::Code | Self::OneTimeCode => "text",
            Self::Url | Self::OwnUrl => "url",
            Self::Email { .. } => "email",
            Self::Date => "date",
        }
    }

    const fn autocomplete(self) -> &'static str {
        match self {
            Self::PersonName => "name",
            Self::Organization => "organization",
            Self::OwnUrl => "url",
            Self::OneTimeCode => "one-time-code",
            Self::Email { autocomplete } => autocomplete,
            Self::Words | Self::Code | Self::Url | Self::Date => "off",
        }
    }

    const fn is_code(self) -> bool {
        matches!(self, Self::Code | Self::OneTimeCode | Self::Url | Self::OwnUrl | Self::Email { .. })
    }

    /// The keyboard, where the type does not say it.
    const fn input_mode(self) -> Option<&'static str> {
        match self {
            Self::OneTimeCode => Some("numeric"),
            _ => None,
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
    /// What it holds.
    #[prop(optional)]
    kind: TextKind,
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
            type=kind.input_type()
            inputmode=kind.input_mode()
            value=field.value
            autocomplete=kind.autocomplete()
            spellcheck=kind.is_code().then_some("false")
            autocapitalize=kind.is_code().then_some("none")
            aria-describedby=around.described_by()
            aria-invalid=around.invalid()
        />
    };
    around.wrap(input)
}

/// An email address.
#[component]
pub fn EmailField(
    /// From the form's state.
    field: Field,
    /// "Email"
    #[prop(into)]
    label: String,
    /// What it is used for.
    #[prop(optional, into)]
    hint: String,
    /// "username" at sign-in.
    #[prop(default = "email")]
    autocomplete: &'static str,
) -> impl IntoView {
    view! { <TextField field label hint kind=TextKind::Email { autocomplete }/> }
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

/// What a number may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NumberKind {
    /// A whole number.
    #[default]
    Whole,
    /// A number with decimals.
    Decimal,
    /// An amount of money.
    Amount,
}

impl NumberKind {
    const fn input_mode(self) -> &'static str {
        match self {
            Self::Whole => "numeric",
            Self::Decimal | Self::Amount => "decimal",
        }
    }

    const fn width(self) -> Width {
        match self {
            Self::Whole | Self::Decimal => Width::Short,
            Self::Amount => Width::Medium,
        }
    }
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
    /// What it may be.
    #[prop(optional)]
    kind: NumberKind,
) -> impl IntoView {
    // type="number" is refused by many: it swallows what it does not understand, and the
    // wheel of a mouse changes it.
    let around = Around::new(&field, label, hint, optional);
    let input = view! {
        <div class="input-group">
            <input
                class=kind.width().class()
                id=around.id.clone()
                name=field.name
                inputmode=kind.input_mode()
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
    view! { <NumberField field label unit=currency hint optional kind=NumberKind::Amount/> }
}
