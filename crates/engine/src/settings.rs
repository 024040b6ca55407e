//! What the installation remembers about itself.

use crate::engine::Engine;
use crate::error::Result;

/// A remembered value.
pub async fn get(engine: &Engine, name: &str) -> Result<Option<String>> {
    Ok(store::settings::get(&mut engine.db().read().await?, name).await?)
}

/// Remembers a value.
pub async fn put(engine: &Engine, name: &str, value: &str) -> Result<()> {
    Ok(store::settings::put(&mut engine.db().write().await?, name, value).await?)
}

/// What this installation is called at Stripe: on the endpoints that are ours. Made when
/// it is first asked for.
pub(crate) async fn instance(engine: &Engine) -> Result<String> {
    const NAME: &str = "instance";
    if let Some(known) = get(engine, NAME).await? {
        return Ok(known);
    }
    let made = hex::encode(engine.random().bytes::<12>());
    let mut conn = engine.db().write().await?;
    store::settings::put_first(&mut conn, NAME, &made).await?;
    Ok(store::settings::get(&mut conn, NAME).await?.unwrap_or(made))
}
