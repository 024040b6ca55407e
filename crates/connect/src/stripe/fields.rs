//! How fields of Stripe's answers are read, whatever the version: an absent list is an
//! empty one, and an id may be the object itself.

use serde::{Deserialize, Deserializer};

/// A list as Stripe answers with.
#[derive(Deserialize)]
pub(super) struct List<T> {
    pub data: Vec<T>,
    #[serde(default)]
    pub has_more: bool,
}

/// An id, or the object of it.
pub(super) fn id<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Id(String),
        Object { id: String },
    }
    Ok(Option::<Either>::deserialize(from)?.map(|either| match either {
        Either::Id(id) | Either::Object { id } => id,
    }))
}

/// `null` as the default.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    from: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}
