//! A program's connection to Stripe. The manual mode: the merchant makes the endpoint in
//! Stripe's dashboard and pastes its signing secret here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connect::stripe::read::{BASELINE_TYPES, EVENT_TYPES};
use domain::clock::{DAY_MS, Timestamp};
use domain::ids::{ConnectionId, ProgramId, SecretId};
pub use store::connections::Connection;
use store::connections::Secret;
use store::db::{Tx, again};

use crate::audit;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::scope;
use crate::sessions::MerchantActor;

/// How long an old secret stays good beside a new one: as long as Stripe signs with both.
const ROTATION_MS: i64 = DAY_MS;

/// A signing secret, as far as it is shown.
#[derive(Debug, Clone)]
pub struct SecretSeen {
    /// What it ends in.
    pub last_four: String,
    /// Since when it is good.
    pub valid_from: Timestamp,
    /// Until when, if a newer one has come.
    pub valid_until: Option<Timestamp>,
}

/// How a connection stands.
#[derive(Debug, Clone)]
pub struct Status {
    /// The connection, if there ever was one.
    pub connection: Option<Connection>,
    /// Where Stripe shall send events. Kept for a program from its first look on, so
    /// that the endpoint can be made before the secret is known.
    pub webhook_url: String,
    /// The secrets that are good now, newest first.
    pub secrets: Vec<SecretSeen>,
    /// Events that wait, and since when the oldest does.
    pub waiting: (i64, Option<Timestamp>),
    /// Events of the last 24 hours by state.
    pub last_day: Vec<(String, i64)>,
}

impl Status {
    /// Whether events are taken in.
    pub fn is_connected(&self) -> bool {
        self.connection.as_ref().is_some_and(|c| c.state == "connected")
    }
}

/// The types of events to tick in Stripe: first the core, then the rest.
pub fn event_types() -> (&'static [&'static str], Vec<&'static str>) {
    let rest =
        EVENT_TYPES.iter().filter(|kind| !BASELINE_TYPES.contains(kind) && !kind.starts_with("account."));
    (&BASELINE_TYPES, rest.copied().collect())
}

fn webhook_url(engine: &Engine, token: &str) -> String {
    format!("{}/webhooks/stripe/{token}", engine.base_url())
}

pub(crate) fn secret_place(id: &SecretId) -> String {
    format!("connection_secrets.sealed.{id}")
}

/// The endpoint's token of a program without a connection: made from the program and the
/// installation's key, so that the page can show the URL before anything is saved.
fn first_token(engine: &Engine, program: &ProgramId) -> String {
    engine.0.key.fingerprint(&format!("endpoint {program}"))[..32].to_owned()
}

/// How a program's connection stands.
pub async fn status(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<Status> {
    let mut conn = engine.0.db.read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let now = engine.now();
    let Some(connection) = store::connections::of_program(&mut conn, &program.id).await? else {
        return Ok(Status {
            connection: None,
            webhook_url: webhook_url(engine, &first_token(engine, &program.id)),
            secrets: Vec::new(),
            waiting: (0, None),
            last_day: Vec::new(),
        });
    };
    let secrets = store::connections::secrets(&mut conn, &connection.id, now).await?;
    Ok(Status {
        webhook_url: webhook_url(engine, &connection.endpoint_token),
        secrets: secrets
            .into_iter()
            .map(|s| SecretSeen {
                last_four: s.last_four,
                valid_from: s.valid_from,
                valid_until: s.valid_until,
            })
            .collect(),
        waiting: store::inbox::backlog(&mut conn, &connection.id).await?,
        last_day: store::inbox::counts(&mut conn, &connection.id, now.plus_days(-1)).await?,
        connection: Some(connection),
    })
}

/// Reads a pasted signing secret.
fn parse_secret(text: &str) -> Result<String> {
    let trimmed = text.trim();
    let plausible = trimmed
        .strip_prefix("whsec_")
        .is_some_and(|rest| (1..=250).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_graphic()));
    if trimmed.starts_with("sk_") || trimmed.starts_with("rk_") {
        return Err(Error::field(
            "webhook_secret",
            "This is an API key. Paste the endpoint’s signing secret; it begins with whsec_",
        ));
    }
    if !plausible {
        return Err(Error::field(
            "webhook_secret",
            "Paste the endpoint’s signing secret; it begins with whsec_",
        ));
    }
    Ok(trimmed.to_owned())
}

