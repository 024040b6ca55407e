//! The task that delivers events to webhook endpoints, and retries.

use std::time::Duration;

use tokio::task::JoinSet;

use crate::model::Event;
use crate::outbox::{Attempt, DeliveryState};
use crate::render::{render, render_for_connect};
use crate::sign::signature_header;
use crate::state::State;
use crate::stripe::Stripe;

/// How failed deliveries are tried again.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// The wait after the first failure; each further wait is twice as long.
    pub base: Duration,
    /// The longest wait.
    pub cap: Duration,
    /// Tries in all.
    pub attempts: u32,
    /// How long an answer may take.
    pub timeout: Duration,
}

impl Default for RetryPolicy {
    /// Quick enough for a demo, patient enough for a receiver that is being restarted:
    /// sixteen tries in about ten minutes.
    fn default() -> Self {
        Self {
            base: Duration::from_secs(1),
            cap: Duration::from_secs(60),
            attempts: 16,
            timeout: Duration::from_secs(10),
        }
    }
}

impl RetryPolicy {
    fn wait_after(&self, failures: u32) -> Duration {
        let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        self.base.saturating_mul(doubled).min(self.cap)
    }
}

/// What one try needs, taken out from under the lock.
struct Letter {
    url: String,
    body: Vec<u8>,
    signature: String,
}

impl Stripe {
    /// Delivers the events of every account until the future is dropped. First tries go out
    /// one after another, in order; retries wait on the side.
    ///
    /// # Errors
    /// When no HTTP client can be built, for example without a TLS provider.
    pub async fn run_deliveries(self, policy: RetryPolicy) -> Result<(), reqwest::Error> {
        let client = reqwest::Client::builder()
            .timeout(policy.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("Stripe/1.0 (+https://stripe.com/docs/webhooks)")
            .build()?;
        let mut retries = JoinSet::new();
        loop {
            let mut is_idle = true;
            for account in self.all_accounts() {
                let batch = account.with(|state| {
                    let State { outbox, ids, .. } = state;
                    outbox.take(ids)
                });
                is_idle &= batch.is_empty();
                for delivery in batch {
                    if account.try_once(&client, delivery, policy.attempts).await {
                        account.finish();
                    } else {
                        retries.spawn(account.clone().keep_trying(client.clone(), delivery, policy));
                    }
                }
            }
            if is_idle {
                self.world().post.notified().await;
            }
            while retries.try_join_next().is_some() {}
        }
    }

    /// Waits until nothing is waiting, being tried or due for a retry, on any account. Held
    /// deliveries keep it waiting, and so does a stand-in whose deliverer does not run.
    pub async fn until_delivered(&self) {
        loop {
            let quiet = self.world().quiet.notified();
            if self.is_quiet() {
                return;
            }
            quiet.await;
        }
    }

    fn is_quiet(&self) -> bool {
        self.all_accounts().into_iter().all(|account| account.with(|state| state.outbox.is_quiet()))
    }

    /// One taken delivery is over.
    fn finish(&self) {
        self.with(|state| state.outbox.finished());
        if self.is_quiet() {
            self.world().quiet.notify_waiters();
        }
    }

    async fn keep_trying(self, client: reqwest::Client, delivery: u64, policy: RetryPolicy) {
        for failures in 1..policy.attempts {
            tokio::time::sleep(policy.wait_after(failures)).await;
            if self.try_once(&client, delivery, policy.attempts).await {
                break;
            }
        }
        self.finish();
    }

    /// One try. True when the delivery is over, well or badly.
    async fn try_once(&self, client: &reqwest::Client, delivery: u64, attempts: u32) -> bool {
        let Some(letter) = self.with(|state| letter(state, delivery)) else {
            self.with(|state| set_state(state, delivery, DeliveryState::Stopped));
            return true;
        };
        let began = self.now();
        let answer = client
            .post(&letter.url)
            .header("content-type", "application/json; charset=utf-8")
            .header("stripe-signature", letter.signature)
            .body(letter.body)
            .send()
            .await;
        let attempt = Attempt {
            at: began,
            status: answer.as_ref().ok().map(|answer| answer.status().as_u16()),
            milliseconds: self.now().since_ms(began),
            error: answer.err().map(|error| without_source(&error)),
        };
        self.with(|state| {
            let Some(delivery) = state.outbox.get_mut(delivery) else { return true };
            delivery.state = if attempt.succeeded() {
                DeliveryState::Delivered
            } else if delivery.attempts.len() + 1 >= attempts as usize {
                DeliveryState::GaveUp
            } else {
                DeliveryState::Retrying
            };
            tracing::debug!(event = delivery.event.id(), status = attempt.status, "delivery tried");
            delivery.attempts.push(attempt);
            delivery.state.is_final()
        })
    }
}

/// Renders and signs again: every attempt has its own time.
fn letter(state: &State, delivery: u64) -> Option<Letter> {
    let delivery = state.outbox.get(delivery)?;
    let endpoint = state.endpoints.get(&delivery.endpoint).filter(|endpoint| !endpoint.disabled)?;
    let version = endpoint.api_version.unwrap_or(delivery.event.born_in);
    let event: &Event = &delivery.event;
    let body = match &delivery.account {
        Some(account) => render_for_connect(event, version, account),
        None => render(event, version),
    };
    let now = state.now();
    let signature = signature_header(endpoint.active_secrets(now), &body, now);
    Some(Letter { url: endpoint.url.clone(), body, signature })
}

fn set_state(state: &mut State, delivery: u64, to: DeliveryState) {
    if let Some(delivery) = state.outbox.get_mut(delivery) {
        delivery.state = to;
    }
}

/// A short reason for the dashboard, without the URL, which is known there.
fn without_source(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "no answer in time".to_owned()
    } else if error.is_connect() {
        "could not connect".to_owned()
    } else {
        "the connection broke".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap() {
        let policy = RetryPolicy::default();
        assert_eq!(policy.wait_after(1), Duration::from_secs(1));
        assert_eq!(policy.wait_after(4), Duration::from_secs(8));
        assert_eq!(policy.wait_after(15), Duration::from_secs(60));
        assert_eq!(policy.wait_after(99), Duration::from_secs(60));
    }
}
