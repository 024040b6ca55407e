//! A person's own account: name, password, and the browsers that are signed in.

mod browsers;
mod password;
mod profile;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use browsers::browsers_card;
use password::{ChangePassword, password_card};
use profile::{RenameCompany, RenameSelf, profile_card};

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
    let password_form = take_form(ChangePassword::PATH).await;
    let errors: Vec<_> =
        [&name_form, &company_form, &password_form].iter().flat_map(|form| form.errors().to_vec()).collect();
    title("Your account", !errors.is_empty());
    let (name, email) = engine::identity::accounts::profile(&engine(), &account).await?;
    let content = view! {
        <PageHead title="Your account" lead=format!("You sign in with {email}.")/>
        <ErrorSummary errors/>
        {profile_card(&name, person.merchant.as_ref(), name_form, company_form)}
        {password_card(email.as_str(), password_form)}
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
