//! The REST API, used as a script uses it.

use std::time::Duration;

use reqwest::{Client, Response};
use serde_json::{Value, json};

use super::waiting::until;

/// The REST API, as a script uses it.
#[derive(Clone)]
pub struct Api {
    http: Client,
    base: String,
    key: String,
}

impl Api {
    /// The API of a server with a key.
    pub(super) fn new(http: &Client, url: &str, key: &str) -> Self {
        Self { http: http.clone(), base: format!("{url}/api/v1"), key: key.to_owned() }
    }

    /// `GET`; the whole response.
    pub async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}/{path}", self.base)).bearer_auth(&self.key);
        read(request.send().await.unwrap()).await
    }

    /// `POST`; the `data` of the response.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.http.post(format!("{}/{path}", self.base)).bearer_auth(&self.key).json(&body);
        read(request.send().await.unwrap()).await["data"].take()
    }

    /// `POST`; the response, whatever its status.
    pub async fn try_post(&self, path: &str, body: &Value) -> Response {
        let request = self.http.post(format!("{}/{path}", self.base)).bearer_auth(&self.key).json(body);
        request.send().await.unwrap()
    }

    /// The key that it is used with.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// All pages of a list.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let (mut rows, mut after) = (Vec::new(), String::new());
        loop {
            let mut page = self.get(&format!("{path}{separator}limit=100{after}")).await;
            rows.append(page["data"].as_array_mut().expect("a list"));
            match page["meta"]["next"].as_str() {
                Some(next) => after = format!("&startingAfter={next}"),
                None => return rows,
            }
        }
    }

    /// A program that pays 20% for life within 30 days.
    pub async fn unconnected(&self, name: &str) -> String {
        let program = json!({
            "name": name,
            "website": "https://lumen.example",
            "currency": "usd",
            "commission": { "kind": "percent", "percent": "20" },
            "recurrence": { "kind": "lifetime" },
            "windowDays": 30,
        });
        text(&self.post("programs", program).await["id"])
    }

    /// A program with one affiliate, a link and a connection to Stripe.
    pub async fn program(&self, name: &str, secret: &str) -> Program {
        let id = self.unconnected(name).await;
        let email = format!("mira@{}.example", id.replace('_', "-"));
        let affiliate =
            self.post(&format!("programs/{id}/affiliates"), json!({ "name": "Mira", "email": email })).await;
        let link =
            json!({ "affiliateId": affiliate["id"], "destinationUrl": "https://lumen.example/pricing" });
        let link = self.post(&format!("programs/{id}/links"), link).await;
        let webhook_url = self.connect(&id, secret).await;
        let types = &self.get(&format!("programs/{id}/stripe")).await["data"]["eventTypes"];
        let ticked = [&types["required"], &types["recommended"]];
        let ticked = ticked.into_iter().flat_map(|types| types.as_array().unwrap()).map(text).collect();
        Program { id, link_url: text(&link["url"]), webhook_url, ticked }
    }

    /// Connects a program manually, or adds a further secret; returns the webhook's URL.
    pub async fn connect(&self, program: &str, secret: &str) -> String {
        let body = json!({ "method": "manual", "webhookSecret": secret });
        let connection = self.post(&format!("programs/{program}/connect-stripe"), body).await;
        assert_eq!(connection["connected"], true);
        text(&connection["webhookUrl"])
    }

    /// Waits until every event that a program received is processed; none may have failed.
    pub async fn processed(&self, program: &Program, limit: Duration) {
        let waiting = format!("programs/{}/events?limit=1&status=received", program.id);
        until("all events are processed", limit, async || {
            self.get(&waiting).await["data"].as_array().unwrap().is_empty().then_some(())
        })
        .await;
        let failed = self.all(&format!("programs/{}/events?status=failed", program.id)).await;
        assert_eq!(failed, Vec::<Value>::new(), "events that could not be read");
    }
}

async fn read(answer: Response) -> Value {
    let (status, address) = (answer.status(), answer.url().clone());
    let body = answer.text().await.unwrap();
    assert!(status.is_success(), "{address} answered {status}: {body}");
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{address} answered no JSON, {error}: {body}"))
}

/// A text in an answer.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text")).to_owned()
}

/// What a test needs of a program.
pub struct Program {
    pub id: String,
    pub link_url: String,
    pub webhook_url: String,
    /// The types of events that the merchant ticks at Stripe.
    pub ticked: Vec<String>,
}
