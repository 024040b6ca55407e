//! The commands that pages and documents print are run as they are printed.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use scraper::{Html, Selector};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::server::{OWNER, Server, browser, free_address, within};
use crate::services::Services;
use crate::site::{Browser, Site, receipts};

/// Stripe's command-line client as npm has it.
const CLI: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/end2end/node_modules/@stripe/cli-linux-x64/bin/stripe");

/// Runs a script in bash: whether it succeeded, its output and its errors.
async fn bash(script: &str, environment: &[(&str, &str)]) -> (bool, String, String) {
    let mut command = Command::new("bash");
    command.args(["-euc", script]).envs(environment.iter().copied()).stdin(Stdio::null()).kill_on_drop(true);
    let output = within("a printed command", Duration::from_secs(60), command.output()).await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

/// The text of a block of code on a page.
fn code_of(page: &str, id: &str) -> String {
    let selector = Selector::parse(&format!("#{id}")).unwrap();
    let page = Html::parse_document(page);
    page.select(&selector).next().unwrap_or_else(|| panic!("no block {id}")).text().collect()
}

/// The shell script of the README that contains some words.
fn readme_with(words: &str) -> String {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let blocks: Vec<&str> =
        readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let found: Vec<&str> = blocks.into_iter().filter(|block| block.contains(words)).collect();
    assert_eq!(found.len(), 1, "{words}");
    found[0].to_owned()
}

#[tokio::test]
async fn the_readmes_calls_of_the_api_make_a_program() {
    let server = Server::start().await;
    let script = readme_with("api-key create")
        .replace("https://partners.example.com", &server.url)
        .replace("you@example.com", OWNER);
    let binary = Path::new(env!("CARGO_BIN_EXE_honeyguide")).parent().unwrap().display().to_string();
    let script = format!("PATH={binary}:$PATH\n{script}");
    let (done, said, problem) = bash(&script, &server.environment()).await;
    assert!(done, "{said}{problem}");
    let made: Value = serde_json::from_str(said.trim()).unwrap_or_else(|_| panic!("{said}{problem}"));
    assert_eq!((&made["data"]["name"], &made["data"]["currency"]), (&"Partners".into(), &"usd".into()));
}

/// The document of receipts shows how to check one with OpenSSL; it finds a change, too.
#[tokio::test]
async fn openssl_checks_a_receipt_as_the_document_says() {
    let site = Site::with(Services::nowhere()).await;
    let document = receipts::sale(&site).await.document(&site).await;
    let keys: Value = serde_json::from_str(&site.get(app::routes::RECEIPT_KEYS).await.body).unwrap();
    let printed = include_str!("../../docs/receipts.md");
    let script = printed.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let script = format!("cd '{}'\n{script}", folder.path().display());
    std::fs::write(folder.path().join("key.pem"), keys["keys"][0]["pem"].as_str().unwrap()).unwrap();
    let check = async |document: &str| {
        std::fs::write(folder.path().join("receipt.json"), document).unwrap();
        bash(&script, &[]).await
    };
    let (done, said, problem) = check(&document).await;
    assert!(done && said.contains("Signature Verified Successfully"), "{said}{problem}");
    let (done, said, problem) = check(&document.replace("Affiliate mira", "Affiliate kenji")).await;
    assert!(!done && !said.contains("Successfully"), "{said}{problem}");
    let (done, _, problem) = check(&document.replace("\"amount\": 2000", "\"amount\": 2001")).await;
    assert!(!done && problem.contains("AssertionError"), "{problem}");
}

/// The page of the manual setup, and the URL of a sandbox to run its commands against.
async fn manual_page() -> (String, String) {
    let site = Site::with(Services::nowhere()).await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let path = format!("/programs/{}/settings/stripe?method=manual", merchant.program.id);
    let page = browser.get(&path).await.body;
    let stripe = sandbox::Stripe::new(honeyguide::clock::system(), honeyguide::clock::random());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let settings = sandbox::Settings { base_url: url.clone(), shop: None, tracking: None };
    let router = sandbox::router(stripe, settings);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (page, url)
}

/// The printed command with the real client, told where Stripe is.
fn with_cli(command: &str, sandbox: &str) -> String {
    format!(
        "home=$(mktemp -d); trap 'rm -rf \"$home\"' EXIT; export HOME=$home XDG_CONFIG_HOME=$home STRIPE_CLI_TELEMETRY_OPTOUT=1\n\
         stripe() {{ '{CLI}' \"$@\" --api-key sk_test_1234567890 --api-base {sandbox}; }}\n{command}"
    )
}

#[tokio::test]
async fn stripes_client_makes_the_endpoint_as_the_page_says() {
    let (page, sandbox) = manual_page().await;
    let command = code_of(&page, "stripe-cli");
    let (done, said, problem) = bash(&with_cli(&command, &sandbox), &[]).await;
    assert!(done, "{said}{problem}");
    let made: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}{problem}"));
    assert!(made["secret"].as_str().is_some_and(|secret| secret.starts_with("whsec_")), "{made}");
    assert_eq!(made["url"].as_str(), Some(&*code_of_url(&page)));
    assert_eq!(made["enabled_events"].as_array().map(Vec::len), Some(event_types().len()));
    assert_eq!(made["api_version"], "2025-02-24.acacia");
}

