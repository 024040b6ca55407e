//! `GET /v1/account`: the account that a key belongs to.

use serde::Deserialize;
use stripe_client_core::StripeRequest;
use stripe_connect::account::RetrieveForMyAccountAccount;

use super::client::Caller;
use super::error::StripeError;

/// An account, as far as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `acct_…`
    pub id: String,
    /// The name that its owner gave it.
    pub name: Option<String>,
    /// ISO 3166-1, two letters.
    pub country: Option<String>,
}

#[derive(Deserialize)]
struct AccountResponse {
    id: String,
    country: Option<String>,
    business_profile: Option<Named>,
    settings: Option<Settings>,
}

#[derive(Deserialize)]
struct Settings {
    dashboard: Option<Dashboard>,
}

#[derive(Deserialize)]
struct Dashboard {
    display_name: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    name: Option<String>,
}

/// The account of the caller. A restricted key may get 403 although it is
/// valid for everything else.
pub async fn account(caller: &Caller) -> Result<Account, StripeError> {
    let response: AccountResponse = caller.ask(RetrieveForMyAccountAccount::new().build()).await?;
    let shown =
        response.settings.and_then(|settings| settings.dashboard).and_then(|board| board.display_name);
    let name = shown.or(response.business_profile.and_then(|profile| profile.name));
    Ok(Account {
        id: response.id,
        name: name.filter(|name| !name.trim().is_empty()),
        country: response.country,
    })
}
