//! A load generator with little overhead: raw HTTP/1.1 over connections that are kept open.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The bench's own clock; the program under test takes its time as an argument.
#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
pub fn now() -> Instant {
    Instant::now()
}

/// What a run measured.
pub struct Measurement {
    pub successes: i64,
    pub failures: i64,
    elapsed: Duration,
    micros: Vec<u32>,
}

impl Measurement {
    pub fn per_second(&self) -> i64 {
        self.successes * 1_000 / i64::try_from(self.elapsed.as_millis()).unwrap_or(1).max(1)
    }

    /// A percentile of the response times, with two decimals.
    pub fn percentile_ms(&self, percent: usize) -> String {
        let index = (self.micros.len() * percent / 100).min(self.micros.len().saturating_sub(1));
        let micros = self.micros.get(index).copied().unwrap_or(0);
        format!("{}.{:02}", micros / 1_000, micros % 1_000 / 10)
    }
}

/// The requests of a run.
#[derive(Clone)]
pub enum Requests {
    /// A link, followed by another visitor each time.
    Get {
        path: String,
        next: Arc<AtomicU64>,
    },
    Webhooks {
        path: String,
        secret: String,
        next: Arc<AtomicU64>,
    },
}

impl Requests {
    pub fn get(path: &str) -> Self {
        Self::Get { path: path.to_owned(), next: Arc::new(AtomicU64::new(0)) }
    }

    pub fn webhooks(path: &str, secret: &str) -> Self {
        Self::Webhooks { path: path.to_owned(), secret: secret.to_owned(), next: Arc::new(AtomicU64::new(0)) }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Get { path, next } => {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let [_, _, _, _, a, b, c, d] = number.to_be_bytes();
                format!(
                    "GET {path} HTTP/1.1\r\nHost: bench\r\nX-Forwarded-For: 2001:db8:{a:x}{b:02x}:{c:x}{d:02x}::1\r\n\
                     User-Agent: Mozilla/5.0 (X11; Linux x86_64) Firefox/140\r\n\r\n"
                )
                .into_bytes()
            }
            Self::Webhooks { path, secret, next } => {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let body = event(number);
                let time = seconds();
                let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key");
                mac.update(format!("{time}.{body}").as_bytes());
                let signature = hex::encode(mac.finalize().into_bytes());
                format!(
                    "POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n\
                     Stripe-Signature: t={time},v1={signature}\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                )
                .into_bytes()
            }
        }
    }

    fn is_expected(&self, answer: &[u8]) -> bool {
        match self {
            Self::Get { .. } => answer.starts_with(b"HTTP/1.1 302") && contains(answer, b"hg_click="),
            Self::Webhooks { .. } => answer.starts_with(b"HTTP/1.1 200"),
        }
    }
}

fn contains(answer: &[u8], wanted: &[u8]) -> bool {
    answer.windows(wanted.len()).any(|window| window == wanted)
}

#[expect(clippy::disallowed_methods, reason = "a signature carries the real time")]
fn seconds() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// About 3 kB, as Stripe's invoice events are; of a customer without an affiliate.
fn event(number: u64) -> String {
    let padding = "x".repeat(2_200);
    format!(
        r#"{{"id":"evt_bench{number}","object":"event","api_version":"2025-02-24.acacia","created":1700000000,"livemode":false,"pending_webhooks":1,"request":{{"id":null,"idempotency_key":null}},"type":"customer.updated","data":{{"object":{{"id":"cus_bench{number}","object":"customer","email":"buyer{number}@example.com","metadata":{{}},"description":"{padding}"}}}}}}"#
    )
}

/// Sends requests over a number of connections for a time, after a warm-up of one second.
pub async fn run(
    address: &str,
    connections: usize,
    time: Duration,
    requests: Requests,
) -> anyhow::Result<Measurement> {
    let warm_up = now() + Duration::from_secs(1);
    let end = warm_up + time;
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        tasks.push(tokio::spawn(send(stream, requests.clone(), warm_up, end)));
    }
    let mut all = Measurement { successes: 0, failures: 0, elapsed: time, micros: Vec::new() };
    let mut warm = 0;
    for task in tasks {
        let (successes, failures, in_warm_up, micros) = task.await??;
        all.successes += successes;
        all.failures += failures;
        warm += in_warm_up;
        all.micros.extend(micros);
    }
    all.micros.sort_unstable();
    // What was answered during the warm-up is stored too, so it is counted.
    all.elapsed = time
        + time * u32::try_from(warm).unwrap_or(0) / u32::try_from((all.successes - warm).max(1)).unwrap_or(1);
    Ok(all)
}

async fn send(
    mut stream: TcpStream,
    requests: Requests,
    warm_up: Instant,
    end: Instant,
) -> anyhow::Result<(i64, i64, i64, Vec<u32>)> {
    let mut buffer = vec![0; 16 * 1024];
    let (mut successes, mut failures, mut warm, mut micros) = (0, 0, 0, Vec::with_capacity(100_000));
    loop {
        let started = now();
        if started >= end {
            return Ok((successes, failures, warm, micros));
        }
        stream.write_all(&requests.bytes()).await?;
        let length = read_response(&mut stream, &mut buffer).await?;
        if requests.is_expected(&buffer[..length]) {
            successes += 1;
        } else {
            failures += 1;
        }
        if started >= warm_up {
            micros.push(u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX));
        } else {
            warm += 1;
        }
    }
}

/// Reads one response whose body is short or empty.
async fn read_response(stream: &mut TcpStream, buffer: &mut [u8]) -> anyhow::Result<usize> {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await?;
        anyhow::ensure!(read > 0, "the server closed the connection");
        filled += read;
        let Some(head) = buffer[..filled].windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .and_then(|value| value.trim().parse::<usize>().ok())
            .unwrap_or(0);
        if filled >= head + 4 + length {
            return Ok(filled);
        }
    }
}
