//! A full or failing disk under the SQLite file.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use store::testing::TestDb;

use super::inject::{Injected, inject};
use super::{SEEN_WITHIN, is_sqlite, survives};
use crate::harness::{Time, engine_on};
use crate::server::{Server, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_fails_is_survived() {
    let server = Server::start().await;
    if is_sqlite(&server) {
        survives(server, async |server| inject(server, "fsync,fdatasync", "EIO").await, Injected::end).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_takes_no_writes_is_survived() {
    let server = Server::start().await;
    if is_sqlite(&server) {
        survives(server, async |server| inject(server, "pwrite64", "EROFS").await, Injected::end).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_survived() {
    let server = Server::start().await;
    if is_sqlite(&server) {
        drop(server);
        survives(
            Server::on_disk_of(128).await,
            async |server| fill(server),
            async |file| {
                std::fs::remove_file(file).expect("the file that fills the disk");
            },
        )
        .await;
    }
}

/// Fills the disk of a server.
fn fill(server: &Server) -> PathBuf {
    // Its disk exists in its mount namespace only.
    let inside = server.folder().strip_prefix("/").unwrap().join("fill");
    let path = PathBuf::from(format!("/proc/{}/root", server.pid())).join(inside);
    let mut file = File::create(&path).unwrap();
    for size in [1 << 16, 1 << 8, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_another_process_holds_is_survived() {
    let server = Server::start().await;
    if is_sqlite(&server) {
        let away = async |server: &Server| server.take_database().await;
        survives(server, away, async |away| away.give_back().await).await;
    }
}

/// A disk that is nearly full takes the row of the health check, and not an event.
#[tokio::test]
async fn a_server_whose_database_is_full_is_not_ready() {
    let db = TestDb::new().await;
    if !db.db.is_ours_alone() {
        return;
    }
    let engine = engine_on(&db, &Time::new(), 1);
    engine.check_ready().await.unwrap();
    // At most as many pages as there are.
    db.db.write().await.unwrap().run("PRAGMA max_page_count = 1", &[]).await.unwrap();
    engine::settings::put(&engine, "large", &"x".repeat(100_000)).await.unwrap_err();
    let ready = async |expected: bool| (engine.check_ready().await.is_ok() == expected).then_some(());
    until("it is not ready", SEEN_WITHIN, async || ready(false).await).await;
    until("it is ready again", SEEN_WITHIN, async || ready(true).await).await;
}
