//! The hosted checkout page.

use std::fmt::Write as _;

use axum::body::Bytes;
use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Redirect, Response};

use super::card;
use super::html::{Typed, escape, field, notice, page};
use super::money::money;
use super::site::Site;
use crate::flows::Buyer;
use crate::form::Params;
use crate::model::{Mode, Session, SessionPayment, SessionStatus};
use crate::stripe::Stripe;

/// The page of a session.
pub(super) async fn show(Extract(site): Extract<Site>, Path(id): Path<String>) -> Response {
    match find(&site.stripe, &id) {
        None => missing(),
        Some((_, session, email)) => {
            let params = Params::decode("", b"method=card").unwrap_or_default();
            let typed = Typed { params, problems: Vec::new() };
            respond(StatusCode::OK, &session, &typed, &email)
        }
    }
}

/// Pays, or shows the page again with a word beside each wrong field.
pub(super) async fn pay(Extract(site): Extract<Site>, Path(id): Path<String>, body: Bytes) -> Response {
    let Some((stripe, session, _)) = find(&site.stripe, &id) else { return missing() };
    if session.status != SessionStatus::Open {
        return respond(StatusCode::OK, &session, &Typed::default(), "");
    }
    let params = Params::decode("", &body).unwrap_or_default();
    let mut typed = Typed { params, problems: Vec::new() };
    let buyer = read(&mut typed, &stripe);
    if typed.problems.is_empty() {
        match stripe.complete_session(&id, &buyer) {
            Ok(_) => return Redirect::to(&after(&session)).into_response(),
            Err(error) if error.param.as_deref() == Some("promotion_code") => {
                typed.blame("promotion_code", error.message);
            }
            Err(error) => typed.blame("card", error.message),
        }
    }
    let email = typed.text("email").to_owned();
    respond(StatusCode::UNPROCESSABLE_ENTITY, &session, &typed, &email)
}

/// The session, the account it is on, and the email address to begin with.
fn find(stripe: &Stripe, id: &str) -> Option<(Stripe, Session, String)> {
    stripe.all_accounts().into_iter().find_map(|stripe| {
        let found = stripe.with(|state| {
            let session = state.sessions.get(id)?.clone();
            let customer = session.customer.as_deref().and_then(|id| state.customers.get(id));
            let email = customer.and_then(|it| it.email.clone()).or_else(|| session.customer_email.clone());
            Some((session, email.unwrap_or_default()))
        });
        found.map(|(session, email)| (stripe, session, email))
    })
}

fn read(typed: &mut Typed, stripe: &Stripe) -> Buyer {
    let email = typed.text("email").to_owned();
    if !plausible_email(&email) {
        typed.blame("email", "Write an email address, such as ann@example.com.");
    }
    let name = typed.text("name").to_owned();
    if name.is_empty() {
        typed.blame("name", "Write the name on the card.");
    }
    let pay_later = typed.text("method") == "later";
    if !pay_later {
        card::check(typed, stripe.now());
    }
    let promotion_code = Some(typed.text("promotion_code")).filter(|it| !it.is_empty());
    Buyer { promotion_code: promotion_code.map(str::to_owned), email, name, pay_later }
}

fn plausible_email(text: &str) -> bool {
    text.len() <= 254
        && !text.contains(char::is_whitespace)
        && text.split_once('@').is_some_and(|(who, host)| {
            !who.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
        })
}

/// Where the buyer goes afterwards.
fn after(session: &Session) -> String {
    session
        .success_url
        .as_ref()
        .map_or_else(|| format!("/c/{}", session.id), |url| url.replace("{CHECKOUT_SESSION_ID}", &session.id))
}

fn missing() -> Response {
    notice(StatusCode::NOT_FOUND, "No such checkout", "This checkout session does not exist.")
}

fn respond(status: StatusCode, session: &Session, typed: &Typed, email: &str) -> Response {
    match session.status {
        SessionStatus::Open => (status, Html(form(session, typed, email))).into_response(),
        SessionStatus::Expired => {
            notice(StatusCode::GONE, "Checkout expired", "This checkout session is no longer open.")
        }
        SessionStatus::Complete => {
            let text = match session.payment_status {
                SessionPayment::Paid => "The payment is complete.",
                SessionPayment::Unpaid => "The payment is on its way. It can be settled in the dashboard.",
                SessionPayment::NotRequired => "Nothing was due today.",
            };
            notice(StatusCode::OK, "Thank you", text)
        }
    }
}

