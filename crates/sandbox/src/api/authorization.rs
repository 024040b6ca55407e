//! Authorization of a request: the account, and whether key and connection may use it.

use axum::http::{HeaderMap, Method, Uri};

use super::call::{bearer, parts, text};
use crate::api_error::ApiError;
use crate::keys::{Caller, Key, Rights};
use crate::permission::{Level, Permission};
use crate::stripe::Stripe;

/// A request that may be carried out.
pub(super) struct Authorized {
    /// The account that it is about.
    pub stripe: Stripe,
    /// Whether the header `Stripe-Account` names it.
    pub for_account: bool,
}

/// Finds the account and checks key, connection and permission.
pub(super) fn authorize(
    stripe: &Stripe,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Authorized, ApiError> {
    let given = text(headers, "authorization").map(bearer);
    let named = text(headers, "stripe-account");
    let now = stripe.now();
    let asker = stripe.world().shared().keys.authenticate(given.as_deref(), now)?;
    let key = match asker {
        Caller::TestKey => return of_test_key(stripe, named),
        Caller::Key(key) => key,
    };
    let path = parts(uri);
    let needed = Permission::needed(method.as_str(), &path);
    let account = named.unwrap_or(&key.account);
    if account == key.account {
        check_rights(&key, needed)?;
    } else {
        check_connection(stripe, &key, account, needed)?;
    }
    let stripe = stripe.account(account, key.livemode).ok_or_else(|| no_access(&key.masked(), account))?;
    Ok(Authorized { stripe, for_account: named.is_some() })
}

fn of_test_key(stripe: &Stripe, named: Option<&str>) -> Result<Authorized, ApiError> {
    let first = stripe.first_account();
    match named {
        Some(account) if account != first.account_id() => Err(no_access("sk_test_****", account)),
        _ => Ok(Authorized { stripe: first, for_account: named.is_some() }),
    }
}

/// What the key may do on its own account.
fn check_rights(key: &Key, needed: Option<(Permission, Level)>) -> Result<(), ApiError> {
    let Some((resource, level)) = needed else { return Ok(()) };
    match &key.rights {
        Rights::All => Ok(()),
        Rights::Chosen(chosen) if chosen.get(&resource).is_some_and(|it| *it >= level) => Ok(()),
        Rights::Chosen(_) => Err(forbidden(format!(
            "The provided key '{}' does not have the required permissions for this endpoint on account '{}'. Having the '{}' permission would allow this request to continue.",
            key.masked(),
            key.account,
            resource.name(level),
        ))),
        Rights::Granted { .. } if resource == Permission::WebhookEndpoints => Err(forbidden(format!(
            "This application does not have the required permissions for this endpoint on account '{}'. The required permissions are not available for use by Connect applications.",
            key.account,
        ))),
        Rights::Granted { can_write, .. } => check_scope(*can_write, level, &key.account),
    }
}

/// What a platform's key may do on a connected account.
fn check_connection(
    stripe: &Stripe,
    key: &Key,
    account: &str,
    needed: Option<(Permission, Level)>,
) -> Result<(), ApiError> {
    let shared = stripe.world().shared();
    let application = shared.connections.application_of(&key.account, key.livemode);
    let grant = application
        .filter(|_| key.rights == Rights::All)
        .and_then(|it| shared.connections.grant(&it.client_id, account))
        .ok_or_else(|| no_access(&key.masked(), account))?;
    match needed {
        // That has its own answer.
        Some((Permission::WebhookEndpoints, _)) | None => Ok(()),
        Some((_, level)) => check_scope(grant.scope == "read_write", level, account),
    }
}

fn check_scope(can_write: bool, level: Level, account: &str) -> Result<(), ApiError> {
    if can_write || level == Level::Read {
        return Ok(());
    }
    Err(forbidden(format!(
        "This application does not have the required permissions for this endpoint on account '{account}'. Having the 'read_write' scope would allow this request to continue.",
    )))
}

fn forbidden(message: String) -> ApiError {
    ApiError::invalid("", message).status(403)
}

fn no_access(key: &str, account: &str) -> ApiError {
    forbidden(format!(
        "The provided key '{key}' does not have access to account '{account}' (or that account does not exist). Application access may have been revoked."
    ))
    .code("account_invalid")
}
