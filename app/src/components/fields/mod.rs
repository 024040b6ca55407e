//! Form fields: label, hint, error, input, in this order.
//!
//! Each takes a [`Field`] from the form's state, so that what was typed comes back with its
//! problem. The id is made from the name, where the error summary finds it.

mod choices;
mod inputs;
mod text_area;

use domain::fields::WHOLE_FORM;
use leptos::prelude::*;

pub use self::choices::{Checkbox, Choice, ChoiceField, SelectField};
pub use self::inputs::{
    EmailField, MoneyField, NumberField, NumberKind, PasswordField, TextField, TextKind, Width,
};
pub use self::text_area::TextArea;
use super::Icon;
use crate::forms::{Field, FieldError};

/// The id of a field, from its name: `form[rate]` → `form-rate`.
pub fn field_id(name: &str) -> String {
    name.replace('[', "-").replace(']', "")
}

/// What surrounds every input: ids, label, hint and error.
#[derive(Clone)]
struct Around {
    id: String,
    label: String,
    hint: String,
    error: Option<String>,
    optional: bool,
}

impl Around {
    fn new(field: &Field, label: String, hint: String, optional: bool) -> Self {
        Self { id: field_id(&field.name), label, hint, error: field.error.clone(), optional }
    }

    /// The value of `aria-describedby`: the hint, then the error.
    fn described_by(&self) -> Option<String> {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.id));
        let error = self.error.is_some().then(|| format!("{}-error", self.id));
        let ids: Vec<String> = hint.into_iter().chain(error).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn invalid(&self) -> Option<&'static str> {
        self.error.is_some().then_some("true")
    }

    fn class(&self) -> &'static str {
        if self.error.is_some() { "field invalid" } else { "field" }
    }

    fn optional_mark(&self) -> impl IntoView + use<> {
        self.optional.then(|| view! { " "<span class="optional">"(optional)"</span> })
    }

    fn hint_and_error(&self) -> impl IntoView + use<> {
        let hint = (!self.hint.is_empty()).then(|| {
            view! { <p class="hint" id=format!("{}-hint", self.id)>{self.hint.clone()}</p> }
        });
        let error = self.error.clone().map(|message| {
            view! {
                <p class="error" id=format!("{}-error", self.id)>
                    <Icon name="alert"/>
                    <span><span class="sr-only">"Error: "</span>{message}</span>
                </p>
            }
        });
        view! { {hint}{error} }
    }

    /// A field with one input, which the label names.
    fn wrap(self, input: impl IntoView + 'static) -> impl IntoView {
        view! {
            <div class=self.class()>
                <label for=self.id.clone()>{self.label.clone()}{self.optional_mark()}</label>
                {self.hint_and_error()}
                {input.into_any()}
            </div>
        }
    }
}

/// All problems of a form, above it; takes the focus. Nothing when there are none.
#[component]
pub fn ErrorSummary(
    /// From the form's state, in the order of the fields.
    errors: Vec<FieldError>,
) -> impl IntoView {
    (!errors.is_empty()).then(|| {
        let items = errors.into_iter().map(|error| {
            if error.field == WHOLE_FORM {
                return view! { <li>{error.message}</li> }.into_any();
            }
            view! { <li><a href=format!("#{}", field_id(&error.field))>{error.message}</a></li> }.into_any()
        });
        view! {
            <div class="error-summary" tabindex="-1" autofocus>
                <div role="alert"><h2>"There is a problem"</h2><ul role="list">{items.collect_view()}</ul></div>
            </div>
        }
    })
}

/// The button that sends a form, and the way out.
#[component]
pub fn FormActions(
    /// A verb: "Save changes".
    #[prop(into)]
    submit: String,
    /// Where "Cancel" leads.
    #[prop(optional, into)]
    cancel: Option<String>,
    /// In the whole width, for sign-in.
    #[prop(optional)]
    wide: bool,
) -> impl IntoView {
    let class = if wide { "button primary large wide" } else { "button primary large" };
    let cancel = cancel.map(|href| view! { <a class="button quiet large" href=href>"Cancel"</a> });
    view! { <div class="form-actions"><button class=class>{submit}</button>{cancel}</div> }
}
