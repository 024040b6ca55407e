//! The pages for errors: not found, forbidden, and failures.

use engine::Error;
use http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::components::{CenteredShell, TestNote};
use crate::layout::document::plain_document;
use crate::layout::title;
use crate::request::site::Site;
use crate::request::theme::Theme;

/// Why a page is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageError {
    /// Missing, or not visible to this person.
    NotFound,
    /// Visible, but not to be changed by this person; why.
    Forbidden(String),
    /// A form came from another site, or from a page that was open for very long.
    ForeignForm,
    /// What was sent could not be read.
    Unreadable,
    /// The body is larger than the limit.
    TooLarge,
    /// Too many attempts; how many minutes to wait.
    TooMany(i64),
    /// Not available for the moment.
    Unavailable,
    /// Stripe refused the request or did not answer; a sentence.
    Stripe(String),
    /// An internal error; the id of the request in the log, if it has one.
    Broken(Option<String>),
}

impl PageError {
    /// What an error of the engine means for a page. Internal errors are logged.
    pub fn of(error: Error) -> Self {
        match error {
            Error::NotFound => Self::NotFound,
            Error::Forbidden(why) => Self::Forbidden(why.to_owned()),
            Error::TooMany { minutes } => Self::TooMany(minutes),
            // A conflict that did not end with the retries: the database is locked.
            Error::Unavailable | Error::Conflict(_) => Self::Unavailable,
            Error::Invalid(_) => Self::Unreadable,
            Error::Stripe(sentence) => Self::Stripe(sentence),
            error @ Error::Broken(_) => {
                tracing::error!(%error, "a page failed");
                Self::Broken(None)
            }
        }
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden(_) | Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Stripe(_) => StatusCode::BAD_GATEWAY,
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::NotFound => "Page not found",
            Self::Forbidden(_) => "You can’t change this",
            Self::ForeignForm => "This form came from another site",
            Self::Unreadable => "The request could not be read",
            Self::TooLarge => "The request is too large",
            Self::TooMany(_) => "Too many attempts",
            Self::Unavailable => "Temporarily unavailable",
            Self::Stripe(_) => "Stripe did not complete the request",
            Self::Broken(_) => "Something went wrong",
        }
    }

    fn text(&self) -> String {
        match self {
            Self::NotFound => {
                "Check the address. The page may be gone, or your account may not have access to it."
                    .to_owned()
            }
            Self::Forbidden(why) => why.clone(),
            Self::ForeignForm => {
                "For your safety, nothing was changed. Go back, reload the page, then try again.".to_owned()
            }
            Self::Unreadable => "Nothing was changed. Go back, reload the page, then try again.".to_owned(),
            Self::TooLarge => "Nothing was changed. Shorten what you entered, then try again.".to_owned(),
            Self::TooMany(minutes) => format!("Wait {minutes} minutes, then try again."),
            Self::Unavailable => {
                "Honeyguide cannot reach its database. Nothing is lost; try again in a moment.".to_owned()
            }
            Self::Stripe(sentence) => sentence.clone(),
            Self::Broken(None) => "Nothing was changed. Try again in a moment.".to_owned(),
            Self::Broken(Some(request)) => {
                format!("Nothing was changed. Look up {request} in the log for details.")
            }
        }
    }
}

/// The page that is shown instead; sets the status.
#[component]
pub fn ErrorPage(
    /// Why.
    error: PageError,
) -> impl IntoView {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(error.status());
    }
    title(error.title(), false);
    view! { <ErrorCard error/> }
}

#[component]
fn ErrorCard(error: PageError) -> impl IntoView {
    view! {
        <CenteredShell test_bar=TestNote::of(&Site::current(), false)>
            <h1>{error.title()}</h1>
            <div class="stack">
                <p class="muted">{error.text()}</p>
                <p><a class="button primary" href="/">"Go to the start page"</a></p>
            </div>
        </CenteredShell>
    }
}

/// The whole document of an error, for answers outside the routed pages.
pub fn error_html(error: PageError, theme: Theme, site: Site) -> String {
    Owner::new().with(|| {
        provide_context(site);
        let heading = error.title();
        plain_document(heading, theme, view! { <ErrorCard error/> }).into_any().to_html()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_a_complete_and_escaped_document() {
        let error = PageError::Forbidden("</title><script>alert(1)</script>".to_owned());
        let html = error_html(error, Theme::Dark, Site::default());
        let page = scraper::Html::parse_document(&html);
        let select = |what| scraper::Selector::parse(what).unwrap();
        assert_eq!(page.select(&select("h1")).count(), 1);
        assert_eq!(page.select(&select("script:not([src])")).count(), 0);
        assert!(html.contains("data-theme=\"dark\""));
    }
}
