//! Argon2id off the async threads, a few hashes at a time.

use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use domain::clock::Random;
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// Hashes at once. Each takes 19 MiB and some 30 ms, so a flood of sign-ins would be an
/// attack on memory.
const PERMITS: usize = 2;
/// Sign-ins that may wait for their turn; further ones are refused for a moment.
const MOST_WAITING: usize = 64;
/// Blocks of 1 KiB that a buffer reserves, though a hash uses 19 MiB of them: what is larger
/// than 32 MiB glibc gives back to the system when it is freed, and keeps anything smaller.
/// Reserved memory that is not used costs nothing.
const RESERVED_BLOCKS: usize = 33 * 1_024;
/// What is verified for an address without an account, so that both take as long.
const NO_ACCOUNT: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlz$0yf6gI2EsIHqBDR5hHsJVcRtxUxqKJ3hg0nCn7gPPcM";

/// Hashes and verifies passwords within bounds of memory and of those who wait.
pub(crate) struct PasswordHasher {
    permits: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    buffers: Buffers,
}

/// Buffers that are passed from hash to hash while requests are waiting.
#[derive(Clone, Default)]
struct Buffers(Arc<Mutex<Vec<Vec<Block>>>>);

impl Buffers {
    fn take(&self, blocks: usize) -> Vec<Block> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut buffer = kept.unwrap_or_else(|| Vec::with_capacity(blocks.max(RESERVED_BLOCKS)));
        buffer.resize(blocks, Block::new());
        buffer
    }

    fn keep(&self, buffer: Vec<Block>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }

    fn free(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Fills `out` with the hash.
    fn compute(
        &self,
        argon2: &Argon2<'_>,
        password: &str,
        salt: &[u8],
        out: &mut [u8],
    ) -> argon2::Result<()> {
        let mut buffer = self.take(argon2.params().block_count());
        let done = argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, &mut buffer);
        self.keep(buffer);
        done
    }
}

impl PasswordHasher {
    pub(crate) fn new() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(PERMITS)),
            waiting: Arc::new(Semaphore::new(MOST_WAITING)),
            buffers: Buffers::default(),
        }
    }

    async fn bounded<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Buffers) -> T + Send + 'static,
    ) -> Result<T> {
        let waiting = Arc::clone(&self.waiting);
        let place = waiting.clone().try_acquire_owned().map_err(|_| Error::TooMany { minutes: 1 })?;
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| Error::Unavailable)?;
        let buffers = self.buffers.clone();
        // The permits go along: the work goes on when the browser hangs up.
        let done = tokio::task::spawn_blocking(move || {
            let done = work(&buffers);
            drop((permit, place));
            if waiting.available_permits() == MOST_WAITING {
                buffers.free();
            }
            done
        });
        done.await.map_err(|error| Error::Broken(error.to_string()))
    }

    /// The PHC string of a password.
    pub(crate) async fn hash(&self, password: &str, random: &Random) -> Result<String> {
        let (password, salt) = (password.to_owned(), random.bytes::<16>());
        let hash = self.bounded(move |buffers| hash(buffers, &password, &salt)).await?;
        hash.map_err(|error| Error::Broken(error.to_string()))
    }

    /// Whether a password is the one. Takes the same time without a hash.
    pub(crate) async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let known = hash.is_some();
        let (password, hash) = (password.to_owned(), hash.unwrap_or(NO_ACCOUNT).to_owned());
        let fits = self.bounded(move |buffers| fits(buffers, &password, &hash).unwrap_or(false)).await?;
        Ok(fits && known)
    }
}

fn hash(buffers: &Buffers, password: &str, salt: &[u8]) -> argon2::password_hash::Result<String> {
    let (algorithm, version, params) = (Algorithm::default(), Version::default(), Params::default());
    let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
    buffers.compute(&Argon2::new(algorithm, version, params.clone()), password, salt, &mut out)?;
    let hash = PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: ParamsString::try_from(&params)?,
        salt: Some(Salt::new(salt)?),
        hash: Some(Output::new(&out)?),
    };
    Ok(hash.to_string())
}

/// Whether a password has a hash; `None` when the hash cannot be read.
fn fits(buffers: &Buffers, password: &str, hash: &str) -> Option<bool> {
    let stored = PasswordHash::new(hash).ok()?;
    let (salt, expected) = (stored.salt?, stored.hash?);
    let algorithm = Algorithm::try_from(stored.algorithm.as_str()).ok()?;
    let version = stored.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let argon2 = Argon2::new(algorithm, version, Params::try_from(&stored).ok()?);
    let mut out = [0; Output::MAX_LENGTH];
    let out = out.get_mut(..expected.len())?;
    buffers.compute(&argon2, password, &salt, out).ok()?;
    // `Output` compares in constant time.
    Some(Output::new(out).ok()? == expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_only_its_hash() {
        let hasher = PasswordHasher::new();
        let hash = hasher.hash("correct horse", &Random::seeded(1)).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hasher.verify("correct horse", Some(&hash)).await.unwrap());
        assert!(!hasher.verify("correct horse ", Some(&hash)).await.unwrap());
        assert!(!hasher.verify("correct horse", Some("$argon2id$v=19$no")).await.unwrap());
        assert!(!hasher.verify("", None).await.unwrap());
        assert!(PasswordHash::new(NO_ACCOUNT).is_ok());
    }

    #[tokio::test]
    async fn a_hash_made_by_the_library_is_verified() {
        use argon2::PasswordHasher as _;
        let made = Argon2::default().hash_password_with_salt(b"correct horse", b"a salt of any").unwrap();
        assert!(PasswordHasher::new().verify("correct horse", Some(&made.to_string())).await.unwrap());
    }

    /// Anonymous memory of this process, KiB.
    #[cfg(target_os = "linux")]
    fn memory() -> usize {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("a line");
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    #[cfg(target_os = "linux")]
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_flood_of_sign_ins_leaves_no_memory_behind() {
        const SIGN_INS: usize = 400;
        const AT_ONCE: usize = 32;
        let (hasher, before) = (Arc::new(PasswordHasher::new()), memory());
        for _ in 0..SIGN_INS / AT_ONCE {
            let mut tasks = tokio::task::JoinSet::new();
            for _ in 0..AT_ONCE {
                let hasher = Arc::clone(&hasher);
                tasks.spawn(async move { hasher.verify("a wrong password", None).await.unwrap() });
            }
            assert_eq!(tasks.join_all().await, [false; AT_ONCE]);
        }
        let more = memory().saturating_sub(before);
        assert!(more < 20_000, "{more} KiB more than before");
    }
}
