//! The pages. None of them imports another.

pub mod account;
pub mod affiliate;
pub mod errors;
pub mod join;
pub mod merchant;
pub mod payouts;
pub mod receipts;
pub mod settings;

use std::future::Future;

use leptos::prelude::*;

use crate::forms::submission::see_other;
use crate::request::access::{Access, Refusal, here, sign_in_path};

use errors::{ErrorPage, PageError};

/// Loads a page and shows it, or shows the error page of the refusal. Every page's component
/// calls it.
pub fn page(load: impl Future<Output = Access<AnyView>> + Send + 'static) -> impl IntoView {
    Suspend::new(async move { load.await.unwrap_or_else(instead) })
}

/// The error page or redirect of a refusal.
fn instead(refusal: Refusal) -> AnyView {
    let error = match refusal {
        Refusal::SignIn => {
            see_other(&sign_in_path(&here()));
            return ().into_any();
        }
        Refusal::Elsewhere(path) => {
            see_other(&path);
            return ().into_any();
        }
        Refusal::NotFound => PageError::NotFound,
        Refusal::Forbidden(why) => PageError::Forbidden(why),
        Refusal::Engine(error) => PageError::of(error),
    };
    view! { <ErrorPage error/> }.into_any()
}
