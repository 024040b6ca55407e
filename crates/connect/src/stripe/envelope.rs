//! The outside of an event: what is read before it is stored.

use domain::clock::Timestamp;
use serde_json::Value;

/// What every event says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are Stripe's own, documented there")]
pub struct Envelope {
    pub id: String,
    pub event_type: String,
    pub account: Option<String>,
    pub livemode: Option<bool>,
    pub api_version: Option<String>,
    pub created: Timestamp,
}

/// Longer ids and types are not Stripe's.
const LONGEST: usize = 255;

/// Reads the outside of an event. `None` when it has no id: the caller then keeps it
/// under a name made from its bytes, because what was signed must not be lost.
pub fn envelope(event: &Value) -> Option<Envelope> {
    // Postgres keeps no NUL, and no index takes a text of any length.
    let plain = |text: &&str| text.len() <= LONGEST && !text.contains('\0');
    let text = |key: &str| event.get(key).and_then(Value::as_str).filter(plain);
    Some(Envelope {
        id: text("id").filter(|id| !id.is_empty())?.to_owned(),
        event_type: text("type").unwrap_or("unknown").to_owned(),
        account: text("account").map(str::to_owned),
        livemode: event.get("livemode").and_then(Value::as_bool),
        api_version: text("api_version").map(str::to_owned),
        created: Timestamp::from_seconds(event.get("created").and_then(Value::as_i64).unwrap_or(0)),
    })
}