fn code_of_url(page: &str) -> String {
    let page = Html::parse_document(page);
    let field = Selector::parse("input#url").unwrap();
    page.select(&field).next().expect("a field").value().attr("value").expect("a value").to_owned()
}

fn event_types() -> Vec<&'static str> {
    let (core, rest) = engine::stripe::connections::event_types();
    core.iter().copied().chain(rest).collect()
}

/// `listen` is a websocket of Stripe's own, which the sandbox does not play. The client takes
/// everything that is printed, and fails only where it asks for that session.
#[tokio::test]
async fn stripes_client_takes_the_printed_listen() {
    let (_, sandbox) = manual_page().await;
    let command = app::presenters::stripe_cli::listen_command(
        "http://localhost:3000/webhooks/stripe/t",
        &event_types(),
    );
    let (done, said, problem) = bash(&with_cli(&command, &sandbox), &[]).await;
    assert!(!done && problem.contains("stripecli/sessions"), "{said}{problem}");
    for refusal in ["must specify events", "unknown flag", "not found or is invalid", "unsupported"] {
        assert!(!problem.contains(refusal), "{said}{problem}");
    }
    let without = command.replace("--events", "--no-such-flag");
    let (_, _, problem) = bash(&with_cli(&without, &sandbox), &[]).await;
    assert!(problem.contains("unknown flag"), "the client does look at its flags: {problem}");
}

/// The commands on an affiliate's page that make the hashes of their ledger again: each prints
/// the hash in the line above it.
pub async fn hashes_are_made_again(page: &str) {
    let commands = code_of(page, "chain");
    let expected: Vec<&str> = commands.lines().filter_map(|line| line.strip_prefix("# ")).collect();
    let (done, said, problem) = bash(&commands, &[]).await;
    assert!(done, "{said}{problem}");
    let made: Vec<&str> = said.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(!expected.is_empty());
    assert_eq!(made, expected);
}

/// `stripe-sandbox --connect` prints settings for Honeyguide and a secret key for a merchant's own
/// server: both work as they are printed.
#[tokio::test]
async fn the_keys_that_the_sandbox_prints_work() {
    let (address, http) = (free_address(), browser());
    let mut command = Command::new(env!("CARGO_BIN_EXE_honeyguide"));
    command.args(["stripe-sandbox", "--listen", &address, "--connect", "http://localhost:3000"]);
    let mut running = command.env_clear().kill_on_drop(true).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(running.stdout.take().unwrap()).lines();
    let (mut settings, mut secret_key) = (BTreeMap::new(), None);
    while secret_key.is_none() {
        let line = within("a printed line", Duration::from_secs(30), lines.next_line()).await.unwrap();
        let line = line.expect("the sandbox prints a key before it ends");
        if let Some((name, value)) = line.split_once('=') {
            settings.insert(name.to_owned(), value.to_owned());
        }
        secret_key = line.strip_prefix("Secret key of ").and_then(|rest| {
            let (name, key) = rest.split_once(" for your own server: ")?;
            Some((name.to_owned(), key.to_owned()))
        });
    }
    let (name, secret_key) = secret_key.unwrap();
    let base = &settings["STRIPE_API_BASE"];
    let account = async |key: &str| -> Value {
        let asked = http.get(format!("{base}/v1/account")).bearer_auth(key).send().await.unwrap();
        asked.json().await.unwrap()
    };
    let (merchant, platform) =
        (account(&secret_key).await, account(&settings["STRIPE_TEST_SECRET_KEY"]).await);
    assert_eq!(merchant["settings"]["dashboard"]["display_name"], name.as_str());
    assert!(platform["id"].is_string() && platform["id"] != merchant["id"], "{platform}");
    let wrong = account(&format!("{secret_key}x")).await;
    assert_eq!(wrong["error"]["type"], "invalid_request_error", "{wrong}");
    // It may sell.
    let charge = http.post(format!("{base}/v1/charges")).bearer_auth(&secret_key);
    let charge = charge.form(&[("amount", "4900"), ("currency", "usd"), ("source", "tok_visa")]);
    let charge: Value = charge.send().await.unwrap().json().await.unwrap();
    assert_eq!((&charge["status"], &charge["payment_intent"]), (&"succeeded".into(), &Value::Null));
}
