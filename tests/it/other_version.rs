//! A database that another version of Honeyguide made: a plain sentence, and nothing is
//! touched.

use std::path::Path;
use std::time::Duration;

use store::db::Db;
use tokio::process::Command;

use crate::server::{BINARY, within};

/// Creates a database whose first migration had another text.
async fn create(file: &Path) {
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let db = Db::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    db.migrate().await.unwrap();
    let sql = "UPDATE _sqlx_migrations SET checksum = x'00'";
    db.write().await.unwrap().run_one(sql, &[]).await.unwrap();
    db.close().await;
}

/// Runs a command in a folder; it must fail. Gives what it wrote to standard error.
async fn error_of(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(BINARY);
    command.env_clear().env("LISTEN", "127.0.0.1:0").current_dir(folder).args(arguments).kill_on_drop(true);
    let output = within("the command", Duration::from_secs(60), command.output()).await.unwrap();
    assert!(!output.status.success(), "honeyguide {arguments:?} succeeded");
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn the_demo_says_how_to_begin_again() {
    let folder = tempfile::tempdir().unwrap();
    create(&folder.path().join("data/demo.db")).await;
    let error = error_of(folder.path(), &["demo", "--sandbox-listen", "127.0.0.1:0"]).await;
    let sentence = "The demo database data/demo.db was made by another version of Honeyguide. \
                    Run `cargo run -- demo --reset` to recreate it.";
    assert!(error.contains(sentence), "{error}");
}

#[tokio::test]
async fn the_server_names_the_database() {
    let folder = tempfile::tempdir().unwrap();
    create(&folder.path().join("data/honeyguide.db")).await;
    for command in ["serve", "migrate", "verify"] {
        let error = error_of(folder.path(), &[command]).await;
        let sentence = "The database data/honeyguide.db was made by another version of Honeyguide.";
        assert!(error.contains(sentence), "{command}: {error}");
    }
}
