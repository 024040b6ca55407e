//! The tables on the dashboard: objects, events, deliveries.

use domain::clock::Timestamp;
use domain::facts::RefundStatus;

use super::html::{escape, version_options};
use super::money::money;
use crate::endpoints::Defect;
use crate::model::{Charge, Endpoint, Event, SessionPayment, SessionStatus, Subscription};
use crate::outbox::{Delivery, DeliveryState};
use crate::state::State;
use crate::stripe::Stripe;

/// Rows of each table; the API lists the rest.
const ROWS: usize = 25;

/// Deliveries looked through for the newest events; a few endpoints each.
const DELIVERIES: usize = 400;

pub(super) fn payments(state: &State) -> String {
    let rows: String = state.charges.iter().rev().take(ROWS).map(|it| payment(state, it)).collect();
    table("Payments", &["Amount", "Buyer", "When", "State", "Do"], &rows, "No payments yet.")
}

fn payment(state: &State, it: &Charge) -> String {
    let dispute = state.disputes.iter().rev().find(|dispute| dispute.charge == it.id);
    let refund = state
        .refunds
        .iter()
        .rev()
        .find(|refund| refund.charge == it.id && refund.status == RefundStatus::Succeeded);
    let mut states = Vec::new();
    if !it.captured {
        states.push("authorized".to_owned());
    } else if it.fully_refunded() {
        states.push("refunded".to_owned());
    } else if it.amount_refunded > 0 {
        states.push(format!("{} refunded", money(it.amount_refunded, &it.currency)));
    } else {
        states.push("paid".to_owned());
    }
    states.extend(dispute.map(|dispute| format!("dispute: {}", dispute.status.word().replace('_', " "))));
    let mut buttons = String::new();
    if !it.captured {
        buttons += &with_amount("capture", &it.id, "Capture");
    } else if it.refundable() > 0 {
        buttons += &with_amount("refund", &it.id, "Refund");
    }
    if let Some(refund) = refund {
        buttons += &button("fail-refund", &refund.id, "Fail refund");
    }
    match dispute {
        Some(it) if !it.status.is_final() => {
            if it.inquiry {
                buttons += &button("lose-dispute", &it.id, "Close inquiry");
            } else {
                buttons += &button("win-dispute", &it.id, "Win dispute");
                buttons += &button("lose-dispute", &it.id, "Lose dispute");
            }
        }
        None if it.captured => {
            buttons += &button("dispute", &it.id, "Dispute");
            buttons += &button("inquiry", &it.id, "Inquire");
        }
        _ => {}
    }
    row(&[
        ("Amount", format!("<b>{}</b><br><code>{}</code>", money(it.amount, &it.currency), it.id)),
        ("Buyer", escape(it.email.as_deref().unwrap_or("unknown"))),
        ("When", time(it.created)),
        ("State", states.join(", ")),
        ("Do", buttons),
    ])
}

pub(super) fn subscriptions(state: &State) -> String {
    let rows: String =
        state.subscriptions.iter().rev().take(ROWS).map(|it| subscription(state, it)).collect();
    table(
        "Subscriptions",
        &["Price", "Customer", "Period ends", "State", "Do"],
        &rows,
        "No subscriptions yet.",
    )
}

fn subscription(state: &State, it: &Subscription) -> String {
    let every = it.price.interval.map_or("", |interval| interval.name());
    let customer = state.customers.get(&it.customer).and_then(|it| it.email.clone());
    let mut words = it.status.word().replace('_', " ");
    if it.cancel_at_period_end && it.ended_at.is_none() {
        words += ", ends with the period";
    }
    let mut buttons = String::new();
    if it.ended_at.is_none() {
        buttons += &button("renew", &it.id, "Renew now");
        if !it.cancel_at_period_end {
            buttons += &button("cancel-later", &it.id, "Cancel at period end");
        }
        buttons += &button("cancel", &it.id, "Cancel now");
    }
    row(&[
        (
            "Price",
            format!(
                "<b>{}</b><br>{} per {every}<br><code>{}</code>",
                escape(&it.price.product_name),
                money(it.price.unit_amount, &it.price.currency),
                it.id
            ),
        ),
        ("Customer", escape(customer.as_deref().unwrap_or("unknown"))),
        ("Period ends", time(it.period.1)),
        ("State", words),
        ("Do", buttons),
    ])
}

