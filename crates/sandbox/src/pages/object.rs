//! The pages of single objects, where Stripe's dashboard has them: `/test/payments/pi_…`.

use axum::extract::State as Extract;
use axum::http::Uri;
use axum::response::{Html, IntoResponse as _, Redirect, Response};

use super::html::{escape, not_found, page};
use super::site::Site;
use crate::render::by_id;

/// Shows the object that the address ends in, whatever part of the dashboard it names, as
/// the API renders it now.
pub(super) async fn show(Extract(site): Extract<Site>, uri: Uri) -> Response {
    let path = uri.path().trim_end_matches('/');
    let (livemode, path) = path.strip_prefix("/test").map_or((true, path), |rest| (false, rest));
    if path == "/settings/account" {
        return Redirect::to("/").into_response();
    }
    let Some((_, id)) = path.rsplit_once('/').filter(|(place, _)| !place.is_empty()) else {
        return not_found().await;
    };
    let accounts = site.stripe.all_accounts().into_iter().filter(|it| it.is_live() == livemode);
    let found = accounts.into_iter().find_map(|account| {
        let object = account.with(|state| by_id(state, id, state.version))?;
        Some((account, object))
    });
    match found {
        None => not_found().await,
        Some((account, object)) => {
            let json = serde_json::to_string_pretty(&object).unwrap_or_default();
            let body = format!(
                r#"<section class="card"><h1><code>{}</code></h1><p class="muted">On {}, as the API shows it.</p><pre>{}</pre></section>"#,
                escape(id),
                escape(&account.name()),
                escape(&json),
            );
            Html(page(&format!("{id} · Sandbox Stripe"), &body)).into_response()
        }
    }
}
