//! Why a delivery was rejected, and what to do about it.

use domain::deliveries::{RejectionReason, SignatureError};

/// The reason in two or three words.
pub fn title(reason: RejectionReason) -> &'static str {
    match reason {
        RejectionReason::Signature(SignatureError::NoMatch) => "Wrong signing secret",
        RejectionReason::Signature(SignatureError::Missing) => "No signature",
        RejectionReason::Signature(SignatureError::Malformed) => "Unreadable signature",
        RejectionReason::Signature(SignatureError::Stale) => "Old signature",
        RejectionReason::UnknownEndpoint => "Unknown address",
        RejectionReason::ConnectionEnded => "Sent after disconnecting",
        RejectionReason::UnknownAccount => "Unknown account",
        RejectionReason::NoAccount => "No account named",
        RejectionReason::OtherMode => "Other mode",
        RejectionReason::TooLarge => "Too large",
    }
}

/// What to do.
pub fn remedy(reason: RejectionReason) -> &'static str {
    match reason {
        RejectionReason::Signature(SignatureError::NoMatch) => {
            "Press Repair Webhooks. If you added the endpoint manually, paste its current secret. Stripe sends these events again."
        }
        RejectionReason::Signature(SignatureError::Missing) => {
            "Someone other than Stripe sent this, or a proxy removes the Stripe-Signature header."
        }
        RejectionReason::Signature(SignatureError::Malformed) => {
            "Someone other than Stripe sent this, or a proxy changes its headers."
        }
        RejectionReason::Signature(SignatureError::Stale) => {
            "Synchronize this server’s clock with NTP. A delivery that someone replays looks the same."
        }
        RejectionReason::UnknownEndpoint => {
            "Stripe sends to a URL that no connection uses. Copy the endpoint’s URL from Settings > Stripe."
        }
        RejectionReason::ConnectionEnded => {
            "They were dropped. A few are normal. If more arrive, delete the endpoint in Stripe under Developers > Webhooks."
        }
        RejectionReason::UnknownAccount => {
            "An account granted access to this platform but is not connected to a program."
        }
        RejectionReason::NoAccount => "The platform’s own events are not needed. Nothing is lost.",
        RejectionReason::OtherMode => {
            "A live event on a test connection, or the reverse. Connect that mode too."
        }
        RejectionReason::TooLarge => {
            "Stripe’s events are never larger than 1 MiB. If this was one, Repair Webhooks fetches it."
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::words::Word;

    use super::*;

    #[test]
    fn every_reason_has_its_own_title_and_remedy() {
        let all = RejectionReason::VARIANTS;
        let titles: BTreeSet<_> = all.iter().map(|reason| title(*reason)).collect();
        let remedies: BTreeSet<_> = all.iter().map(|reason| remedy(*reason)).collect();
        assert_eq!((titles.len(), remedies.len()), (all.len(), all.len()));
    }
}