/// Connects a program by an endpoint that the merchant has made, or adds a rolled secret:
/// the old one stays good for 24 hours. The same secret again changes nothing.
pub async fn connect_manually(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    webhook_secret: &str,
) -> Result<Status> {
    actor.may_write()?;
    let secret = parse_secret(webhook_secret)?;
    again(|| async {
        let now = engine.now();
        let mut tx = engine.0.db.begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let existing = store::connections::of_program(&mut tx, &program.id).await?;
        let connection_id = match &existing {
            Some(connection) => {
                if connection.state != "connected" {
                    store::connections::reconnect(&mut tx, &connection.id).await?;
                }
                connection.id.clone()
            }
            None => put_connection(engine, &mut tx, actor, &program.id, now).await?,
        };
        if !knows(engine, &mut tx, &connection_id, &secret, now).await? {
            store::connections::expire_secrets(&mut tx, &connection_id, now.plus_ms(ROTATION_MS)).await?;
            put_secret(engine, &mut tx, &connection_id, &secret, now).await?;
            let line = audit::line(
                "stripe.connected",
                program.id.as_str(),
                format!("A signing secret ending in {} was added.", last_four(&secret)),
            );
            audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        }
        tx.commit().await?;
        engine.0.endpoints.clear();
        Ok::<(), Error>(())
    })
    .await?;
    status(engine, actor, program).await
}

async fn put_connection(
    engine: &Engine,
    tx: &mut Tx,
    actor: &MerchantActor,
    program: &ProgramId,
    now: Timestamp,
) -> Result<ConnectionId> {
    let mut token = first_token(engine, program);
    if store::connections::by_token(tx, &token).await?.is_some() {
        token = URL_SAFE_NO_PAD.encode(engine.0.random.bytes::<24>());
    }
    let connection = Connection {
        id: ConnectionId::new(now, &engine.0.random),
        program_id: program.clone(),
        mode: "manual".to_owned(),
        state: "connected".to_owned(),
        endpoint_token: token,
        stripe_account: None,
        livemode: None,
        created_at: now,
        last_event_at: None,
        failures: 0,
        last_failure_at: None,
        last_failure_code: None,
    };
    store::connections::put(tx, &connection, Some(actor.account_id())).await?;
    Ok(connection.id)
}

fn last_four(secret: &str) -> String {
    let characters: Vec<char> = secret.chars().collect();
    characters[characters.len().saturating_sub(4)..].iter().collect()
}

async fn put_secret(
    engine: &Engine,
    tx: &mut Tx,
    connection: &ConnectionId,
    secret: &str,
    now: Timestamp,
) -> Result<()> {
    let id = SecretId::new(now, &engine.0.random);
    let sealed = engine.0.key.seal(secret, &secret_place(&id), &engine.0.random);
    let new = Secret { id, sealed, last_four: last_four(secret), valid_from: now, valid_until: None };
    Ok(store::connections::put_secret(tx, connection, &new).await?)
}

async fn knows(
    engine: &Engine,
    tx: &mut Tx,
    connection: &ConnectionId,
    secret: &str,
    now: Timestamp,
) -> Result<bool> {
    let secrets = store::connections::secrets(tx, connection, now).await?;
    let current = secrets.iter().filter(|stored| stored.valid_until.is_none());
    Ok(current
        .filter_map(|stored| engine.0.key.open(&stored.sealed, &secret_place(&stored.id)).ok())
        .any(|s| s == secret))
}

/// Ends a connection: the secrets are forgotten, the history stays.
pub async fn disconnect(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<()> {
    actor.may_write()?;
    again(|| async {
        let now = engine.now();
        let mut tx = engine.0.db.begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let connection = store::connections::of_program(&mut tx, &program.id)
            .await?
            .filter(|connection| connection.state == "connected")
            .ok_or(Error::NotFound)?;
        store::connections::disconnect(&mut tx, &connection.id, now).await?;
        let line = audit::line(
            "stripe.disconnected",
            program.id.as_str(),
            "The connection was ended and its secrets forgotten.",
        );
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        engine.0.endpoints.clear();
        Ok(())
    })
    .await
}