/// Completed checkouts whose money has not come; nothing when there are none.
pub(super) fn waiting(state: &State) -> String {
    let open = state
        .sessions
        .iter()
        .rev()
        .filter(|it| it.status == SessionStatus::Complete && it.payment_status == SessionPayment::Unpaid);
    let rows: String = open
        .take(ROWS)
        .map(|it| {
            let email = it.buyer.as_ref().map_or("unknown", |(email, _)| email.as_str());
            row(&[
                ("Amount", format!("<b>{}</b>", money(it.totals.total, &it.currency))),
                ("Buyer", escape(email)),
                ("When", time(it.created)),
                ("Do", button("settle", &it.id, "Let it arrive") + &button("fail", &it.id, "Let it fail")),
            ])
        })
        .collect();
    if rows.is_empty() {
        return rows;
    }
    table("Waiting for money", &["Amount", "Buyer", "When", "Do"], &rows, "")
}

/// The newest deliveries of every account: a platform's are elsewhere than their events.
pub(super) fn deliveries(stripe: &Stripe) -> Vec<Delivery> {
    let newest = |state: &mut State| state.outbox.newest().take(DELIVERIES).cloned().collect::<Vec<_>>();
    stripe.all_accounts().iter().flat_map(|account| account.with(newest)).collect()
}

pub(super) fn events(state: &State, recent: &[Delivery]) -> String {
    let rows: String = state.events.iter().rev().take(ROWS).map(|it| event(it, recent)).collect();
    table("Events", &["Type", "When", "Deliveries", "Do"], &rows, "No events yet.")
}

fn event(it: &Event, recent: &[Delivery]) -> String {
    let deliveries: String =
        recent.iter().filter(|delivery| delivery.event.id == it.id).map(delivery).collect();
    let deliveries = if deliveries.is_empty() { "none".to_owned() } else { deliveries };
    row(&[
        ("Type", format!("<b>{}</b><br><code>{}</code>", it.kind, it.id)),
        ("When", time(it.created)),
        ("Deliveries", deliveries),
        ("Do", button("resend", &it.id, "Resend")),
    ])
}

fn delivery(it: &Delivery) -> String {
    let word = match it.state {
        DeliveryState::Waiting => "waiting",
        DeliveryState::Retrying => "retrying",
        DeliveryState::Delivered => "delivered",
        DeliveryState::GaveUp => "gave up",
        DeliveryState::Stopped => "stopped",
    };
    let attempts: String = it
        .attempts
        .iter()
        .map(|attempt| {
            let answer = match (attempt.status, &attempt.error) {
                (Some(status), _) => status.to_string(),
                (None, error) => escape(error.as_deref().unwrap_or("no answer")),
            };
            format!("<li>{}: {answer}, {} ms</li>", time(attempt.at), attempt.milliseconds)
        })
        .collect();
    let last = it.attempts.last().and_then(|attempt| attempt.status);
    let last = last.map_or_else(String::new, |status| format!(", {status}"));
    format!(
        "<details><summary>{word}{last}</summary><ul><li><code>{}</code></li>{attempts}</ul></details>",
        it.endpoint
    )
}

