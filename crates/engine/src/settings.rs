//! What the installation remembers about itself.

use crate::engine::Engine;
use crate::error::Result;

/// A remembered value.
pub async fn get(engine: &Engine, name: &str) -> Result<Option<String>> {
    Ok(store::settings::get(&mut engine.0.db.read().await?, name).await?)
}

/// Remembers a value.
pub async fn put(engine: &Engine, name: &str, value: &str) -> Result<()> {
    Ok(store::settings::put(&mut engine.0.db.write().await?, name, value).await?)
}
