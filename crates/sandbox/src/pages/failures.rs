//! The part of the sandbox's dashboard that switches failures on.

use super::html::escape;
use crate::api_error::ApiError;
use crate::faults::{Failure, Fault};
use crate::form::Params;
use crate::stripe::Stripe;

/// The calls that can be made to fail.
const PLACES: [(&str, &str); 7] = [
    ("", "every call"),
    ("/v1/webhook_endpoints", "webhook endpoints"),
    ("/v1/events", "events"),
    ("/v1/account", "account"),
    ("/v1/charges", "charges"),
    ("/oauth/token", "OAuth token"),
    ("/oauth/deauthorize", "OAuth deauthorize"),
];

/// The card with the active failures, and the form that adds one.
pub(super) fn card(stripe: &Stripe) -> String {
    let words: Vec<String> =
        stripe.world().shared().faults.all().iter().map(|it| escape(&it.words())).collect();
    let now = if words.is_empty() {
        r#"<p class="muted">No faults are active.</p>"#.to_owned()
    } else {
        format!(
            r#"<form class="row" method="post" action="do/clear-faults"><p>{}</p><button class="button">Clear all faults</button></form>"#,
            words.join("; ")
        )
    };
    let options = |pairs: &[(&str, &str)]| -> String {
        pairs.iter().map(|(value, label)| format!(r#"<option value="{value}">{label}</option>"#)).collect()
    };
    let named = [
        ("429", "429, too many"),
        ("500", "500"),
        ("503", "503"),
        ("silence", "no answer"),
        ("garbage", "garbage"),
        ("cut", "cut connection"),
    ];
    format!(
        r#"<section class="card"><h2>API faults</h2>{now}<form class="row" method="post" action="do/fail-calls"><label for="failure">Make calls fail</label><select id="failure" name="failure">{}</select><select name="path" aria-label="Where">{}</select><input class="amount" name="times" inputmode="numeric" placeholder="always" aria-label="How many times"><button class="button">Fail</button></form></section>"#,
        options(&named),
        options(&PLACES),
    )
}

/// Switches a failure on.
pub(super) fn switch_on(stripe: &Stripe, params: &Params) -> Result<&'static str, ApiError> {
    let name = params.text("failure").unwrap_or_default();
    let failure = Failure::NAMED.into_iter().find(|(it, _)| *it == name);
    let (_, failure) = failure.ok_or_else(|| ApiError::invalid("failure", "There is no such failure."))?;
    let path = params.text("path").unwrap_or_default();
    let fault = Fault::new(failure).on(path);
    let times = match params.filled("times") {
        None => None,
        Some(text) => Some(
            text.parse()
                .ok()
                .filter(|times| *times > 0)
                .ok_or_else(|| ApiError::invalid("times", "Enter a number of times."))?,
        ),
    };
    stripe.fail(times.into_iter().fold(fault, Fault::times));
    Ok("Calls fail now.")
}
