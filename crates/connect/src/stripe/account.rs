//! `GET /v1/account`: whose key it is.

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
    /// What its owner calls it.
    pub name: Option<String>,
    /// Two letters.
    pub country: Option<String>,
}

#[derive(Deserialize)]
struct Answer {
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

/// The account of the caller. A restricted key may be refused this (403) although it is
/// good for everything else.
pub async fn account(caller: &Caller) -> Result<Account, StripeError> {
    let answer: Answer = caller.ask(RetrieveForMyAccountAccount::new().build()).await?;
    let shown = answer.settings.and_then(|settings| settings.dashboard).and_then(|board| board.display_name);
    let name = shown.or(answer.business_profile.and_then(|profile| profile.name));
    Ok(Account { id: answer.id, name: name.filter(|name| !name.trim().is_empty()), country: answer.country })
}
