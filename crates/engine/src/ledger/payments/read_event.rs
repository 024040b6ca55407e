//! What a stored event says, before it is compared with anything.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use connect::stripe::read::{Reading, account, object_id, read};
use domain::clock::Timestamp;
use domain::connections::ConnectionMethod;
use domain::coupons::CodeStatus;
use domain::events::{BodyEncoding, EventOutcome};
use domain::facts::EventFacts;
use serde_json::Value;
use store::connections::Connection;
use store::inbox::InboxEvent;

/// An event with its bytes.
pub(super) struct Stored {
    pub event: InboxEvent,
    pub body: String,
    pub encoding: BodyEncoding,
}

/// What an event says.
pub(super) struct Read {
    /// Stripe's id of the object that the event is about.
    pub object_id: Option<String>,
    /// What it shows about its connection, to be written before anything else.
    pub connection_updates: Vec<ConnectionUpdate>,
    pub content: Content,
}

/// What an event shows about its connection.
pub(super) enum ConnectionUpdate {
    /// The first event says which mode it is.
    Livemode(bool),
    /// The first verified event names the account that counts.
    Account(String),
    /// An event of another account, which is kept so that a person can choose.
    OtherAccount(String),
}

/// What follows from an event.
pub(super) enum Content {
    /// Nothing, and why.
    Nothing(EventOutcome),
    /// The merchant revoked access in Stripe's dashboard.
    Deauthorized,
    /// A thin event. Its snapshot has to be fetched by id.
    Announced(String),
    /// The status of a promotion code, and its time.
    PromotionCode { id: String, status: CodeStatus, at: Timestamp },
    /// A coupon that was deleted.
    CouponDeleted(String),
    /// Facts about a buyer.
    Facts(Box<EventFacts>),
}

/// What Stripe sends when a merchant takes access back.
const DEAUTHORIZED: &str = "account.application.deauthorized";

/// Reads an event that a connection received.
pub(super) fn read_event(stored: &Stored, connection: &Connection) -> Read {
    let bytes = match stored.encoding {
        BodyEncoding::Base64 => STANDARD_NO_PAD.decode(&stored.body).unwrap_or_default(),
        BodyEncoding::Utf8 => stored.body.as_bytes().to_vec(),
    };
    let mut connection_updates = Vec::new();
    let Ok(value) = serde_json::from_slice::<Value>(&bytes) else {
        return Read {
            object_id: None,
            connection_updates,
            content: Content::Nothing(EventOutcome::NotJson),
        };
    };
    let object_id = object_id(&value);
    match (connection.livemode, stored.event.livemode) {
        (Some(ours), Some(livemode)) if ours != livemode => {
            let content = Content::Nothing(EventOutcome::WrongMode { livemode });
            return Read { object_id, connection_updates, content };
        }
        (None, Some(theirs)) => connection_updates.push(ConnectionUpdate::Livemode(theirs)),
        _ => {}
    }
    if connection.method() == ConnectionMethod::Manual
        && let Some(account) = account(&value)
    {
        match &connection.events_account {
            None => connection_updates.push(ConnectionUpdate::Account(account)),
            Some(own) if *own == account => {}
            Some(_) => {
                connection_updates.push(ConnectionUpdate::OtherAccount(account.clone()));
                let content = Content::Nothing(EventOutcome::OtherAccount { account });
                return Read { object_id, connection_updates, content };
            }
        }
    }
    if stored.event.event_type == DEAUTHORIZED && connection.is_oauth() {
        return Read { object_id, connection_updates, content: Content::Deauthorized };
    }
    match read(&value) {
        Reading::TypeNotHandled => {
            Read { object_id, connection_updates, content: Content::Nothing(EventOutcome::TypeNotHandled) }
        }
        Reading::PromotionCode { id, status, at } => {
            Read { object_id, connection_updates, content: Content::PromotionCode { id, status, at } }
        }
        Reading::CouponDeleted { id } => {
            Read { object_id, connection_updates, content: Content::CouponDeleted(id) }
        }
        Reading::Thin { snapshot } => {
            let content = match snapshot.filter(|_| connection.can_call_stripe()) {
                Some(id) => Content::Announced(id),
                None => Content::Nothing(EventOutcome::ThinEvent),
            };
            Read { object_id, connection_updates, content }
        }
        Reading::Unreadable { field } => {
            let content = Content::Nothing(EventOutcome::FieldMissing { field: field.to_owned() });
            Read { object_id: None, connection_updates, content }
        }
        Reading::Facts(facts) => Read { object_id, connection_updates, content: Content::Facts(facts) },
    }
}
