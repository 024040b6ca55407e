//! Argon2id off the async threads, a few hashes at a time.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier};
use domain::clock::Random;
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// Hashes at once. Each takes 19 MiB and some 30 ms, so a flood of sign-ins would be an
/// attack on memory.
const PERMITS: usize = 2;
/// Sign-ins that may wait for their turn; the next is told to come back.
const MOST_WAITING: usize = 64;
/// What is verified for an address without an account, so that both take as long.
const NO_ACCOUNT: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlz$0yf6gI2EsIHqBDR5hHsJVcRtxUxqKJ3hg0nCn7gPPcM";
/// Hashes and verifies passwords within bounds of memory and of those who wait.
pub(crate) struct PasswordHasher {
    permits: Semaphore,
    waiting: Semaphore,
}

impl PasswordHasher {
    pub(crate) fn new() -> Self {
        Self { permits: Semaphore::new(PERMITS), waiting: Semaphore::new(MOST_WAITING) }
    }

    async fn bounded<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _place = self.waiting.try_acquire().map_err(|_| Error::TooMany { minutes: 1 })?;
        let _permit = self.permits.acquire().await.map_err(|_| Error::Unavailable)?;
        tokio::task::spawn_blocking(work).await.map_err(|error| Error::Broken(error.to_string()))
    }

    /// The PHC string of a password.
    pub(crate) async fn hash(&self, password: &str, random: &Random) -> Result<String> {
        let (password, salt) = (password.to_owned(), random.bytes::<16>());
        self.bounded(move || {
            let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|error| Error::Broken(error.to_string()))
        })
        .await?
    }

    /// Whether a password is the one. Takes the same time without a hash.
    pub(crate) async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let known = hash.is_some();
        let (password, hash) = (password.to_owned(), hash.unwrap_or(NO_ACCOUNT).to_owned());
        let fits = self
            .bounded(move || {
                PasswordHash::new(&hash).is_ok_and(|parsed| {
                    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()
                })
            })
            .await?;
        Ok(fits && known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_hash_only() {
        let hasher = PasswordHasher::new();
        let hash = hasher.hash("correct horse", &Random::seeded(1)).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hasher.verify("correct horse", Some(&hash)).await.unwrap());
        assert!(!hasher.verify("correct horse ", Some(&hash)).await.unwrap());
        assert!(!hasher.verify("", None).await.unwrap());
        assert!(PasswordHash::new(NO_ACCOUNT).is_ok());
    }
}
