//! What every click and delivery needs, cached in memory for seconds in bounded maps.
//!
//! That something does not exist is remembered too, or a scan of random codes would reach
//! the database each time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, RwLock};

use domain::clock::{HOUR_MS, SECOND_MS, Timestamp};
use domain::ids::{AffiliateId, ProgramId};
use domain::links::LinkCode;
use store::connections::Connection;
use store::links::Target;
use url::Url;

/// How long an entry is used, milliseconds. Other nodes see a change within this time, and
/// what decides about money is read again when a payment is evaluated.
const LIFETIME_MS: i64 = 5 * SECOND_MS;
/// How long an entry can stand in for a database that does not answer, milliseconds.
const STALE_LIFETIME_MS: i64 = HOUR_MS;
/// Beyond this the map is emptied: at some 500 bytes each, 20 MB at most.
const MOST_ENTRIES: usize = 40_000;

type Entry<V> = (Option<Arc<V>>, Timestamp);

/// Values by key.
pub(crate) struct Cache<K, V>(RwLock<HashMap<K, Entry<V>>>);

impl<K: Eq + Hash, V> Cache<K, V> {
    pub(crate) fn new() -> Self {
        Self(RwLock::new(HashMap::new()))
    }

    /// `None` when the key is not cached; `Some(None)` when it is known not to exist.
    pub(crate) fn get(&self, key: &K, now: Timestamp) -> Option<Option<Arc<V>>> {
        self.younger_than(LIFETIME_MS, key, now)
    }

    /// The same, also for an entry that should be looked up again: for the time when the
    /// database does not answer.
    pub(crate) fn get_stale(&self, key: &K, now: Timestamp) -> Option<Option<Arc<V>>> {
        self.younger_than(STALE_LIFETIME_MS, key, now)
    }

    /// The same for an entry of at most this age.
    pub(crate) fn younger_than(&self, lifetime_ms: i64, key: &K, now: Timestamp) -> Option<Option<Arc<V>>> {
        let map = self.0.read().expect("no holder of this lock panics");
        map.get(key).filter(|(_, at)| now.since_ms(*at) < lifetime_ms).map(|(value, _)| value.clone())
    }

    pub(crate) fn put(&self, key: K, value: Option<Arc<V>>, now: Timestamp) {
        let mut map = self.0.write().expect("no holder of this lock panics");
        if map.len() >= MOST_ENTRIES {
            map.clear();
        }
        map.insert(key, (value, now));
    }

    /// After a change that any entry may depend on.
    pub(crate) fn clear(&self) {
        self.0.write().expect("no holder of this lock panics").clear();
    }
}

/// A link, and where it leads: worked out once, not for every visitor.
pub(crate) struct KnownLink {
    pub(crate) target: Target,
    /// The address of the landing page, within the program's domains; `None` when neither the
    /// link nor the program has one.
    pub(crate) landing: Option<Url>,
    /// What is kept of it with a click.
    pub(crate) kept: String,
}

/// Links by their code.
pub(crate) type LinkCache = Cache<LinkCode, KnownLink>;

/// A webhook endpoint's connection with its opened signing secrets.
pub(crate) struct OpenEndpoint {
    pub(crate) connection: Connection,
    pub(crate) secrets: Vec<String>,
}

/// Endpoints by the token in their address.
pub(crate) type EndpointCache = Cache<String, OpenEndpoint>;

/// The opened signing secrets of the platform's endpoints, of both modes.
pub(crate) struct PlatformSecrets {
    pub(crate) secrets: Vec<String>,
}

/// The platform's secrets; there is a single key.
pub(crate) type PlatformCache = Cache<(), PlatformSecrets>;

/// The key of the day that visitors' hashes are made with.
pub(crate) struct VisitorKey(RwLock<Option<(i64, String)>>);

impl VisitorKey {
    /// The key of a day, if it is cached.
    pub(crate) fn of_day(&self, day: i64) -> Option<String> {
        let cached = self.0.read().expect("no holder of this lock panics");
        cached.as_ref().filter(|(of, _)| *of == day).map(|(_, key)| key.clone())
    }

    pub(crate) fn set(&self, day: i64, key: String) {
        *self.0.write().expect("no holder of this lock panics") = Some((day, key));
    }
}

/// The caches of one engine.
pub(crate) struct Caches {
    pub(crate) links: LinkCache,
    pub(crate) endpoints: EndpointCache,
    pub(crate) platform_secrets: PlatformCache,
    /// Programs whose pages have run the script lately.
    pub(crate) scripts: Cache<ProgramId, ()>,
    pub(crate) visitor_key: VisitorKey,
    /// The candidates for the top affiliates of a program, by the word of the period.
    pub(crate) rankings: Cache<(ProgramId, &'static str), Vec<AffiliateId>>,
}

impl Caches {
    pub(crate) fn new() -> Self {
        Self {
            links: Cache::new(),
            endpoints: Cache::new(),
            platform_secrets: Cache::new(),
            scripts: Cache::new(),
            visitor_key: VisitorKey(RwLock::new(None)),
            rankings: Cache::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_expire_and_the_map_is_bounded() {
        let cache: Cache<usize, usize> = Cache::new();
        cache.put(1, Some(Arc::new(10)), Timestamp(0));
        cache.put(2, None, Timestamp(0));
        assert_eq!(cache.get(&1, Timestamp(LIFETIME_MS - 1)), Some(Some(Arc::new(10))));
        assert_eq!(cache.get(&2, Timestamp(1)), Some(None));
        assert_eq!(cache.get(&1, Timestamp(LIFETIME_MS)), None);
        assert_eq!(cache.get_stale(&1, Timestamp(STALE_LIFETIME_MS - 1)), Some(Some(Arc::new(10))));
        assert_eq!(cache.get_stale(&1, Timestamp(STALE_LIFETIME_MS)), None);
        for key in 0..MOST_ENTRIES * 2 {
            cache.put(key, None, Timestamp(0));
        }
        assert!(cache.0.read().unwrap().len() <= MOST_ENTRIES);
    }
}
