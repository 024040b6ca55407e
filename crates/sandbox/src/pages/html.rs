//! Small pieces of HTML. Every text from outside goes through [`escape`].

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use domain::connections::StripeMode;

use crate::form::Params;
use crate::version::ApiVersion;

/// Text as HTML content or attribute value.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A whole page of the sandbox; `body` is HTML.
pub(super) fn page(title: &str, body: &str) -> String {
    document(
        title,
        "",
        &format!(
            r#"<header class="bar"><a class="brand" href="/">Sandbox Stripe</a><span class="muted">A stand-in. No real money moves here.</span></header><main class="page">{body}</main>"#
        ),
    )
}

/// A document; `head` and `body` are HTML.
pub(super) fn document(title: &str, head: &str, body: &str) -> String {
    format!(
        r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="same-origin"><title>{}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/sandbox.css">{head}</head><body>{body}</body></html>"#,
        escape(title)
    )
}

/// A short page that says one thing.
pub(super) fn notice(status: StatusCode, title: &str, text: &str) -> Response {
    let body = format!(
        r#"<section class="card narrow"><h1>{}</h1><p>{}</p><p><a href="/">To the sandbox's dashboard</a></p></section>"#,
        escape(title),
        escape(text)
    );
    (status, Html(page(title, &body))).into_response()
}

/// The answer to an address that does not exist.
pub(super) async fn not_found() -> Response {
    notice(StatusCode::NOT_FOUND, "Not found", "There is no such page in the sandbox.")
}

/// The mode of an account, as addresses and people name it.
pub(super) fn mode_word(livemode: bool) -> &'static str {
    if livemode { StripeMode::Live.word() } else { StripeMode::Test.word() }
}

/// Whether a mode in an address is live; any other word is test mode.
pub(super) fn is_live(mode: &str) -> bool {
    StripeMode::from_word(mode).is_some_and(StripeMode::is_live)
}

/// The options of a version list, newest first.
pub(super) fn version_options(chosen: Option<ApiVersion>) -> String {
    ApiVersion::all()
        .rev()
        .map(|version| {
            let selected = if chosen == Some(version) { " selected" } else { "" };
            format!("<option{selected}>{version}</option>")
        })
        .collect()
}

/// The stylesheet.
pub(super) async fn style() -> Response {
    ([("content-type", "text/css; charset=utf-8")], include_str!("../sandbox.css")).into_response()
}

/// What was typed and what is wrong with it, by field.
#[derive(Default)]
pub(super) struct Typed {
    pub params: Params,
    pub problems: Vec<(&'static str, String)>,
}

impl Typed {
    pub(super) fn text(&self, field: &str) -> &str {
        self.params.text(field).unwrap_or_default().trim()
    }

    pub(super) fn blame(&mut self, field: &'static str, problem: impl Into<String>) {
        self.problems.push((field, problem.into()));
    }

    pub(super) fn problem(&self, field: &str) -> Option<&str> {
        self.problems.iter().find(|(name, _)| *name == field).map(|(_, problem)| problem.as_str())
    }
}

/// A labeled text field with its problem beside it; `attributes` is HTML.
pub(super) fn field(typed: &Typed, name: &str, label: &str, value: &str, attributes: &str) -> String {
    let (invalid, message) = typed.problem(name).map_or_else(
        || (String::new(), String::new()),
        |problem| {
            (
                format!(r#" aria-invalid="true" aria-describedby="{name}-problem""#),
                format!(r#"<p class="problem" id="{name}-problem">{}</p>"#, escape(problem)),
            )
        },
    );
    format!(
        r#"<div class="field"><label for="{name}">{}</label><input id="{name}" name="{name}" value="{}" {attributes}{invalid}>{message}</div>"#,
        escape(label),
        escape(value)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped() {
        assert_eq!(escape(r#"<a href="x">'&"#), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
    }

    #[test]
    fn a_problem_is_beside_its_field_and_the_value_is_kept() {
        let mut typed = Typed::default();
        typed.blame("email", "An email address has an @.");
        let html = field(&typed, "email", "Email", "a\"b", "");
        assert!(html.contains(r#"value="a&quot;b""#));
        assert!(html.contains(r#"aria-describedby="email-problem""#));
        assert!(html.contains("An email address has an @."));
    }
}
