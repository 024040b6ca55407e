//! Passwords: argon2id off the async threads, a few at a time.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use domain::clock::Random;
use domain::fields::Problems;
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// Hashes at once. Each takes 19 MiB and some 30 ms, so a flood of sign-ins would be an
/// attack on memory.
const PERMITS: usize = 2;
/// Sign-ins that may wait for their turn; the next is told to come back.
const MOST_WAITING: usize = 64;
/// OWASP ASVS 5.0, 6.2.1 and 6.2.9.
const SHORTEST: usize = 8;
const LONGEST: usize = 256;
/// What is verified for an address without an account, so that both take as long.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlz$0yf6gI2EsIHqBDR5hHsJVcRtxUxqKJ3hg0nCn7gPPcM";
/// The most common passwords of at least eight characters, as of public breach lists.
const COMMON: [&str; 20] = [
    "password",
    "12345678",
    "123456789",
    "1234567890",
    "qwertyui",
    "qwerty123",
    "password1",
    "password123",
    "iloveyou",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "trustno1",
    "passw0rd",
    "11111111",
    "00000000",
    "abcd1234",
    "letmein1",
];

pub(crate) struct Hasher {
    permits: Semaphore,
    waiting: Semaphore,
}

impl Hasher {
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
        let (password, hash) = (password.to_owned(), hash.unwrap_or(NOBODY).to_owned());
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

/// Notes what is wrong with a new password. It is taken exactly as typed.
pub(crate) fn check(password: &str, own_words: &[&str], problems: &mut Problems) {
    let length = password.chars().count();
    let lower = password.to_lowercase();
    if !(SHORTEST..=LONGEST).contains(&length) {
        problems.add("password", format!("Use {SHORTEST} to {LONGEST} characters; 15 or more are better"));
    } else if COMMON.contains(&lower.as_str()) {
        problems.add("password", "This password is among the most common ones. Choose another");
    } else if own_words.iter().any(|word| word.len() > 3 && lower == word.to_lowercase()) {
        problems.add("password", "Choose a password that is not your name or address");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_hash_only() {
        let hasher = Hasher::new();
        let hash = hasher.hash("correct horse", &Random::seeded(1)).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hasher.verify("correct horse", Some(&hash)).await.unwrap());
        assert!(!hasher.verify("correct horse ", Some(&hash)).await.unwrap());
        assert!(!hasher.verify("", None).await.unwrap());
        assert!(PasswordHash::new(NOBODY).is_ok());
    }

    #[test]
    fn weak_passwords_are_named() {
        for weak in ["short", "Password1", "mira@example.com", &"x".repeat(300)] {
            let mut problems = Problems::new();
            check(weak, &["mira@example.com"], &mut problems);
            assert_eq!(problems.0.len(), 1, "{weak}");
        }
        let mut problems = Problems::new();
        check("a good long one", &[], &mut problems);
        assert!(problems.is_empty());
    }
}
