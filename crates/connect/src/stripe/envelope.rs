//! The envelope of an event: what is read before it is stored.

use std::borrow::Cow;

use domain::clock::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// The fields that every event has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are Stripe's own, documented there")]
pub struct Envelope {
    pub id: String,
    pub event_type: String,
    pub account: Option<String>,
    pub livemode: Option<bool>,
    pub api_version: Option<String>,
    /// Absent when it is not a time.
    pub created: Option<Timestamp>,
}

/// Longer ids and types are not Stripe's.
const LONGEST: usize = 255;

/// The fields as they are written in nearly every event; what surrounds them is skipped
/// without being built, because this is read while Stripe waits for the answer.
#[derive(Deserialize)]
struct EnvelopeFields<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "type")]
    event_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    account: Option<Cow<'a, str>>,
    livemode: Option<bool>,
    #[serde(borrow)]
    api_version: Option<Cow<'a, str>>,
    created: Option<i64>,
    /// What thin events say instead of `account`.
    #[serde(borrow)]
    context: Option<Cow<'a, str>>,
}

/// Reads the envelope of an event. `None` when the body is not JSON or has no id: the
/// caller then keeps it under a name made from its bytes, because what was signed must
/// not be lost.
pub fn envelope(body: &[u8]) -> Option<Envelope> {
    match serde_json::from_slice::<EnvelopeFields<'_>>(body) {
        Ok(fields) => envelope_of(
            fields.id.as_deref(),
            fields.event_type.as_deref(),
            fields.account.as_deref().or(fields.context.as_deref()),
            fields.livemode,
            fields.api_version.as_deref(),
            fields.created.and_then(seconds),
        ),
        // A field of an unexpected kind must not hide the others.
        Err(_) => {
            let event: Value = serde_json::from_slice(body).ok()?;
            let text = |key: &str| event.get(key).and_then(Value::as_str);
            envelope_of(
                text("id"),
                text("type"),
                text("account").or_else(|| text("context")),
                event.get("livemode").and_then(Value::as_bool),
                text("api_version"),
                event.get("created").and_then(Value::as_i64).and_then(seconds).or_else(|| {
                    // Thin events write it as a date (ISO 8601).
                    text("created").and_then(Timestamp::from_rfc3339)
                }),
            )
        }
    }
}

/// A time in Stripe's seconds; zero and less is none.
fn seconds(seconds: i64) -> Option<Timestamp> {
    (seconds > 0).then(|| Timestamp::from_seconds(seconds))
}

fn envelope_of(
    id: Option<&str>,
    event_type: Option<&str>,
    account: Option<&str>,
    livemode: Option<bool>,
    api_version: Option<&str>,
    created: Option<Timestamp>,
) -> Option<Envelope> {
    // Postgres keeps no NUL, and no index takes a text of any length.
    let plain = |text: &&str| text.len() <= LONGEST && !text.contains('\0');
    Some(Envelope {
        id: id.filter(plain).filter(|id| !id.is_empty())?.to_owned(),
        event_type: event_type.filter(plain).unwrap_or("unknown").to_owned(),
        account: account.filter(plain).map(str::to_owned),
        livemode,
        api_version: api_version.filter(plain).map(str::to_owned),
        created,
    })
}
