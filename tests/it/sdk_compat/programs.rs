//! The programs in Node and Python under `end2end/sdk-compat`.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::server::within;

/// The majors of npm stripe in `end2end/package.json`.
pub const MAJORS: [&str; 9] = [
    "stripe-v14",
    "stripe-v16",
    "stripe-v17",
    "stripe-v18",
    "stripe-v19",
    "stripe-v20",
    "stripe-v21",
    "stripe-v22",
    "stripe-v23",
];

fn end2end() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("end2end")
}

/// A program of Node's; fails with a sentence when its packages are not there.
pub fn node(program: &str) -> Command {
    let packages = end2end().join("node_modules/stripe-v23");
    assert!(packages.exists(), "end2end/node_modules is not complete: run script/test tools");
    let mut command = Command::new("node");
    command.arg(program).current_dir(end2end()).kill_on_drop(true);
    command
}

/// A program of Python's; fails with a sentence when its packages are not there.
pub fn python(program: &str) -> Command {
    let interpreter = end2end().join(".venv/bin/python");
    assert!(interpreter.exists(), "end2end/.venv is not there: run script/test tools");
    let mut command = Command::new(interpreter);
    command.arg(program).current_dir(end2end()).kill_on_drop(true);
    command
}

/// A program that signs deliveries.
pub struct Signer {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _program: Child,
}

impl Signer {
    /// npm stripe.
    pub fn npm() -> Self {
        Self::of(node("sdk-compat/sign.mjs"))
    }

    /// PyPI stripe.
    pub fn pypi() -> Self {
        Self::of(python("sdk-compat/sign.py"))
    }

    fn of(mut command: Command) -> Self {
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut program = spawned.expect("node and python3 are installed");
        let output = BufReader::new(program.stdout.take().unwrap()).lines();
        Self { input: program.stdin.take().unwrap(), output, _program: program }
    }

    /// The header of a delivery that is sent now.
    pub async fn sign(&mut self, body: &[u8], secret: &str) -> String {
        self.ask(json!({ "payload": str::from_utf8(body).unwrap(), "secret": secret })).await
    }

    /// The header of a delivery that was sent at a time in Unix seconds.
    pub async fn sign_at(&mut self, body: &[u8], secret: &str, at: i64) -> String {
        self.ask(json!({ "payload": str::from_utf8(body).unwrap(), "secret": secret, "timestamp": at })).await
    }

    /// The header as one major of npm stripe makes it.
    pub async fn sign_as(&mut self, client: &str, body: &[u8], secret: &str) -> String {
        self.ask(json!({ "payload": str::from_utf8(body).unwrap(), "secret": secret, "client": client }))
            .await
    }

    async fn ask(&mut self, request: Value) -> String {
        self.input.write_all(format!("{request}\n").as_bytes()).await.expect("a signer that reads");
        let answer = within("the signer answers", Duration::from_secs(30), self.output.next_line()).await;
        answer.unwrap().expect("a header; what went wrong is on standard error")
    }
}
