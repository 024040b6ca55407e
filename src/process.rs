//! Limits of the process: the permissions of its files, and how many connections it can have.

/// The most connections at once: a busy proxy has some hundred open, and each costs some
/// kilobytes.
const MOST_CONNECTIONS: u64 = 8_192;
/// Descriptors for everything else: the database, files, Stripe, mail.
const OTHER_DESCRIPTORS: u64 = 128;
/// Where the system has a limit that is lower than this, it is not kept: the server would
/// be of no use.
const FEWEST_CONNECTIONS: u64 = 32;

/// Files are for this user alone: the database, its write-ahead log, backups and mails hold
/// people's data.
#[cfg(unix)]
pub fn keep_files_private() {
    use rustix::fs::Mode;
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Files are for this user alone, as far as the folder's permissions say so.
#[cfg(not(unix))]
pub fn keep_files_private() {}

/// Raises the limit of descriptors as far as it may be raised, and returns how many
/// connections there can be under it.
#[cfg(unix)]
pub fn most_connections() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(u64::MAX).min(MOST_CONNECTIONS + OTHER_DESCRIPTORS);
    let mut limit_now = limit.current.unwrap_or(u64::MAX);
    if limit_now < wanted {
        match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit }) {
            Ok(()) => limit_now = wanted,
            Err(error) => tracing::warn!(%error, "the limit of descriptors cannot be raised"),
        }
    }
    let most = limit_now.saturating_sub(OTHER_DESCRIPTORS).clamp(FEWEST_CONNECTIONS, MOST_CONNECTIONS);
    usize::try_from(most).unwrap_or(usize::MAX)
}

/// How many connections there can be.
#[cfg(not(unix))]
pub fn most_connections() -> usize {
    usize::try_from(MOST_CONNECTIONS).unwrap_or(usize::MAX)
}
