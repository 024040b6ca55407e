//! API keys: their account, their permissions, and whether they are still valid.

use std::collections::BTreeMap;

use domain::clock::Timestamp;

use crate::api_error::ApiError;
use crate::permission::{Level, Permission};

/// The shortest key that is plausible; Stripe's command-line client wants as many.
const MIN_KEY: usize = 12;

/// How much of a key its messages show at the end.
const SHOWN: usize = 4;

/// What a key may do.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Rights {
    /// Everything on its own account, and what platforms may do.
    All,
    /// What was chosen when it was made.
    Chosen(BTreeMap<Permission, Level>),
    /// What the merchant granted to an application.
    Granted { client_id: String, can_write: bool },
}

/// A key of one account in one mode.
#[derive(Clone)]
pub(crate) struct Key {
    pub value: String,
    pub account: String,
    pub livemode: bool,
    pub rights: Rights,
    pub revoked: bool,
    /// Only tokens of Stripe Apps end by themselves.
    pub expires: Option<Timestamp>,
}

impl Key {
    /// With stars where the secret is, as Stripe's messages show it.
    pub(crate) fn masked(&self) -> String {
        masked(&self.value)
    }
}

/// Every key that was created.
#[derive(Default)]
pub(crate) struct Keys {
    keys: Vec<Key>,
}

/// Whose request it is.
pub(crate) enum Caller {
    /// The holder of a key that was created here.
    Key(Key),
    /// The holder of a plausible test key, while no key has been created.
    TestKey,
}

impl Keys {
    pub(crate) fn add(&mut self, key: Key) {
        self.keys.push(key);
    }

    pub(crate) fn get_mut(&mut self, value: &str) -> Option<&mut Key> {
        self.keys.iter_mut().find(|it| it.value == value)
    }

    /// The keys of an account in a mode, oldest first.
    pub(crate) fn of<'a>(&'a self, account: &'a str, livemode: bool) -> impl Iterator<Item = &'a Key> {
        self.keys.iter().filter(move |it| it.account == account && it.livemode == livemode)
    }

    /// Ends every key that an application holds on an account.
    pub(crate) fn revoke_granted(&mut self, client: &str, account: &str) {
        for key in self.keys.iter_mut().filter(|it| it.account == account) {
            if matches!(&key.rights, Rights::Granted { client_id, .. } if client_id == client) {
                key.revoked = true;
            }
        }
    }

    /// Finds the caller. Until the first key is created, every plausible test key is
    /// accepted as the first account's, because most tests need none.
    pub(crate) fn authenticate(&self, given: Option<&str>, now: Timestamp) -> Result<Caller, ApiError> {
        let unauthorized = |message: String| Err(ApiError::invalid("", message).status(401));
        let Some(given) = given else {
            return unauthorized(
                "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').".to_owned(),
            );
        };
        if let Some(key) = self.keys.iter().find(|it| it.value == given) {
            if key.revoked || key.expires.is_some_and(|at| at <= now) {
                return unauthorized(format!("Expired API Key provided: {}", key.masked()))
                    .map_err(|error| error.code("api_key_expired"));
            }
            return Ok(Caller::Key(key.clone()));
        }
        let is_test = given.starts_with("sk_test_") || given.starts_with("rk_test_");
        if self.keys.is_empty() && is_test && given.len() >= MIN_KEY {
            return Ok(Caller::TestKey);
        }
        unauthorized(format!("Invalid API Key provided: {}", masked(given)))
    }
}

/// `sk_test_****cdef`. A text that is short or not a key is hidden completely.
fn masked(value: &str) -> String {
    let prefix =
        ["sk_test_", "sk_live_", "rk_test_", "rk_live_"].into_iter().find(|it| value.starts_with(it));
    match (prefix, value.get(value.len().saturating_sub(SHOWN)..)) {
        (Some(prefix), Some(end)) if value.len() >= MIN_KEY + SHOWN => format!("{prefix}****{end}"),
        _ => "****".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(0);

    fn key(value: &str) -> Key {
        Key {
            value: value.to_owned(),
            account: "acct_1".to_owned(),
            livemode: false,
            rights: Rights::All,
            revoked: false,
            expires: None,
        }
    }

    fn refused(keys: &Keys, given: Option<&str>, now: Timestamp) -> ApiError {
        keys.authenticate(given, now).err().expect("it is refused")
    }

    #[test]
    fn without_keys_every_plausible_test_key_is_accepted() {
        let keys = Keys::default();
        for given in ["sk_test_1234567890", "rk_test_1234567890"] {
            assert!(matches!(keys.authenticate(Some(given), NOW), Ok(Caller::TestKey)), "{given}");
        }
        for given in [None, Some("sk_live_1234567890"), Some("secret-of-mine"), Some("sk_test_1")] {
            let error = refused(&keys, given, NOW);
            assert_eq!(error.status, 401, "{given:?}");
            assert!(!error.message.contains("of-mine"));
        }
    }

    #[test]
    fn once_keys_exist_only_valid_ones_are_accepted() {
        let mut keys = Keys::default();
        keys.add(key("sk_test_51abcdefgh"));
        keys.add(Key { expires: Some(Timestamp(10)), ..key("sk_test_51ijklmnop") });
        assert!(matches!(keys.authenticate(Some("sk_test_51abcdefgh"), NOW), Ok(Caller::Key(_))));
        assert!(keys.authenticate(Some("sk_test_51ijklmnop"), Timestamp(9)).is_ok());
        let late = refused(&keys, Some("sk_test_51ijklmnop"), Timestamp(10));
        assert_eq!((late.status, late.code), (401, Some("api_key_expired")));
        keys.get_mut("sk_test_51abcdefgh").unwrap().revoked = true;
        let revoked = refused(&keys, Some("sk_test_51abcdefgh"), NOW);
        assert_eq!(revoked.message, "Expired API Key provided: sk_test_****efgh");
        assert_eq!(refused(&keys, Some("sk_test_1234567890"), NOW).code, None);
    }
}
