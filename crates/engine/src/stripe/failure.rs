//! Why Stripe rejected a request, for reports.

use connect::stripe::{ErrorKind, StripeError};
use domain::repairs::StripeFailure;
use store::connections::{Connection, ConnectionKind};

/// Sorts an error by what can be done about it. `is_lost` says that the account's access
/// has ended by this, `is_platform` that the key of this server's platform was used.
pub(crate) fn classify(error: &StripeError, is_lost: bool, is_platform: bool) -> StripeFailure {
    match error.kind {
        _ if is_lost => StripeFailure::AccessLost,
        ErrorKind::Unauthorized if is_platform => StripeFailure::PlatformKeyRejected,
        ErrorKind::Forbidden if is_platform => StripeFailure::PlatformPermissionMissing,
        ErrorKind::Forbidden => StripeFailure::PermissionMissing,
        _ if error.is_temporary() => StripeFailure::NoAnswer,
        _ => StripeFailure::Rejected,
    }
}

/// Whether a connection is used with the key of this server's platform: by OAuth, without
/// its own token.
pub(crate) fn uses_platform_key(connection: &Connection) -> bool {
    matches!(connection.kind, ConnectionKind::OAuth { tokens: None, .. })
}
