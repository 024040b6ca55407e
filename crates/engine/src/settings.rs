//! Values that the installation stores about itself.

use crate::engine::Engine;
use crate::error::Result;

/// A stored value.
///
/// Needs no actor: values of the installation, for commands.
pub async fn get(engine: &Engine, name: &str) -> Result<Option<String>> {
    Ok(store::settings::get(&mut engine.db().read().await?, name).await?)
}

/// Stores a value.
///
/// Needs no actor: values of the installation, for commands.
pub async fn put(engine: &Engine, name: &str, value: &str) -> Result<()> {
    Ok(store::settings::put(&mut engine.db().write().await?, name, value).await?)
}

/// The name of this installation at Stripe, by which it recognizes its own endpoints. It is
/// created when first needed.
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
