//! The codes of two-step sign-in: those of an authenticator app (RFC 6238), and recovery codes
//! for who has lost the app. Each is accepted once.

use domain::audit::AuditAction;
use domain::clock::{HOUR_MS, MINUTE_MS, Random, Timestamp};
use domain::ids::AccountId;
use domain::mails::MailKind;
use store::accounts::Account;
use store::db::again;
use totp_rs::{Builder, Secret, Totp};

use super::audit;
use super::sessions::hash_of;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::mail::{self, Letter};

/// Codes of the app that are looked at within [`WINDOW_MS`] for one account, wherever they come
/// from. A guess is right three times in a million, so a year of guessing finds one with a
/// chance of two in five; long before, the mail about it was read.
const TRIES: i64 = 20;
const WINDOW_MS: i64 = HOUR_MS;
/// Bytes of an app's key: as many as its HMAC-SHA-1 gives (RFC 4226, 4).
const KEY_BYTES: usize = 20;
/// Bytes of chance in a recovery code: with 120 bits a plain hash is enough (OWASP ASVS 5.0, 6.5.2).
const RECOVERY_BYTES: usize = 15;
/// Recovery codes of an account.
pub const RECOVERY_CODES: usize = 10;
/// Crockford's base 32: without letters that look like digits.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const RECOVERY_LETTERS: usize = 24;

/// What someone typed where a code is asked for.
enum Typed {
    App(String),
    /// The hash of a recovery code.
    Recovery(String),
}

impl Typed {
    fn read(text: &str) -> Option<Self> {
        let letters: String =
            text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(unmistakable).collect();
        match letters.len() {
            6 if letters.bytes().all(|b| b.is_ascii_digit()) => Some(Self::App(letters)),
            RECOVERY_LETTERS => Some(Self::Recovery(hash_of(&letters))),
            _ => None,
        }
    }
}

/// A letter as it is meant: people read and type some for others.
fn unmistakable(letter: char) -> char {
    match letter.to_ascii_lowercase() {
        'i' | 'l' => '1',
        'o' => '0',
        letter => letter,
    }
}

/// New recovery codes, as they are shown, and their hashes.
pub(super) fn new_recovery_codes(random: &Random) -> (Vec<String>, Vec<String>) {
    let codes = (0..RECOVERY_CODES).map(|_| {
        let bits =
            random.bytes::<RECOVERY_BYTES>().iter().fold(0_u128, |all, byte| all << 8 | u128::from(*byte));
        let letter = |at: usize| char::from(ALPHABET[(bits >> (5 * at) & 31) as usize]);
        (0..RECOVERY_LETTERS).map(letter).collect::<String>()
    });
    let in_groups =
        |code: &String| code.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-");
    codes.map(|code| (in_groups(&code), hash_of(&code))).unzip()
}

/// Names the place of a sealed key, so that it opens nowhere else.
fn place(account: &AccountId) -> String {
    format!("authenticators.secret.{account}")
}

/// A new key for an app, sealed.
pub(super) fn new_key(engine: &Engine, account: &AccountId) -> String {
    let key = Secret::new_stack(engine.random().bytes::<KEY_BYTES>()).to_base32();
    engine.key().seal(&key, &place(account), engine.random())
}

/// The codes of a sealed key: six digits every 30 seconds by HMAC-SHA-1, which every app can do,
/// and one step of a clock that is wrong, each way.
pub(super) fn app_of(engine: &Engine, account: &Account, sealed: &str) -> Result<Totp> {
    let broken = |error: &dyn std::fmt::Display| Error::Broken(format!("a key of two-step sign-in: {error}"));
    let key = engine.key().open(sealed, &place(&account.id)).map_err(|error| broken(&error))?;
    let key = Secret::try_from_base32(key).map_err(|error| broken(&error))?;
    let builder = Builder::new().with_secret(key).with_skew(1).with_issuer(Some("Honeyguide"));
    // A colon would end the name in the address that the app reads.
    builder.with_account_name(account.email.as_str().replace(':', "")).build().map_err(|error| broken(&error))
}

/// The half minute whose code was typed, if it is about this one.
pub(super) fn step_of(app: &Totp, typed: &str, now: Timestamp) -> Option<i64> {
    let Some(Typed::App(digits)) = Typed::read(typed) else { return None };
    let now = u64::try_from(now.seconds()).unwrap_or(0);
    app.check(&digits, now).and_then(|step| i64::try_from(step).ok())
}

/// Whether a code is one of the account's, and uses it up. Without two-step sign-in none is.
///
/// # Errors
/// [`Error::TooMany`] after too many codes of the app; a recovery code still works then.
pub(super) async fn accept(engine: &Engine, account: &Account, typed: &str) -> Result<bool> {
    match Typed::read(typed) {
        Some(Typed::App(_)) => accept_of_app(engine, account, typed).await,
        Some(Typed::Recovery(hash)) => accept_recovery(engine, account, &hash).await,
        None => Ok(false),
    }
}

