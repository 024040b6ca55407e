//! Injects errors of system calls with strace.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use crate::server::{Server, until};

/// System calls of a running process that fail.
pub struct Injected {
    strace: Child,
    trace: tempfile::NamedTempFile,
    pid: u32,
}

/// Lets system calls of a server fail from now on; `error` is as strace writes it.
pub async fn inject(server: &Server, calls: &str, error: &str) -> Injected {
    let (pid, trace) = (server.pid(), tempfile::NamedTempFile::new().unwrap());
    let strace = Command::new("strace")
        .args(["-f", "-qq", "-e", &format!("trace={calls}"), "-e", &format!("inject={calls}:error={error}")])
        .arg("-o")
        .arg(trace.path())
        .args(["-p", &pid.to_string()])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("this test injects errors with strace: install the package strace");
    let mut injected = Injected { strace, trace, pid };
    until("strace traces the server", Duration::from_secs(10), async || {
        if let Some(ended) = injected.strace.try_wait().unwrap() {
            panic!("strace ended with {ended}: this machine or container does not allow ptrace");
        }
        injected.is_attached().then_some(())
    })
    .await;
    injected
}

impl Injected {
    fn is_attached(&self) -> bool {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.pid)).unwrap();
        tasks.flatten().all(|task| {
            let status = std::fs::read_to_string(task.path().join("status")).unwrap_or_default();
            !status.contains("TracerPid:\t0\n")
        })
    }

    /// Lets the system calls succeed again.
    pub async fn end(mut self) {
        // Asked to stop, strace detaches; killed, it would leave threads stopped.
        let strace = self.strace.id().expect("strace runs").to_string();
        Command::new("kill").args(["-INT", &strace]).status().await.unwrap();
        self.strace.wait().await.unwrap();
        let trace = std::fs::read_to_string(self.trace.path()).unwrap();
        assert!(trace.contains("(INJECTED)"), "nothing was injected:\n{trace}");
    }
}