pub(super) fn endpoints(state: &State) -> String {
    let now = state.now();
    let rows: String = state.endpoints.iter().map(|it| endpoint(it, now)).collect();
    let table = table(
        "Webhook endpoints",
        &["URL", "Version", "Secrets", "Do"],
        &rows,
        "No endpoints: nothing is delivered.",
    );
    format!(
        r#"{table}<form class="card row" method="post" action="do/add-endpoint"><label for="url">New endpoint</label><input id="url" name="url" type="url" required placeholder="http://localhost:3000/webhooks/stripe/…"><select name="api_version" aria-label="API version"><option value="">the account's version</option>{}</select><button class="button">Add</button></form>"#,
        version_options(None)
    )
}

fn endpoint(it: &Endpoint, now: Timestamp) -> String {
    let secrets: String =
        it.active_secrets(now).map(|secret| format!("<code>{}</code><br>", escape(secret))).collect();
    let toggle = if it.disabled {
        button("enable-endpoint", &it.id, "Enable")
    } else {
        button("disable-endpoint", &it.id, "Disable")
    };
    row(&[
        ("URL", format!("{}<br><code>{}</code>{}", escape(&it.url), it.id, notes(it))),
        ("Version", it.api_version.map_or("the account's", |version| version.name()).to_owned()),
        ("Secrets", format!("<details><summary>Show</summary>{secrets}</details>")),
        (
            "Do",
            toggle
                + &button("roll-secret", &it.id, "Roll secret")
                + &button("delete-endpoint", &it.id, "Delete")
                + &defects(&it.id),
        ),
    ])
}

/// What is special about an endpoint.
fn notes(it: &Endpoint) -> String {
    let mut notes = Vec::new();
    if it.disabled {
        notes.push("disabled".to_owned());
    }
    if it.connect {
        notes.push("for connected accounts".to_owned());
    }
    if !it.enabled_events.iter().any(|event| event == "*") {
        notes.push(format!("{} event types", it.enabled_events.len()));
    }
    if notes.is_empty() { String::new() } else { format!("<br>{}", notes.join(", ")) }
}

/// Every way to break an endpoint.
fn defects(id: &str) -> String {
    let options: String = Defect::NAMED
        .into_iter()
        .map(|(name, label, _)| format!(r#"<option value="{name}">{label}</option>"#))
        .collect();
    format!(
        r#"<form method="post" action="do/break-endpoint"><input type="hidden" name="id" value="{}"><select name="defect" aria-label="How to break it">{options}</select><button class="button small">Break</button></form>"#,
        escape(id)
    )
}

pub(super) fn table(title: &str, heads: &[&str], rows: &str, empty: &str) -> String {
    if rows.is_empty() {
        return format!(r#"<section class="card"><h2>{title}</h2><p class="muted">{empty}</p></section>"#);
    }
    let heads: String = heads.iter().map(|head| format!(r#"<th scope="col">{head}</th>"#)).collect();
    format!(
        r#"<section class="card"><h2>{title}</h2><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></section>"#
    )
}

pub(super) fn row(cells: &[(&str, String)]) -> String {
    let cells: String = cells
        .iter()
        .map(|(label, cell)| format!(r#"<td data-label="{label}"><div>{cell}</div></td>"#))
        .collect();
    format!("<tr>{cells}</tr>")
}

pub(super) fn button(action: &str, id: &str, label: &str) -> String {
    format!(
        r#"<form method="post" action="do/{action}"><input type="hidden" name="id" value="{}"><button class="button small">{label}</button></form>"#,
        escape(id)
    )
}

fn with_amount(action: &str, id: &str, label: &str) -> String {
    format!(
        r#"<form method="post" action="do/{action}"><input type="hidden" name="id" value="{}"><input class="amount" name="amount" inputmode="decimal" placeholder="all" aria-label="{label}: amount"><button class="button small">{label}</button></form>"#,
        escape(id)
    )
}

/// A moment to the second, in UTC.
fn time(at: Timestamp) -> String {
    let shown = jiff::Timestamp::from_millisecond(at.0)
        .map_or_else(|_| String::new(), |at| at.strftime("%-d %b %Y, %H:%M:%S").to_string());
    format!("<time>{shown}</time>")
}
