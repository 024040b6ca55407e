//! More accounts in the same sandbox, their modes, and their keys.

use crate::api_error::ApiError;
use crate::keys::{Key, Rights};
use crate::permission::{Level, Permission};
use crate::state::State;
use crate::stripe::Stripe;

impl Stripe {
    /// Another account in the same sandbox, in the same mode and with the same clock.
    pub fn new_account(&self, name: &str) -> Self {
        self.sibling(Some(name), self.is_live())
    }

    /// The account's live mode: other keys, other objects, other endpoints.
    pub fn live(&self) -> Self {
        self.in_mode(true)
    }

    /// The account's test mode.
    pub fn test(&self) -> Self {
        self.in_mode(false)
    }

    fn in_mode(&self, livemode: bool) -> Self {
        self.account(&self.account_id(), livemode).unwrap_or_else(|| self.sibling(None, livemode))
    }

    /// An account with its own name, or this one in the other mode.
    fn sibling(&self, name: Option<&str>, livemode: bool) -> Self {
        let random = self.world().shared().random.clone();
        let (clock, version, base_url, own_name) =
            self.with(|it| (it.clock.clone(), it.version, it.base_url.clone(), it.name.clone()));
        let mut state = State::new(clock, random);
        state.version = version;
        state.base_url = base_url;
        state.livemode = livemode;
        state.name = name.map_or(own_name, str::to_owned);
        if name.is_none() {
            state.account = self.account_id();
        }
        Self::of(self.world(), self.world().add(state))
    }

    /// Every account in both modes, in order of creation.
    pub(crate) fn all_accounts(&self) -> Vec<Self> {
        self.world().accounts().into_iter().map(|it| Self::of(self.world(), it)).collect()
    }

    /// The account of that id in a mode.
    pub(crate) fn account(&self, id: &str, livemode: bool) -> Option<Self> {
        self.world().find(id, livemode).map(|it| Self::of(self.world(), it))
    }

    /// The account that the sandbox began with.
    pub(crate) fn first_account(&self) -> Self {
        self.all_accounts().into_iter().next().unwrap_or_else(|| self.clone())
    }

    /// The accounts in this mode, in order of creation.
    pub fn accounts(&self) -> Vec<Self> {
        self.all_accounts().into_iter().filter(|it| it.is_live() == self.is_live()).collect()
    }

    /// The display name.
    pub fn name(&self) -> String {
        self.with(|state| state.name.clone())
    }

    /// A secret key: everything on this account, and on accounts connected to it. From the
    /// first key on, keys that were not made here are refused.
    pub fn create_secret_key(&self) -> String {
        self.create_key("sk", Rights::All)
    }

    /// A restricted key with these permissions.
    pub fn create_restricted_key(&self, permissions: &[(Permission, Level)]) -> String {
        self.create_key("rk", Rights::Chosen(permissions.iter().copied().collect()))
    }

    fn create_key(&self, prefix: &str, rights: Rights) -> String {
        let mode = if self.is_live() { "live" } else { "test" };
        let mut shared = self.world().shared();
        let value = format!("{prefix}_{mode}_51{}", shared.ids.letters(30));
        shared.keys.add(Key {
            value: value.clone(),
            account: self.account_id(),
            livemode: self.is_live(),
            rights,
            revoked: false,
            expires: None,
        });
        value
    }

    /// Grants a restricted key a permission, or revokes it.
    ///
    /// # Errors
    /// When it is not a restricted key.
    pub fn set_permission(
        &self,
        key: &str,
        permission: Permission,
        level: Option<Level>,
    ) -> Result<(), ApiError> {
        let mut shared = self.world().shared();
        match shared.keys.get_mut(key) {
            Some(Key { rights: Rights::Chosen(chosen), .. }) => {
                match level {
                    Some(level) => chosen.insert(permission, level),
                    None => chosen.remove(&permission),
                };
                Ok(())
            }
            _ => Err(ApiError::missing("restricted key", "")),
        }
    }

    /// Revokes a key; calls with it get 401 from now on.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn revoke_key(&self, key: &str) -> Result<(), ApiError> {
        let mut shared = self.world().shared();
        shared.keys.get_mut(key).map(|it| it.revoked = true).ok_or_else(|| ApiError::missing("key", ""))
    }
}
