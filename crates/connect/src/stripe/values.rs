//! Values of Stripe's objects. Every field is optional until a rule needs it; an id may be an
//! expanded object.

use domain::clicks::{self, ClickToken};
use domain::clock::Timestamp;
use domain::emails::Email;
use domain::facts::{Carried, Carrier};
use domain::money::Currency;
use serde_json::Value;

/// The field that is missing.
pub(super) type Missing = &'static str;

/// Follows a path of keys; null is absent.
pub(super) fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| value.get(key)).filter(|value| !value.is_null())
}

pub(super) fn text(value: &Value, path: &[&str]) -> Option<String> {
    // Postgres keeps no NUL.
    let plain = |text: &&str| !text.is_empty() && !text.contains('\0');
    at(value, path).and_then(Value::as_str).filter(plain).map(str::to_owned)
}

/// Longer ids are not Stripe's, and no index would take them.
const LONGEST_ID: usize = 255;

pub(super) fn integer(value: &Value, path: &[&str]) -> Option<i64> {
    at(value, path).and_then(Value::as_i64)
}

/// A moment in Stripe's whole seconds. What decides over money is never guessed: absent is
/// absent, and anything else than a number of this age is unreadable.
///
/// # Errors
/// The field's name.
pub(super) fn time(value: &Value, path: &[&str], field: Missing) -> Result<Option<Timestamp>, Missing> {
    let Some(found) = at(value, path) else { return Ok(None) };
    match found.as_i64() {
        Some(seconds) if (1..LATEST_SECOND).contains(&seconds) => Ok(Some(Timestamp::from_seconds(seconds))),
        _ => Err(field),
    }
}

/// The year 10000: what is larger counts milliseconds.
const LATEST_SECOND: i64 = 253_402_300_800;

/// An id, or the id of an expanded object.
pub(super) fn id_of(value: &Value) -> Option<String> {
    let id = if value.is_object() { text(value, &["id"]) } else { text(value, &[]) };
    id.filter(|id| id.len() <= LONGEST_ID)
}

pub(super) fn id(value: &Value, path: &[&str]) -> Option<String> {
    at(value, path).and_then(id_of)
}

/// The id of an account.
pub(super) fn account_id(value: &Value, path: &[&str]) -> Option<String> {
    id(value, path).filter(|id| id.starts_with("acct_"))
}

/// The id of another event.
pub(super) fn event_id(value: &Value, path: &[&str]) -> Option<String> {
    id(value, path).filter(|id| id.starts_with("evt_"))
}

pub(super) fn own_id(value: &Value) -> Result<String, Missing> {
    id_of(value).ok_or("data.object.id")
}

/// The buyer: a customer, or from Accounts v2 on an account in its place.
pub(super) fn customer_of(value: &Value) -> Option<String> {
    id(value, &["customer"]).or_else(|| id(value, &["customer_account"]))
}

/// Other ids of the same buyer or purchase.
pub(super) fn aliases(value: &Value, paths: &[&[&str]]) -> Vec<String> {
    paths.iter().filter_map(|path| id(value, path)).collect()
}

pub(super) fn currency(value: &Value) -> Option<Currency> {
    text(value, &["currency"]).and_then(|code| code.parse().ok())
}

pub(super) fn list<'v>(value: &'v Value, path: &[&str]) -> &'v [Value] {
    at(value, path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Every value of the metadata that is one of our tokens, under whatever key: a value is
/// only ever looked up as a token, so a program's older key keeps working.
pub(super) fn tokens_in(metadata: Option<&Value>, carrier: Carrier) -> Vec<Carried> {
    let Some(Value::Object(entries)) = metadata else { return Vec::new() };
    entries
        .values()
        .filter_map(Value::as_str)
        .filter_map(|value| value.trim().parse::<ClickToken>().ok())
        .map(|token| Carried { carrier, token })
        .collect()
}

pub(super) fn emails(value: &Value, paths: &[&[&str]]) -> Vec<Email> {
    let mut found = Vec::new();
    for email in paths.iter().filter_map(|path| text(value, path)).filter_map(|text| text.parse().ok()) {
        if !found.contains(&email) {
            found.push(email);
        }
    }
    found
}

/// The country of the first address that names one.
pub(super) fn country(value: &Value, paths: &[&[&str]]) -> Option<String> {
    paths.iter().find_map(|path| text(value, path)).and_then(|code| clicks::country(&code))
}

/// Promotion codes in any of the places where discounts stand: `discounts[]` (ids only,
/// or expanded) and the older single `discount`.
pub(super) fn promotion_codes(value: &Value) -> Vec<String> {
    let single = at(value, &["discount"]).into_iter();
    let mut codes: Vec<String> = list(value, &["discounts"])
        .iter()
        .chain(single)
        .filter_map(|discount| id(discount, &["promotion_code"]))
        .collect();
    codes.dedup();
    codes
}

/// The longest description that is kept.
const LONGEST_LABEL: usize = 120;

pub(super) fn clipped(text: &str) -> String {
    clicks::clipped(text, LONGEST_LABEL)
}
