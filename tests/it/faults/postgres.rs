//! A Postgres that crashes and comes back.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use reqwest::StatusCode;
use tokio::task::spawn_blocking;

use super::{is_sqlite, survives};
use crate::server::{Server, until};

/// A Postgres of a test's own, by `script/test-postgres`.
#[derive(Clone)]
struct Postgres(PathBuf);

impl Postgres {
    fn script(&self, verb: &str) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("script/test-postgres");
        let mut command = Command::new(script);
        command.env("TEST_PG_DIR", &self.0).env("TEST_PG_SYNCHRONOUS_COMMIT", "on").arg(verb);
        let output = command.output().expect("script/test-postgres runs");
        assert!(output.status.success(), "{verb}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("an address").trim().to_owned()
    }

    async fn run(&self, verb: &'static str) -> String {
        let this = self.clone();
        spawn_blocking(move || this.script(verb)).await.expect("the script ran")
    }
}

/// Ends the Postgres of a test, also of one that fails.
struct Ended(Postgres);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.script("stop");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_crashes_and_comes_back_is_survived() {
    let server = Server::start().await;
    if is_sqlite(&server) {
        return;
    }
    let name = format!("honeyguide-pg-crash-{}", std::process::id());
    let postgres = Postgres(std::env::temp_dir().join(name));
    let _ended = Ended(postgres.clone());
    let url = postgres.run("start").await;
    let server = Server::with(&[("DATABASE_URL", &url)]).await;
    let crash = async |server: &Server| {
        postgres.run("crash").await;
        // The links that are in the cache are old after five seconds.
        let is_stale = async || (server.counter("links_stale_total").await > 10).then_some(());
        until("redirects by stale entries", Duration::from_secs(40), is_stale).await;
        for path in ["/", "/programs"] {
            let request = server.http.get(format!("{}{path}", server.url));
            // A browser with a session, which has to be looked up.
            let answer = request.header("cookie", "hg_session=AAAAAAAAAAAAAAAAAAAAAA").send().await.unwrap();
            let status = answer.status();
            let page = answer.text().await.unwrap();
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{path}: {page}");
            assert!(page.contains("cannot reach its database"), "{path}: {page}");
        }
    };
    survives(server, crash, async |()| drop(postgres.run("resume").await)).await;
}
