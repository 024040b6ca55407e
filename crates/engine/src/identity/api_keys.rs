//! Keys of the REST API: created, listed, revoked; and responses stored for repeated
//! requests.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::audit::AuditAction;
use domain::emails::Email;
use domain::ids::{ApiKeyId, ProgramId};
pub use store::api_keys::{ApiKey, StoredResponse};
use store::db::again;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::sessions::{self, ApiActor, MerchantActor, hash_of};
use crate::identity::{audit, scope};

/// Creates a key and returns its text, which is shown once and not stored.
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
    let line = audit::line(key.id.as_str(), AuditAction::ApiKeyCreated { last_four: key.last_four.clone() });
    audit::put(engine, &mut tx, line.by_actor(actor)).await?;
    tx.commit().await?;
    Ok((key, text))
}

/// Creates a key for the owner with an email address.
///
/// Needs no actor: it is for the command line; the owner of the address is the actor.
pub async fn create_for(engine: &Engine, email: &str, program: Option<&ProgramId>) -> Result<String> {
    let email: Email = email
        .parse()
        .map_err(|error: domain::emails::NotAnEmail| Error::field("email", error.to_string()))?;
    let merchant = sessions::member(engine, &email).await?.ok_or(Error::NotFound)?;
    create(engine, &merchant, program).await.map(|(_, text)| text)
}

/// A company's keys, newest first.
pub async fn list(engine: &Engine, actor: &MerchantActor) -> Result<Vec<ApiKey>> {
    Ok(store::api_keys::list(&mut engine.db().read().await?, actor.merchant_id()).await?)
}

/// Revokes a key.
pub async fn revoke(engine: &Engine, actor: &MerchantActor, id: &ApiKeyId) -> Result<()> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        if !store::api_keys::revoke(&mut tx, actor.merchant_id(), id, engine.now()).await? {
            return Err(Error::NotFound);
        }
        let line = audit::line(id.as_str(), AuditAction::ApiKeyRevoked);
        audit::put(engine, &mut tx, line.by_actor(actor)).await?;
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// Reserves an idempotency key for a request: `None` when the request is new and is to be
/// run now.
pub async fn begin_request(
    engine: &Engine,
    actor: &ApiActor,
    key: &str,
    request_hash: &str,
) -> Result<Option<StoredResponse>> {
    let mut conn = engine.db().write().await?;
    Ok(store::api_keys::begin_request(&mut conn, actor.key_id(), key, request_hash, engine.now()).await?)
}

/// Stores the response to a request under its idempotency key, or frees the key.
pub async fn store_response(
    engine: &Engine,
    actor: &ApiActor,
    key: &str,
    response: Option<(i64, &str)>,
) -> Result<()> {
    let mut conn = engine.db().write().await?;
    Ok(store::api_keys::store_response(&mut conn, actor.key_id(), key, response).await?)
}

/// Deletes what is no longer needed for repeated requests: responses after a day, and keys
/// whose request was cut off with its process.
///
/// Needs no actor: it is part of the maintenance of the installation.
pub async fn sweep(engine: &Engine) -> Result<u64> {
    const UNANSWERED_MS: i64 = 10 * domain::clock::MINUTE_MS;
    let now = engine.now();
    let mut conn = engine.db().write().await?;
    Ok(store::api_keys::delete_responses(&mut conn, now.plus_days(-1), now.plus_ms(-UNANSWERED_MS)).await?)
}
