//! OAuth as Stripe does it.

mod error;
mod exchange;
mod http;

pub(crate) use error::OauthError;
pub(crate) use http::{deauthorize, token};

use crate::connections::Application;

/// The scope that an authorize request means, or Stripe's name of what is wrong with it.
pub(crate) fn scope_for(application: &Application, asked: Option<&str>) -> Result<String, OauthError> {
    if application.platform.is_app {
        return Ok("stripe_apps".to_owned());
    }
    match asked.unwrap_or("read_only") {
        "read_write" => Ok("read_write".to_owned()),
        "read_only" if application.platform.may_read_only => Ok("read_only".to_owned()),
        "read_only" => Err(OauthError::new(
            "invalid_scope",
            "The scope read_only is available to extensions only. Use read_write, or build a Stripe App.",
        )),
        other => Err(OauthError::new("invalid_scope", format!("Invalid scope provided: {other}"))),
    }
}
