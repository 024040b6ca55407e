//! A delivery as received.

use std::sync::OnceLock;

use connect::stripe::envelope::{Envelope, envelope};

/// The body of a delivery. Its envelope is parsed once, and only when it is needed: a flood
/// of wrong signatures costs no parsing.
pub struct Delivery<'a> {
    body: &'a [u8],
    envelope: OnceLock<Option<Envelope>>,
}

impl<'a> Delivery<'a> {
    /// From the raw bytes.
    pub fn new(body: &'a [u8]) -> Self {
        Self { body, envelope: OnceLock::new() }
    }

    /// The raw bytes.
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The event's id, type and account; `None` when the body is not an event.
    pub fn envelope(&self) -> Option<&Envelope> {
        self.envelope.get_or_init(|| envelope(self.body)).as_ref()
    }
}
