//! The secrets in the addresses of invitations. As for links that work once, a token is the row's id
//! and an HMAC of it, so that no table has one, and a mail that is sent again has the same one.

use domain::ids::{Id, Noun};

use crate::engine::Engine;

fn signed<T: Noun>(id: &Id<T>) -> String {
    format!("invitation {id}")
}

/// The token of an invitation or an invitation link.
pub(super) fn token<T: Noun>(engine: &Engine, id: &Id<T>) -> String {
    format!("{id}-{}", engine.key().fingerprint(&signed(id)))
}

/// The id in a token that we made; `None` for any other text, and for the token of another type.
pub(super) fn id_of<T: Noun>(engine: &Engine, token: &str) -> Option<Id<T>> {
    let (id, mac) = token.split_once('-')?;
    let id = id.parse::<Id<T>>().ok()?;
    engine.key().has_fingerprint(&signed(&id), mac).then_some(id)
}
