//! Browser sessions in a table, by the hash of their id.

use app::request::access::ACCOUNT_KEY;
use async_trait::async_trait;
use domain::clock::Timestamp;
use domain::ids::AccountId;
use engine::Engine;
use engine::identity::browser_sessions;
use tower_sessions::SessionStore;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

/// An id of 128 bits is never taken; a few more tries cost nothing.
const ID_TRIES: usize = 3;

/// The sessions' storage.
#[derive(Clone)]
pub struct Sessions(Engine);

impl Sessions {
    /// On an engine.
    pub const fn new(engine: Engine) -> Self {
        Self(engine)
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}

fn account(record: &Record) -> Option<AccountId> {
    record.data.get(ACCOUNT_KEY)?.as_str()?.parse().ok()
}

fn backend(error: engine::Error) -> Error {
    Error::Backend(error.to_string())
}

fn encoded(record: &Record) -> Result<(String, Timestamp)> {
    let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
    Ok((data, Timestamp(record.expiry_date.unix_timestamp() * 1_000)))
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let (data, expires_at) = encoded(record)?;
        for _ in 0..ID_TRIES {
            let id = record.id.to_string();
            if browser_sessions::create(&self.0, &id, account(record).as_ref(), &data, expires_at)
                .await
                .map_err(backend)?
            {
                return Ok(());
            }
            record.id = Id(i128::from_be_bytes(self.0.random().bytes()));
        }
        Err(Error::Backend("no free session id".to_owned()))
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let (data, expires_at) = encoded(record)?;
        let id = record.id.to_string();
        // A session that another request has ended stays ended.
        browser_sessions::save(&self.0, &id, account(record).as_ref(), &data, expires_at)
            .await
            .map(drop)
            .map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some((data, expires_at)) =
            browser_sessions::load(&self.0, &id.to_string()).await.map_err(backend)?
        else {
            return Ok(None);
        };
        let data = serde_json::from_str(&data).map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp(expires_at.seconds())
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        browser_sessions::delete(&self.0, &id.to_string()).await.map_err(backend)
    }
}
