//! The actor of a request: the company behind its API key.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use engine::Engine;
use engine::identity::sessions::{ApiActor, MerchantActor, api_actor};

use super::problem::Problem;
use super::problem_code::Code;

/// The company that a request's key acts for.
pub struct Actor(pub ApiActor);

impl Actor {
    /// As the use cases want it.
    pub fn merchant(&self) -> &MerchantActor {
        self.0.merchant()
    }
}

impl FromRequestParts<Engine> for Actor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Problem> {
        // A layer in front may have looked the key up already.
        if let Some(known) = parts.extensions.get::<ApiActor>() {
            return Ok(Self(known.clone()));
        }
        let sent = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let key = sent.and_then(bearer).ok_or_else(|| Problem::new(Code::Unauthorized))?;
        let actor = api_actor(engine, key).await?.ok_or_else(|| Problem::new(Code::Unauthorized))?;
        parts.extensions.insert(actor.clone());
        Ok(Self(actor))
    }
}

/// The scheme's name is the same in upper and lower case (RFC 9110 §11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

#[cfg(test)]
mod tests {
    use super::bearer;

    #[test]
    fn only_a_bearer_key_is_read() {
        assert_eq!(bearer("Bearer hgk_1"), Some("hgk_1"));
        assert_eq!(bearer("bearer  hgk_1 "), Some("hgk_1"));
        assert_eq!(bearer("Basic aGdr"), None);
        assert_eq!(bearer("hgk_1"), None);
    }
}
