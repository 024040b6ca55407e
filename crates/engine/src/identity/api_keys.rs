//! Keys of the REST API: made, listed, ended, and answers kept for repeated requests.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::emails::Email;
use domain::ids::{ApiKeyId, ProgramId};
pub use store::api_keys::{Answer, ApiKey};
use store::db::again;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::{ApiActor, MerchantActor, hash_of};

/// Makes a key and answers its text, which is shown once and not kept.
pub async fn create(
    engine: &Engine,
    actor: &MerchantActor,
    program: Option<&ProgramId>,
) -> Result<(ApiKey, String)> {
    actor.may_write()?;
    let text = format!("hgk_{}", URL_SAFE_NO_PAD.encode(engine.random().bytes::<32>()));
    let now = engine.now();
    let mut tx = engine.db().begin().await?;
    if let Some(program) = program {
        scope::program(&mut tx, actor, program).await?;
    }
    let key = ApiKey {
        id: ApiKeyId::new(now, engine.random()),
        merchant_id: actor.merchant_id().clone(),
        account_id: actor.account_id().clone(),
        program_id: program.cloned(),
        last_four: text[text.len() - 4..].to_owned(),
        created_at: now,
        last_used_at: None,
    };
    store::api_keys::put(&mut tx, &key, &hash_of(&text)).await?;
    let line = audit::line(
        "api_key.created",
        key.id.as_str(),
        format!("A key ending in {} was made.", key.last_four),
    );
    audit::put(engine, &mut tx, line.by_actor(actor)).await?;
    tx.commit().await?;
    Ok((key, text))
}

/// Makes a key for the owner with an address: for the command line, where whoever can
/// open the database may do so.
pub async fn create_for(engine: &Engine, email: &str, program: Option<&ProgramId>) -> Result<String> {
    let email: Email = email
        .parse()
        .map_err(|error: domain::emails::NotAnEmail| Error::field("email", error.to_string()))?;
    let account =
        store::accounts::by_email(&mut engine.db().read().await?, &email).await?.ok_or(Error::NotFound)?;
    let person = crate::identity::sessions::person(engine, &account.id).await?.ok_or(Error::NotFound)?;
    let merchant = person.merchant.ok_or(Error::Forbidden("This account belongs to no company."))?;
    create(engine, &merchant, program).await.map(|(_, text)| text)
}

/// A company's keys, newest first.
pub async fn list(engine: &Engine, actor: &MerchantActor) -> Result<Vec<ApiKey>> {
    Ok(store::api_keys::list(&mut engine.db().read().await?, actor.merchant_id()).await?)
}

/// Ends a key.
pub async fn revoke(engine: &Engine, actor: &MerchantActor, id: &ApiKeyId) -> Result<()> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        if !store::api_keys::revoke(&mut tx, actor.merchant_id(), id, engine.now()).await? {
            return Err(Error::NotFound);
        }
        let line = audit::line("api_key.revoked", id.as_str(), "The key was ended.");
        audit::put(engine, &mut tx, line.by_actor(actor)).await?;
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// Claims an idempotency key: `None` when the request is new and to be done now.
pub async fn claim(
    engine: &Engine,
    actor: &ApiActor,
    key: &str,
    request_hash: &str,
) -> Result<Option<Answer>> {
    let mut conn = engine.db().write().await?;
    Ok(store::api_keys::claim_idempotency(&mut conn, actor.key_id(), key, request_hash, engine.now()).await?)
}

/// Keeps the answer of a request under its idempotency key, or frees the key.
pub async fn store_response(
    engine: &Engine,
    actor: &ApiActor,
    key: &str,
    answer: Option<(i64, &str)>,
) -> Result<()> {
    let mut conn = engine.db().write().await?;
    Ok(store::api_keys::store_response(&mut conn, actor.key_id(), key, answer).await?)
}

/// Forgets what is no longer needed of repeated requests: answers after a day, and claims
/// of requests that a killed process left behind.
pub async fn sweep(engine: &Engine) -> Result<u64> {
    const CLAIM_MS: i64 = 10 * domain::clock::MINUTE_MS;
    let now = engine.now();
    let mut conn = engine.db().write().await?;
    Ok(store::api_keys::forget_idempotency(&mut conn, now.plus_days(-1), now.plus_ms(-CLAIM_MS)).await?)
}
