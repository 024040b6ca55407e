//! A person's own account: name, address, password, two-step sign-in, and the browsers that are
//! signed in.

mod browsers;
mod email;
mod password;
mod profile;
mod team;
mod two_step;

use engine::identity::{accounts, email_change};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use browsers::browsers_card;
use domain::members::Role;
use email::{ChangeEmail, email_card};
use password::{ChangePassword, password_card};
use profile::{RenameCompany, RenameSelf, profile_card};
use team::{RequireTwoStep, team_card};
pub use two_step::TwoStepPage;
use two_step::two_step_card;

use crate::components::{ErrorSummary, MerchantShell, PageHead, SiteShell};
use crate::forms::submission::take_form;
use crate::layout::{AffiliatePage, MerchantPage, title};
use crate::pages::page;
use crate::request::access::{Access, Refusal, account, engine, person};
use crate::routes;

/// The account of the signed-in person.
#[component]
pub fn AccountPage() -> impl IntoView {
    page(own())
}

async fn own() -> Access<AnyView> {
    let (account, person) = (account().await?, person().await?);
    let name_form = take_form(RenameSelf::PATH).await;
    let company_form = take_form(RenameCompany::PATH).await;
    let email_form = take_form(ChangeEmail::PATH).await;
    let password_form = take_form(ChangePassword::PATH).await;
    let team_form = take_form(RequireTwoStep::PATH).await;
    let forms = [&name_form, &company_form, &email_form, &password_form, &team_form];
    let errors: Vec<_> = forms.iter().flat_map(|form| form.errors().to_vec()).collect();
    title("Your account", !errors.is_empty());
    let engine = engine();
    let profile = accounts::profile(&engine, &account).await?;
    let on = engine::identity::two_step::state(&engine, &account).await?;
    let pending = email_change::pending(&engine, &account).await?;
    let team = match person.merchant.as_ref().filter(|actor| actor.role() == Role::Owner) {
        Some(owner) => {
            let is_required = engine::identity::two_step::is_required(&engine, owner).await?;
            Some(team_card(is_required, team_form))
        }
        None => None,
    };
    let content = view! {
        <PageHead title="Your account" lead=format!("You sign in with {}.", profile.email)/>
        <ErrorSummary errors/>
        {profile_card(&profile.name, person.merchant.as_ref(), name_form, company_form)}
        {email_card(pending, on.is_some(), email_form)}
        {password_card(&profile, password_form)}
        {two_step_card(on.as_ref())}
        {team}
        {browsers_card(&account).await?}
    };
    match (person.merchant, person.affiliate) {
        (Some(_), _) => {
            let frame = MerchantPage::load().await?.frame();
            Ok(view! { <MerchantShell frame narrow=true>{content}</MerchantShell> }.into_any())
        }
        (None, Some(_)) => {
            let frame = AffiliatePage::load().await?.frame();
            Ok(view! { <SiteShell frame>{content}</SiteShell> }.into_any())
        }
        (None, None) => Err(Refusal::Elsewhere(routes::START.to_owned())),
    }
}

/// The label where a password is asked for again. A code will do for who has two-step sign-in.
fn secret_label(has_two_step: bool) -> &'static str {
    if has_two_step { "Your password or a code" } else { "Your password" }
}
