//! What an operator relies on: private files, a server of one's own, backups that come back,
//! metrics that are not public.

use std::path::Path;
use std::time::Duration;

use reqwest::StatusCode;
use tokio::process::Command;

use crate::crash::SECRET;
use crate::server::{BINARY, Server, click, free_address, monitor, within};

/// Runs a command on its own database. Gives whether it succeeded, and all it said.
async fn run(file: &Path, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(BINARY);
    let url = format!("sqlite:{}", file.display());
    command.env_clear().env("DATABASE_URL", url).env("LISTEN", "127.0.0.1:0").args(arguments);
    let output = command.kill_on_drop(true).output();
    let output = within("the command", Duration::from_secs(60), output).await.unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data/honeyguide.db");
    let (done, said) = run(&file, &["migrate"]).await;
    assert!(done, "{said}");
    let (done, said) = run(&file, &["backup", folder.path().join("copy.db").to_str().unwrap()]).await;
    assert!(done, "{said}");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder.path().join("data")), 0o700);
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(&folder.path().join("copy.db")), 0o600);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    run(&file, &["migrate"]).await;
    assert_eq!(mode(&file), 0o600, "a file that comes from elsewhere is made private");
}

#[tokio::test]
async fn a_backup_is_restored_only_beside_no_other_database() {
    let mut server = Server::start().await;
    let Some(file) = server.sqlite_file().map(|file| Path::new(file).to_owned()) else { return };
    let program = server.api().await.program("Lumen", SECRET).await;
    click(&server.http, &program.link_url).await;
    let copy = file.with_extension("copy");
    server.say(&["backup", copy.to_str().unwrap()]).await;
    for _ in 0..20 {
        click(&server.http, &program.link_url).await;
    }
    server.kill().await;
    let beside = |ending: &str| Path::new(&format!("{}{ending}", file.display())).to_owned();
    assert!(beside("-wal").metadata().unwrap().len() > 0, "a killed server leaves its log");

    let refused = async |left: &Path| {
        let (done, said) = run(&file, &["restore", copy.to_str().unwrap()]).await;
        assert!(!done && said.contains("already exists"), "{said}");
        assert!(said.contains(left.to_str().unwrap()), "{said}");
    };
    refused(&file).await;
    for ending in ["", "-wal"] {
        std::fs::rename(beside(ending), beside(&format!(".old{ending}"))).unwrap();
        refused(&beside(if ending.is_empty() { "-wal" } else { "-shm" })).await;
    }
    std::fs::rename(beside("-shm"), beside(".old-shm")).unwrap();
    let (done, said) = run(&file, &["restore", copy.to_str().unwrap()]).await;
    assert!(done && said.contains("All sums and hashes match."), "{said}");
    assert!(!beside("-wal").exists() && !beside(".restoring").exists() && !beside(".restoring-wal").exists());
    server.start_again().await;
    server.verify().await;
    assert_eq!(server.api().await.all(&format!("programs/{}/clicks", program.id)).await.len(), 1);
}

#[tokio::test]
async fn the_command_that_turns_two_step_sign_in_off_says_what_it_found() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data/honeyguide.db");
    let off = async |email: &str| run(&file, &["account", "two-step-off", "--email", email]).await;
    let (done, said) = off("nobody@lumen.example").await;
    assert!(!done && said.contains("There is no account with the address nobody@lumen.example."), "{said}");
    let (done, said) = off("no address").await;
    assert!(!done && said.contains("--email"), "{said}");
}

#[tokio::test]
async fn doctor_says_how_long_the_write_ahead_log_is() {
    let folder = tempfile::tempdir().unwrap();
    let (_, said) = run(&folder.path().join("data/honeyguide.db"), &["doctor"]).await;
    let line = said.lines().find(|line| line.contains("write-ahead log")).unwrap_or_else(|| panic!("{said}"));
    assert!(line.starts_with("ok   write-ahead log: ") && line.contains("shrinks to 16 MiB"), "{said}");
}

