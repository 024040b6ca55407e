//! A server that keeps what it is asked and answers from a script.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

/// What it was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: String,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The form or query as pairs, sorted.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let text = if self.body.is_empty() { self.uri.query().unwrap_or_default() } else { &self.body };
        let mut pairs: Vec<(String, String)> = serde_urlencoded::from_str(text).unwrap();
        pairs.sort();
        pairs
    }
}

/// One answer.
#[derive(Debug, Clone)]
pub enum Answer {
    Is(u16, &'static str),
    With(u16, &'static str, &'static str, &'static str),
    Never,
}

#[derive(Clone, Default)]
pub struct Answerer {
    asked: Arc<Mutex<Vec<Asked>>>,
    script: Arc<Mutex<VecDeque<Answer>>>,
}

impl Answerer {
    /// Serves; the last answer is given again and again. Gives the base address.
    pub async fn serve(script: impl IntoIterator<Item = Answer>) -> (Self, String) {
        let it = Self { script: Arc::new(Mutex::new(script.into_iter().collect())), ..Self::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(it.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (it, base)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(
    State(it): State<Answerer>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    it.asked.lock().unwrap().push(Asked { method, uri, headers, body });
    let next = {
        let mut script = it.script.lock().unwrap();
        if script.len() > 1 { script.pop_front().unwrap() } else { script.front().unwrap().clone() }
    };
    let status = |code: u16| StatusCode::from_u16(code).unwrap();
    match next {
        Answer::Is(code, body) => (status(code), body).into_response(),
        Answer::With(code, name, value, body) => (status(code), [(name, value)], body).into_response(),
        Answer::Never => {
            tokio::time::sleep(Duration::from_secs(3_600)).await;
            StatusCode::OK.into_response()
        }
    }
}
