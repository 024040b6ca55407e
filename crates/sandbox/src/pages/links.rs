//! The page behind a Payment Link.

use axum::extract::{Path, RawQuery, State as Extract};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::html::notice;
use super::site::Site;
use crate::api_error::ApiError;
use crate::flows::NewSession;
use crate::form::Params;
use crate::state::State;

/// Stripe's limit for `client_reference_id`.
const MAX_REFERENCE: usize = 200;

/// Opens a session for a Payment Link, or for a price alone, and redirects to its page.
pub(super) async fn follow(
    Extract(site): Extract<Site>,
    Path(link): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = Params::decode(query.as_deref().unwrap_or_default(), b"").unwrap_or_default();
    match site.stripe.with(|state| open(state, &link, &query)) {
        Ok(session) => Redirect::to(&format!("/c/{session}")).into_response(),
        Err(error) => notice(StatusCode::NOT_FOUND, "No such payment link", &error.message),
    }
}

fn open(state: &mut State, name: &str, query: &Params) -> Result<String, ApiError> {
    let found =
        state.payment_links.iter().find(|it| it.active && (it.slug == name || it.id == name)).cloned();
    let new = match found {
        Some(link) => NewSession {
            lines: link.lines.iter().map(|line| (line.price.id.clone(), line.quantity)).collect(),
            trial_days: link.trial_days,
            metadata: link.metadata,
            subscription_metadata: link.subscription_metadata,
            payment_metadata: link.payment_metadata,
            invoice_creation: link.invoice_creation,
            allow_promotion_codes: link.allow_promotion_codes,
            success_url: link.success_url,
            payment_link: Some(link.id),
            ..NewSession::default()
        },
        None => NewSession { allow_promotion_codes: true, ..NewSession::of(name) },
    };
    state.open_session(NewSession {
        client_reference_id: query.text("client_reference_id").and_then(reference),
        customer_email: query.filled("prefilled_email"),
        ..new
    })
}

/// Stripe silently drops what has other characters or is too long.
fn reference(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let fits = !text.is_empty() && text.len() <= MAX_REFERENCE && text.bytes().all(plain);
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_with_other_characters_are_dropped() {
        assert_eq!(reference("hgc_01-aZ").as_deref(), Some("hgc_01-aZ"));
        assert_eq!(reference("a/b"), None);
        assert_eq!(reference(""), None);
        assert_eq!(reference(&"a".repeat(MAX_REFERENCE + 1)), None);
    }
}
