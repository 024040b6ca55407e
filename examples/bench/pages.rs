//! `script/bench pages`: first byte, size and number of statements of each page on a large
//! installation.
//!
//!   script/bench pages [small|large] [address of the database]

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, ensure};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, header};
use futures::StreamExt;
use honeyguide::config::Config;
use honeyguide::demo::SIGN_INS;
use honeyguide::demo::large::{self, Size};
use tokio::time::Instant;
use tower::ServiceExt;

const BASE: &str = "http://bench.test";
/// Requests of a page after the first, of which the median is printed.
const REQUESTS: usize = 7;

pub async fn run(arguments: &[String]) -> anyhow::Result<()> {
    let size = match arguments.first().map(String::as_str) {
        Some("small") => Size::SMALL,
        _ => Size::LARGE,
    };
    let folder = tempfile::tempdir()?;
    let own = format!("sqlite:{}", folder.path().join("pages.db").display());
    let environment = [
        ("DATABASE_URL".to_owned(), arguments.get(1).cloned().unwrap_or(own)),
        ("BASE_URL".to_owned(), BASE.to_owned()),
        ("SECRET_KEY".to_owned(), "bench bench bench bench bench bench".to_owned()),
        ("LOG".to_owned(), "warn".to_owned()),
    ];
    let config = Config::read(&environment.into())?;
    let running = honeyguide::server::engine(&config).await?;
    let engine = &running.engine;
    if !engine::identity::accounts::is_set_up(engine).await? {
        let began = Instant::now();
        large::fill(engine, size).await?;
        println!("filled in {} s", began.elapsed().as_secs());
    }
    any_spawner::Executor::init_tokio()?;
    honeyguide::http::assets::install();
    let site = app::Site { sandbox: None, base_url: BASE.to_owned() };
    let proxy = honeyguide::http::proxy::Proxy { trusted: false, country_header: None };
    let browser = Browser::sign_in(honeyguide::http::router::router(engine.clone(), site, proxy)?).await?;
    let heads = ["first ms", "again ms", "kB", "statements", "steps"];
    println!("{:<36} {:>9} {:>9} {:>7} {:>11} {:>9}", "", heads[0], heads[1], heads[2], heads[3], heads[4]);
    let mut slowest = Duration::ZERO;
    for (name, path) in large::pages(engine).await? {
        let first = browser.measure(&path).await?;
        let mut again = Vec::new();
        for _ in 0..REQUESTS {
            again.push(browser.measure(&path).await?);
        }
        again.sort_by_key(|one| one.first_byte);
        let median = &again[REQUESTS / 2];
        slowest = slowest.max(median.first_byte);
        let ms = |time: Duration| format!("{}.{}", time.as_millis(), time.as_micros() / 100 % 10);
        println!(
            "{name:<36} {:>9} {:>9} {:>7} {:>11} {:>9}",
            ms(first.first_byte),
            ms(median.first_byte),
            median.bytes / 1_000,
            median.statements,
            median.steps
        );
    }
    println!("memory (anonymous) {} MB", memory_mb()?);
    println!("slowest {} ms", slowest.as_millis());
    running.stop().await;
    Ok(())
}

struct Measured {
    first_byte: Duration,
    bytes: usize,
    statements: u64,
    /// Of SQLite's virtual machine; 0 on Postgres.
    steps: u64,
}

/// A browser of the owner.
struct Browser {
    router: Router,
    cookies: String,
}

impl Browser {
    async fn sign_in(router: Router) -> anyhow::Result<Self> {
        let (_, email, password) = SIGN_INS[0];
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("email", email)
            .append_pair("password", password)
            .finish();
        let request = Request::post("/do/session/start")
            .header("host", "bench.test")
            .header("accept", "text/html")
            .header("sec-fetch-site", "same-origin")
            .header("origin", BASE)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))?;
        let mut browser = Self { router, cookies: String::new() };
        let answer = browser.send(request).await?;
        let cookies = answer.headers().get_all(header::SET_COOKIE).iter();
        let cookies = cookies.filter_map(|value| value.to_str().ok()?.split(';').next().map(str::to_owned));
        browser.cookies = cookies.collect::<Vec<_>>().join("; ");
        Ok(browser)
    }

    async fn send(&self, mut request: Request<Body>) -> anyhow::Result<Response<Body>> {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 5_000))));
        Ok(self.router.clone().oneshot(request).await?)
    }

    async fn measure(&self, path: &str) -> anyhow::Result<Measured> {
        let request = Request::get(path)
            .header("host", "bench.test")
            .header("accept", "text/html")
            .header("cookie", &self.cookies)
            .body(Body::empty())?;
        let (before, steps) = (store::db::statements(), store::db::steps());
        let began = Instant::now();
        let answer = self.send(request).await?;
        ensure!(answer.status().is_success(), "{path}: {}", answer.status());
        let mut body = answer.into_body().into_data_stream();
        let mut bytes = body.next().await.context("an empty page")??.len();
        let first_byte = began.elapsed();
        while let Some(data) = body.next().await {
            bytes += data?.len();
        }
        let (statements, steps) = (store::db::statements() - before, store::db::steps() - steps);
        Ok(Measured { first_byte, bytes, statements, steps })
    }
}

/// Anonymous memory; mapped pages of files are not the process's own.
fn memory_mb() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).context("RssAnon")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1_024)
}
