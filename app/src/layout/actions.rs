//! Server functions of the account menu: theme and signing out.

use http::HeaderValue;
use http::header::SET_COOKIE;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_axum::ResponseOptions;

use crate::forms::submission::{Redirect, Submission, finish};
use crate::request::access::{account, engine, forget};
use crate::request::theme::{THEME_COOKIE, Theme};
use crate::routes;

/// Chooses a theme for this browser.
#[server(prefix = "/do", endpoint = "session/theme")]
pub async fn set_theme(
    /// `system`, `light` or `dark`.
    #[server(default)]
    theme: String,
    /// The page to come back to.
    #[server(default)]
    back: String,
) -> Result<(), ServerFnError> {
    const A_YEAR: u32 = 365 * 24 * 60 * 60;
    finish(Submission::new(SetTheme::PATH, routes::START), async {
        let (name, age) = match Theme::from_name(&theme) {
            Theme::System => ("", 0),
            chosen => (chosen.name(), A_YEAR),
        };
        let cookie = format!("{THEME_COOKIE}={name}; Path=/; SameSite=Lax; Max-Age={age}");
        if let (Ok(cookie), Some(response)) =
            (HeaderValue::from_str(&cookie), use_context::<ResponseOptions>())
        {
            response.append_header(SET_COOKIE, cookie);
        }
        Ok(Redirect::to(back))
    })
    .await
}

/// Signs out on this browser.
#[server(prefix = "/do", endpoint = "session/end")]
pub async fn end_session() -> Result<(), ServerFnError> {
    finish(Submission::new(EndSession::PATH, routes::SIGN_IN), async {
        forget().await?;
        Ok(Redirect::to(routes::SIGN_IN))
    })
    .await
}

/// Signs out on every browser.
#[server(prefix = "/do", endpoint = "session/end-all")]
pub async fn end_all_sessions() -> Result<(), ServerFnError> {
    finish(Submission::new(EndAllSessions::PATH, routes::SIGN_IN), async {
        engine::identity::sessions::sign_out_everywhere(&engine(), &account().await?).await?;
        forget().await?;
        Ok(Redirect::to(routes::SIGN_IN))
    })
    .await
}
