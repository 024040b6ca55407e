//! Who visits, without knowing who: hashes of network and browser under a key of the day.
//!
//! The key is made on the day's first visit, shared by all nodes through the database, and
//! deleted when the next one is made. It works only together with the installation's key,
//! so a copy of the database does not reveal whose hash one is.

use std::time::Duration;

use domain::clicks::Visitor;
use domain::ids::ProgramId;

use crate::engine::Engine;
use crate::error::Result;

/// A visit does not wait longer for the day's key; without it, its visitor is unknown.
const KEY_DEADLINE: Duration = Duration::from_millis(100);
/// 128 bits in hex.
const LENGTH: usize = 32;

/// The visitor of a program, by the network of a request and its `User-Agent`; `None` where
/// the network is not known.
pub(super) async fn of(
    engine: &Engine,
    program: &ProgramId,
    network: Option<&str>,
    user_agent: &str,
) -> Option<Visitor> {
    let network = network?;
    let key = tokio::time::timeout(KEY_DEADLINE, key(engine)).await.ok()?;
    let key = key.inspect_err(|error| tracing::warn!(%error, "no key for today's visitors")).ok()?;
    let hash = |parts: &[&[u8]]| {
        let mut hash = connect::mac::hmac_hex(key.as_bytes(), parts);
        hash.truncate(LENGTH);
        hash
    };
    let (program, network) = (program.as_str().as_bytes(), network.as_bytes());
    Some(Visitor {
        visitor: hash(&[program, b" ", network, b" ", user_agent.as_bytes()]),
        network: hash(&[program, b" ", network]),
    })
}

/// Today's key.
async fn key(engine: &Engine) -> Result<String> {
    let day = engine.now().utc_day();
    if let Some(key) = engine.caches().visitor_key.of_day(day) {
        return Ok(key);
    }
    let offered = hex::encode(engine.random().bytes::<32>());
    let stored = store::visitor_keys::of_day(&mut engine.db().write().await?, day, &offered).await?;
    let key = engine.key().fingerprint(&format!("visitors {stored}"));
    engine.caches().visitor_key.set(day, key.clone());
    Ok(key)
}
