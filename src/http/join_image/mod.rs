//! The preview of a program's public page, which chats and social networks show with its link.

mod canvas;
mod drawing;

use std::collections::VecDeque;
use std::sync::Arc;

use app::presenters::terms::headline;
use app::routes;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::Engine;
use engine::programs::join_page::{Offer, offer};
use tokio::sync::Mutex;

use self::drawing::{Words, draw};
use crate::http::error_pages;

/// Pictures that are kept: as many as there are programs that are shared on one day. Each has about
/// 40 KB.
const MOST_KEPT: usize = 64;
/// Networks keep a preview for longer anyway.
const ONE_HOUR: &str = "public, max-age=3600";

/// Pictures that were drawn. Whoever draws one holds the lock, so that one is drawn at a time.
#[derive(Clone, Default)]
pub struct JoinImages(Arc<Mutex<VecDeque<(Words, Bytes)>>>);

impl JoinImages {
    async fn get(&self, words: Words) -> Option<Bytes> {
        let mut kept = self.0.lock().await;
        if let Some((_, file)) = kept.iter().find(|(of, _)| *of == words) {
            return Some(file.clone());
        }
        let drawn = words.clone();
        let file = Bytes::from(tokio::task::spawn_blocking(move || draw(&drawn)).await.ok()?);
        kept.truncate(MOST_KEPT - 1);
        kept.push_front((words, file.clone()));
        Some(file)
    }
}

/// `GET /join/{slug}/image.png`
pub async fn image(
    State(engine): State<Engine>,
    State(images): State<JoinImages>,
    Path(slug): Path<String>,
) -> Response {
    let offer = match offer(&engine, &slug).await {
        Ok(offer) => offer,
        Err(engine::Error::NotFound) => return error_pages::not_found(),
        Err(error) => {
            tracing::error!(%error, "the offer of a preview could not be read");
            return error_pages::unavailable();
        }
    };
    match images.get(words(&offer, engine.base_url())).await {
        Some(file) => {
            ([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, ONE_HOUR)], file).into_response()
        }
        None => error_pages::unavailable(),
    }
}

fn words(offer: &Offer, base_url: &str) -> Words {
    let site = base_url.split_once("://").map_or(base_url, |(_, site)| site);
    Words {
        program: offer.program.name.clone(),
        offer: headline(&offer.terms.terms, offer.program.currency),
        address: format!("{site}{}", routes::join(&offer.program.slug)),
        color: offer.page.color,
    }
}