fn form(session: &Session, typed: &Typed, email: &str) -> String {
    let total = money(session.totals.total, &session.currency);
    let button = match (session.mode, session.trial_days) {
        (Mode::Payment, _) => format!("Pay {total}"),
        (Mode::Subscription, 0) => format!("Subscribe for {total}"),
        (Mode::Subscription, days) => format!("Start {days} days of trial"),
    };
    let promotion = if session.allow_promotion_codes {
        field(
            typed,
            "promotion_code",
            "Promotion code (optional)",
            typed.text("promotion_code"),
            r#"autocomplete="off""#,
        )
    } else {
        String::new()
    };
    let summary = match typed.problems.len() {
        0 => String::new(),
        count => format!(
            r#"<p class="summary" role="alert">{count} {} to correct.</p>"#,
            if count == 1 { "field" } else { "fields" }
        ),
    };
    let checked = |method: &str| {
        let chosen = if typed.text("method") == "later" { "later" } else { "card" };
        if method == chosen { "checked" } else { "" }
    };
    let body = format!(
        r#"<div class="checkout"><section class="card"><h1>Checkout</h1>{}</section><form class="card" method="post" action="/c/{}" novalidate>{summary}{}{}<fieldset><legend>Payment method</legend><label class="choice"><input type="radio" name="method" value="card" {}> Card</label><label class="choice"><input type="radio" name="method" value="later" {}> Bank debit, settles later</label></fieldset><p class="muted">4242 4242 4242 4242 works, 4000 0000 0000 0002 is declined.</p>{}<div class="pair">{}{}</div>{promotion}<button class="button primary wide">{}</button></form></div>"#,
        summary_of(session),
        escape(&session.id),
        field(typed, "email", "Email", email, r#"type="email" autocomplete="email" required"#),
        field(typed, "name", "Name on card", typed.text("name"), r#"autocomplete="cc-name" required"#),
        checked("card"),
        checked("later"),
        field(
            typed,
            "card",
            "Card number",
            typed.text("card"),
            r#"inputmode="numeric" autocomplete="cc-number""#
        ),
        field(
            typed,
            "expiry",
            "Expiry",
            typed.text("expiry"),
            r#"placeholder="MM / YY" autocomplete="cc-exp""#
        ),
        field(typed, "cvc", "CVC", typed.text("cvc"), r#"inputmode="numeric" autocomplete="cc-csc""#),
        escape(&button),
    );
    page("Checkout · Sandbox Stripe", &body)
}

/// Lines and totals.
fn summary_of(session: &Session) -> String {
    let mut rows = String::new();
    for line in &session.lines {
        let every = line.price.interval.map_or_else(String::new, |it| format!(" per {}", it.name()));
        let amount = money(line.price.unit_amount, &session.currency);
        // Writing to a String cannot fail.
        let _ = write!(
            rows,
            "<dt>{} × {}</dt><dd>{amount}{every}</dd>",
            line.quantity,
            escape(&line.price.product_name)
        );
    }
    let totals = [("Discount", -session.totals.discount), ("Tax", session.totals.tax)];
    for (name, amount) in totals.into_iter().filter(|(_, amount)| *amount != 0) {
        let _ = write!(rows, "<dt>{name}</dt><dd>{}</dd>", money(amount, &session.currency));
    }
    let total = money(session.totals.total, &session.currency);
    format!(
        r#"<dl class="receipt">{rows}<dt class="total">Due today</dt><dd class="total">{total}</dd></dl>"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_need_a_name_and_a_host() {
        for good in ["a@b.c", "ann.example+x@mail.example.com"] {
            assert!(plausible_email(good), "{good}");
        }
        for bad in ["", "a", "a@b", "@b.c", "a@.c", "a@b.", "a b@c.d"] {
            assert!(!plausible_email(bad), "{bad}");
        }
    }
}