#[tokio::test]
async fn a_backup_that_is_damaged_is_not_restored() {
    let folder = tempfile::tempdir().unwrap();
    let (file, copy) = (folder.path().join("data/honeyguide.db"), folder.path().join("copy.db"));
    assert!(run(&file, &["migrate"]).await.0);
    assert!(run(&file, &["backup", copy.to_str().unwrap()]).await.0);
    std::fs::remove_file(&file).unwrap();
    let mut bytes = std::fs::read(&copy).unwrap();
    let half = bytes.len() / 2;
    bytes[half..half + 40_000].fill(7);
    std::fs::write(&copy, bytes).unwrap();
    let (done, said) = run(&file, &["restore", copy.to_str().unwrap()]).await;
    assert!(!done && said.contains("cannot be restored"), "{said}");
    assert!(!file.exists(), "it did not take the database's place");
}

#[tokio::test]
async fn a_second_server_on_one_file_is_refused() {
    let server = Server::start().await;
    let Some(file) = server.sqlite_file() else { return };
    let (done, said) = run(Path::new(file), &["serve"]).await;
    assert!(!done && said.contains("Another server is using"), "{said}");
    assert!(run(Path::new(file), &["migrate"]).await.0, "commands run beside the server");
}

#[tokio::test]
async fn metrics_are_for_localhost_or_with_the_token() {
    let server = Server::start().await;
    let ask = async |server: &Server, header: (&str, &str)| {
        let request = monitor().get(format!("{}/metrics", server.url)).header(header.0, header.1);
        request.send().await.unwrap().status()
    };
    assert_eq!(ask(&server, ("accept", "*/*")).await, StatusCode::OK);
    for header in ["x-forwarded-for", "forwarded"] {
        assert_eq!(ask(&server, (header, "203.0.113.9")).await, StatusCode::FORBIDDEN);
    }
    let server = Server::with(&[("METRICS_TOKEN", "a token of the metrics")]).await;
    assert_eq!(ask(&server, ("accept", "*/*")).await, StatusCode::FORBIDDEN);
    assert_eq!(ask(&server, ("authorization", "Bearer another token")).await, StatusCode::FORBIDDEN);
    assert_eq!(ask(&server, ("authorization", "Bearer a token of the metrics")).await, StatusCode::OK);
}

#[tokio::test]
async fn an_address_with_a_nul_is_a_bad_request_everywhere() {
    let server = Server::start().await;
    for path in ["/?q=%00", "/r/a%00b", "/api/v1/programs?startingAfter=%00", "/api/v1/programs/%00"] {
        let answer = server.http.get(format!("{}{path}", server.url)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
    }
}

#[tokio::test]
async fn browsers_are_sent_strict_transport_security() {
    let header = "strict-transport-security";
    let server = Server::start().await;
    let ask = async |server: &Server, path: &str| {
        server.http.get(format!("{}{path}", server.url)).send().await.unwrap().headers().get(header).cloned()
    };
    assert_eq!(ask(&server, "/").await, None);
    let server = Server::with(&[("BASE_URL", "https://partners.example.com")]).await;
    for path in ["/", "/hg.js", "/nowhere"] {
        assert!(ask(&server, path).await.is_some(), "{path}");
    }
}

#[tokio::test]
async fn two_nodes_that_start_at_once_on_an_empty_database_both_run() {
    let first = Server::start().await;
    if first.sqlite_file().is_some() {
        return;
    }
    let empty = store::testing::TestDb::unmigrated().await;
    let addresses = [free_address(), {
        let port = free_address().rsplit_once(':').unwrap().1.parse::<u16>().unwrap();
        format!("127.0.0.1:{}", port + 1)
    }];
    let nodes: Vec<_> = addresses
        .iter()
        .map(|address| {
            let mut command = Command::new(BINARY);
            command
                .env_clear()
                .envs([("DATABASE_URL", empty.url.as_str()), ("LISTEN", address.as_str())])
                .envs([("ADMIN_EMAIL", "olga@lumen.example"), ("ADMIN_PASSWORD", "correct horse battery")])
                .env("SECRET_KEY", "the secret key of the test server")
                .kill_on_drop(true);
            command.spawn().unwrap()
        })
        .collect();
    for (address, mut node) in addresses.iter().zip(nodes) {
        let ready = async || {
            assert_eq!(node.try_wait().unwrap(), None, "a node ended");
            let answer = first.http.get(format!("http://{address}/readyz")).send().await.ok()?;
            (answer.status() == StatusCode::OK).then_some(())
        };
        crate::server::until("both nodes are ready", Duration::from_secs(30), ready).await;
    }
}
