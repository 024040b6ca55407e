//! A small merchant's website, as an affiliate program meets it.

use axum::body::Bytes;
use axum::extract::{RawQuery, State as Extract};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse as _, Redirect, Response};

use super::html::{document, escape, not_found, notice};
use super::money::money;
use super::site::Site;
use crate::flows::NewSession;
use crate::form::Params;
use crate::model::{Metadata, Price};
use crate::tracking::Tracking;

/// The metadata key and the cookie that Honeyguide documents for merchants.
const METADATA_KEY: &str = "honeyguide_click";
const COOKIE: &str = "hg_click";

/// Days of the trial product.
const TRIAL_DAYS: u32 = 14;

/// The longest token that the shop passes on; Stripe's limit for references.
const MAX_TOKEN: usize = 200;

/// The products.
pub(super) async fn show(
    Extract(site): Extract<Site>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let Some(shop) = &site.settings.shop else { return not_found().await };
    let query = Params::decode(query.as_deref().unwrap_or_default(), b"").unwrap_or_default();
    let in_url = query.text(COOKIE).and_then(token).unwrap_or_default();
    let in_cookie = cookie(&headers).unwrap_or_default();
    let (link, prices) = site.stripe.with(|state| {
        let link = state.payment_links.get(&shop.atlas_link).map(|it| it.slug.clone());
        let prices = [&shop.atlas_price, &shop.pro_price, &shop.team_price];
        (link.unwrap_or_default(), prices.map(|id| state.prices.get(id).cloned()))
    });
    let [Some(atlas), Some(pro), Some(team)] = prices else { return not_found().await };
    let shown = |value: &str| if value.is_empty() { "none".to_owned() } else { escape(value) };
    let body = format!(
        r#"<header class="bar shop"><a class="brand" href="/shop">Lumen Notes</a><span class="muted">Notes that find you again.</span></header><main class="page"><h1>Write it down. Find it again.</h1><div class="products"><section class="card"><h2>{atlas_name}</h2><p>A guided atlas of thinking on paper, as a PDF.</p><p class="price">{atlas_price}</p><a class="button primary wide" data-honeyguide-payment-link href="{base}/b/{link}">Buy {atlas_name}</a></section>{pro}{team}</div><form class="card row" method="post" action="/shop/newsletter" data-newsletter><label for="email">Our newsletter</label><input id="email" name="email" type="email" autocomplete="email" required placeholder="you@example.com"><button class="button">Sign up</button><p class="muted" role="status"></p></form><p class="debug">Click token in the URL: <code data-token="url">{url}</code>, in the cookie: <code data-token="cookie">{cookie}</code></p></main>"#,
        base = escape(&site.settings.base_url),
        atlas_name = escape(&atlas.product_name),
        atlas_price = price_of(&atlas),
        pro = subscribe(&pro, "Everything synced, on all your devices.", 0, &in_url),
        team = subscribe(&team, "Shared notebooks, free for the first 14 days.", TRIAL_DAYS, &in_url),
        url = shown(&in_url),
        cookie = shown(&in_cookie),
    );
    let head = head(site.tracking());
    Html(document("Lumen Notes", &head, &body)).into_response()
}

/// The script tag that a merchant pastes, and the shop's own script after it.
fn head(tracking: Option<&Tracking>) -> String {
    let tracker = tracking.map_or_else(String::new, |it| {
        format!(
            r#"<script src="{}/hg.js" data-program="{}" defer></script>"#,
            escape(it.honeyguide_url.trim_end_matches('/')),
            escape(&it.program)
        )
    });
    format!(r#"{tracker}<script src="/shop.js" defer></script>"#)
}

/// A product sold through the shop's own server.
fn subscribe(price: &Price, text: &str, trial_days: u32, in_url: &str) -> String {
    let button = if trial_days > 0 { "Try" } else { "Subscribe to" };
    format!(
        r#"<section class="card"><h2>{name}</h2><p>{}</p><p class="price">{}</p><form method="post" action="/shop/checkout" data-checkout><input type="hidden" name="price" value="{}"><input type="hidden" name="{COOKIE}" value="{}"><button class="button primary wide">{button} {name}</button></form></section>"#,
        escape(text),
        price_of(price),
        escape(&price.id),
        escape(in_url),
        name = escape(&price.product_name),
    )
}

fn price_of(price: &Price) -> String {
    let every = price.interval.map_or_else(String::new, |it| format!(" per {}", it.name()));
    money(price.unit_amount, &price.currency) + &every
}

/// Makes a Checkout Session as a merchant's server would, with the click in its metadata.
pub(super) async fn check_out(Extract(site): Extract<Site>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(shop) = &site.settings.shop else { return not_found().await };
    let params = Params::decode("", &body).unwrap_or_default();
    let price = params.text("price").unwrap_or_default();
    let trial_days = match price {
        _ if price == shop.pro_price => 0,
        _ if price == shop.team_price => TRIAL_DAYS,
        _ => return notice(StatusCode::NOT_FOUND, "Not for sale", "The shop does not sell this."),
    };
    // The script's word first; without scripts the address, then the cookie.
    let click = params
        .text(METADATA_KEY)
        .and_then(token)
        .or_else(|| params.text(COOKIE).and_then(token))
        .or_else(|| cookie(&headers));
    let metadata: Metadata = click.map(|click| (METADATA_KEY.to_owned(), click)).into_iter().collect();
    let thanks = format!("{}/shop/thanks", site.settings.base_url.trim_end_matches('/'));
    let session = site.stripe.open_session(NewSession {
        metadata: metadata.clone(),
        subscription_metadata: metadata,
        trial_days,
        allow_promotion_codes: true,
        success_url: Some(thanks),
        cancel_url: Some(format!("{}/shop", site.settings.base_url)),
        ..NewSession::of(price)
    });
    match session {
        Ok(session) => Redirect::to(&format!("/c/{session}")).into_response(),
        Err(error) => notice(StatusCode::BAD_REQUEST, "No checkout", &error.message),
    }
}

/// The sign-up without scripts. With them, `shop.js` tells Honeyguide as well.
pub(super) async fn newsletter(Extract(site): Extract<Site>) -> Response {
    said(&site, "You are on the list", "We write once a month.").await
}

/// After the purchase.
pub(super) async fn thanks(Extract(site): Extract<Site>) -> Response {
    said(&site, "Thank you", "Your receipt is on its way.").await
}

async fn said(site: &Site, title: &str, text: &str) -> Response {
    if site.settings.shop.is_none() {
        return not_found().await;
    }
    let body = format!(
        r#"<header class="bar shop"><a class="brand" href="/shop">Lumen Notes</a></header><main class="page"><section class="card narrow"><h1>{title}</h1><p>{text}</p><p><a href="/shop">Back to the shop</a></p></section></main>"#
    );
    let head = head(site.tracking());
    Html(document(&format!("{title} · Lumen Notes"), &head, &body)).into_response()
}

/// The shop's own script.
pub(super) async fn script() -> Response {
    ([("content-type", "text/javascript; charset=utf-8")], include_str!("../shop.js")).into_response()
}

/// A value that may be a click token: what a merchant would let through.
fn token(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let fits = !text.is_empty() && text.len() <= MAX_TOKEN && text.bytes().all(plain);
    fits.then(|| text.to_owned())
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all("cookie")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .and_then(|(_, value)| token(value))
}