fn tries_of(engine: &Engine, account: &AccountId) -> String {
    engine.key().fingerprint(&format!("codes of {account}"))
}

async fn accept_of_app(engine: &Engine, account: &Account, typed: &str) -> Result<bool> {
    let mut conn = engine.db().read().await?;
    let found = store::two_step::get(&mut conn, &account.id).await?;
    drop(conn);
    let Some(found) = found.filter(|found| found.confirmed_at.is_some()) else { return Ok(false) };
    count(engine, account).await?;
    let app = app_of(engine, account, &found.sealed)?;
    let Some(step) = step_of(&app, typed, engine.now()) else { return Ok(false) };
    let mut conn = engine.db().write().await?;
    if !store::two_step::use_step(&mut conn, &account.id, step).await? {
        return Ok(false);
    }
    store::sessions::forget_attempts(&mut conn, &tries_of(engine, &account.id)).await?;
    Ok(true)
}

/// Counts a code of the app, and tells the person when there were too many: whoever types them
/// knows the password.
async fn count(engine: &Engine, account: &Account) -> Result<()> {
    const SUBJECT: &str = "Many wrong codes at your Honeyguide account";
    let tries = again(|| async {
        let mut tx = engine.db().begin().await?;
        let subject = tries_of(engine, &account.id);
        let tries = store::sessions::count_attempt(&mut tx, &subject, WINDOW_MS, engine.now()).await?;
        if tries == TRIES + 1 {
            let letter = Letter::new(MailKind::Account, SUBJECT)
                .text(format!(
                    "Someone entered {TRIES} wrong codes for your account at {}. They know your password or use a \
                     browser where you are signed in. Codes are refused for up to an hour; your recovery codes work.",
                    engine.base_url()
                ))
                .text("If this wasn’t you, choose another password now.")
                .link("Choose another password", engine.url(engine.pages().forgot_password));
            mail::put(engine, &mut tx, &account.email, &letter).await?;
        }
        tx.commit().await?;
        Ok::<_, Error>(tries)
    })
    .await?;
    if tries > TRIES { Err(Error::TooMany { minutes: WINDOW_MS / MINUTE_MS }) } else { Ok(()) }
}

async fn accept_recovery(engine: &Engine, account: &Account, hash: &str) -> Result<bool> {
    const SUBJECT: &str = "A recovery code of your Honeyguide account was used";
    again(|| async {
        let mut tx = engine.db().begin().await?;
        if !store::two_step::use_code(&mut tx, &account.id, hash).await? {
            return Ok(false);
        }
        let left = store::two_step::codes_left(&mut tx, &account.id).await?;
        let line = audit::line(account.id.as_str(), AuditAction::RecoveryCodeUsed { left });
        audit::put(engine, &mut tx, line.by(&account.id)).await?;
        let letter = Letter::new(MailKind::Account, SUBJECT)
            .text(format!(
                "A recovery code was used instead of a code of your authenticator app, at {}. {left} are left.",
                engine.base_url()
            ))
            .link("Make new recovery codes", engine.url(engine.pages().two_step))
            .text("If this wasn’t you, choose another password now.")
            .link("Choose another password", engine.url(engine.pages().forgot_password));
        mail::put(engine, &mut tx, &account.email, &letter).await?;
        tx.commit().await?;
        Ok(true)
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn recovery_codes_are_read_as_they_are_shown_or_mistyped() {
        let (codes, hashes) = new_recovery_codes(&Random::seeded(7));
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), RECOVERY_CODES);
        for (code, hash) in codes.iter().zip(&hashes) {
            assert_eq!(code.len(), RECOVERY_LETTERS + 5);
            for typed in [code.clone(), code.to_uppercase(), code.replace('-', " "), code.replace('0', "O")] {
                let Some(Typed::Recovery(read)) = Typed::read(&typed) else { panic!("{typed}") };
                assert_eq!(read, *hash);
            }
        }
    }

    #[test]
    fn the_codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, in six digits.
        let app = Builder::new().with_secret(*b"12345678901234567890").with_skew(1).build().unwrap();
        for (seconds, code) in
            [(1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            let at = Timestamp::from_seconds(seconds);
            assert_eq!(step_of(&app, code, at), Some(seconds / 30));
            assert_eq!(step_of(&app, code, at.plus_ms(30_000)), Some(seconds / 30), "one step late");
            assert_eq!(step_of(&app, code, at.plus_ms(-30_000)), Some(seconds / 30), "one step early");
            assert_eq!(step_of(&app, code, at.plus_ms(60_000)), None);
            assert_eq!(step_of(&app, code, at.plus_ms(-60_000)), None);
        }
        assert_eq!(step_of(&app, "287 082", Timestamp::from_seconds(59)), Some(1));
        assert_eq!(step_of(&app, "28708", Timestamp::from_seconds(59)), None);
    }
}
