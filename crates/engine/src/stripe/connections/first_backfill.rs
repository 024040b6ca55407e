//! The payload of the job that follows the making of a connection. Repairs do the work and
//! use connections, so the job itself is among them.

use domain::ids::ConnectionId;
use serde::{Deserialize, Serialize};

/// Starts the first check of a new connection, which fetches the events from before it was
/// made.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FirstBackfill(pub(crate) ConnectionId);
