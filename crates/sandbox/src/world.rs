//! What the accounts at the sandbox share: keys, connections to platforms, faults, and the
//! notifications of the one task that delivers.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use domain::clock::{Clock, Random};
use tokio::sync::Notify;

use crate::connections::Connections;
use crate::faults::Faults;
use crate::ids::Ids;
use crate::keys::Keys;
use crate::requests::Requests;
use crate::state::State;
use crate::tracking::Tracking;

/// One account in one mode. Its live mode is another one with the same id, as nothing but
/// the id, the name and the applications is common to the two.
pub(crate) struct Account {
    pub id: String,
    pub livemode: bool,
    pub state: Mutex<State>,
}

/// What the accounts have in common.
pub(crate) struct World {
    accounts: RwLock<Vec<Arc<Account>>>,
    shared: Mutex<Shared>,
    /// The script of the shop's pages, when it is known only after the server runs.
    pub tracking: OnceLock<Tracking>,
    /// Something was put into an outbox.
    pub post: Notify,
    /// Every outbox became quiet.
    pub quiet: Notify,
}

/// What is behind the second lock, which is never held while an account is locked.
pub(crate) struct Shared {
    pub ids: Ids,
    pub random: Random,
    pub keys: Keys,
    pub connections: Connections,
    pub faults: Faults,
    pub requests: Requests,
}

impl World {
    /// A world with one account in test mode.
    pub(crate) fn new(clock: Clock, random: Random) -> (Arc<Self>, Arc<Account>) {
        let state = State::new(clock, random.clone());
        let account =
            Arc::new(Account { id: state.account.clone(), livemode: false, state: Mutex::new(state) });
        let shared = Shared {
            ids: Ids::new(random.clone()),
            random,
            keys: Keys::default(),
            connections: Connections::default(),
            faults: Faults::default(),
            requests: Requests::default(),
        };
        let world = Self {
            accounts: RwLock::new(vec![account.clone()]),
            shared: Mutex::new(shared),
            tracking: OnceLock::new(),
            post: Notify::new(),
            quiet: Notify::new(),
        };
        (Arc::new(world), account)
    }

    pub(crate) fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every account, in order of creation.
    pub(crate) fn accounts(&self) -> Vec<Arc<Account>> {
        self.accounts.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn find(&self, id: &str, livemode: bool) -> Option<Arc<Account>> {
        self.accounts().into_iter().find(|it| it.id == id && it.livemode == livemode)
    }

    /// The account of the state's id and mode: the one that is there, or this one.
    pub(crate) fn add(&self, state: State) -> Arc<Account> {
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        let there = accounts.iter().find(|it| it.id == state.account && it.livemode == state.livemode);
        if let Some(there) = there {
            return there.clone();
        }
        let (id, livemode) = (state.account.clone(), state.livemode);
        let account = Arc::new(Account { id, livemode, state: Mutex::new(state) });
        accounts.push(account.clone());
        account
    }
}
