//! Putting the endpoint right: one line for each thing that is found and done.

use connect::stripe::client::API_VERSION;
use connect::stripe::endpoints::{self as at_stripe, Change, Endpoint};
use connect::stripe::{ErrorKind, StripeError, events};
use domain::clock::Timestamp;
use store::connections::Connection;

use super::plan::{MOST_ENDPOINTS, Mend, Plan, Reason, Wanted, plan};
use super::report::{Line, LineState};
use super::run::{Halt, Run, Step};
use super::site::{Held, Site};
use crate::stripe::credentials;

const FIND: &str = "Find our endpoint";

/// Finds our endpoint and puts it right.
pub(super) async fn mend(
    run: &mut Run<'_>,
    connection: &Connection,
    site: &Site,
    since: Timestamp,
) -> Step<()> {
    let found = match at_stripe::list_all(&site.caller).await {
        Ok(found) => found,
        Err(error) => return refused(run, connection, site, "find", FIND, &error).await.map(drop),
    };
    let held = site.held(run.engine, connection).await?;
    let wanted = Wanted {
        is_ours: &|endpoint| site.is_ours(endpoint),
        url: &site.url,
        types: &site.types(),
        version: API_VERSION,
        held: held.endpoint.as_deref(),
        signatures_fail: signatures_fail(connection, site, &held, since).await,
    };
    let plan = plan(&found, &wanted);
    run.append_line(found_line(&found, &plan, site)).await?;
    match plan.make {
        Some(reason) => make(run, connection, site, &plan, reason, found.len()).await.map(drop),
        None => change(run, connection, site, &plan, &found).await.map(drop),
    }
}

/// Whether what Stripe sends is refused for its signature: the last thing that came fitted
/// none of our secrets, and Stripe has events that it could not deliver. Only both together
/// tell: anybody can send a wrong signature.
async fn signatures_fail(connection: &Connection, site: &Site, held: &Held, since: Timestamp) -> bool {
    let Some(refused_at) = held.refused_at else { return false };
    let is_newer = |than: Option<Timestamp>| than.is_none_or(|than| refused_at > than);
    if !is_newer(connection.last_event_at) || !is_newer(held.since) {
        return false;
    }
    // A platform's own events do not go to its Connect endpoint and tell nothing.
    site.is_platform || events::any_undelivered(&site.caller, since).await.unwrap_or(false)
}

fn found_line(found: &[Endpoint], plan: &Plan, site: &Site) -> Line {
    let ours = found.len() - plan.strangers;
    let others = match plan.strangers {
        0 => String::new(),
        1 => " The other endpoint of the account is not ours and is left alone.".to_owned(),
        others => format!(" The other {others} endpoints of the account are not ours and are left alone."),
    };
    let whose = if site.is_platform { "This server’s platform" } else { "The account" };
    let (code, state, word, text) = match (&plan.keep, plan.make) {
        (Some(id), _) if plan.mends.is_empty() => {
            ("endpoint_well", LineState::Done, format!("{ours} found"), format!("{id} is in order."))
        }
        (Some(id), _) => {
            ("endpoint_found", LineState::Done, format!("{ours} found"), format!("{id} needs repair."))
        }
        (None, Some(Reason::Missing) | None) => (
            "endpoint_missing",
            LineState::Notice,
            "none found".to_owned(),
            format!("{whose} has no endpoint of ours."),
        ),
        (None, Some(Reason::SecretLost)) => (
            "secret_lost",
            LineState::Notice,
            format!("{ours} found"),
            "Its signing secret is not here, and Stripe tells it only once.".to_owned(),
        ),
        (None, Some(Reason::OtherVersion)) => (
            "other_version",
            LineState::Notice,
            format!("{ours} found"),
            format!("It does not send events in version {API_VERSION}, and Stripe cannot change that."),
        ),
        (None, Some(Reason::SignaturesFail)) => (
            "signatures_fail",
            LineState::Notice,
            format!("{ours} found"),
            "It signs with a secret that is not here: somebody has rolled it in Stripe.".to_owned(),
        ),
    };
    Line::new(code, state, FIND, &word, text + &others)
}

/// Makes the endpoint, keeps it, and deletes those that it replaces, in this order: while
/// both are there both are taken, and the inbox drops what comes twice.
async fn make(
    run: &mut Run<'_>,
    connection: &Connection,
    site: &Site,
    plan: &Plan,
    reason: Reason,
    number: usize,
) -> Step<bool> {
    let title = if reason == Reason::Missing { "Make our endpoint" } else { "Replace the endpoint" };
    if reason == Reason::Missing {
        site.note(run.engine, connection, None).await?;
    }
    if let Some(id) = &plan.make_room
        && !delete(run, connection, site, id, "It makes room: an account has 16 endpoints at most.").await?
    {
        return Ok(false);
    }
    let made = match site.make(run).await {
        Ok(made) if made.secret.is_some() => made,
        Ok(made) => {
            // Without its secret all that it sends would be refused.
            let text = "Stripe’s answer had no signing secret. Start the repair again.";
            let line = Line::new("no_secret", LineState::Refused, title, "not made", text);
            run.append_line(line).await?;
            delete(run, connection, site, &made.id, "It cannot be used without its secret.").await?;
            return Ok(false);
        }
        Err(error) if error.kind == ErrorKind::Invalid && number >= MOST_ENDPOINTS => {
            let text = "The account has as many webhook endpoints as Stripe allows. Delete one in Stripe that nobody \
                        needs any more, then repair again.";
            let line = Line::new("too_many_endpoints", LineState::Refused, title, "refused", text);
            run.append_line(line.quoting(&error.message)).await?;
            return Ok(false);
        }
        Err(error) => return refused(run, connection, site, "make", title, &error).await,
    };
    if let Err(halt) = site.keep(run, connection, &made).await {
        if let Err(error) = at_stripe::delete(&site.caller, &made.id).await {
            tracing::warn!(endpoint = made.id, %error, "an endpoint without a secret stays at Stripe");
        }
        return Err(halt);
    }
    let text =
        format!("{} sends to this server from now on. Its signing secret is stored encrypted.", made.id);
    run.append_line(Line::new("endpoint_made", LineState::Changed, title, "made", text)).await?;
    delete_all(run, connection, site, plan, Some(&made.id)).await
}

/// Changes the endpoint that is kept.
async fn change(
    run: &mut Run<'_>,
    connection: &Connection,
    site: &Site,
    plan: &Plan,
    found: &[Endpoint],
) -> Step<bool> {
    let Some(mut endpoint) = found.iter().find(|e| Some(&e.id) == plan.keep.as_ref()).cloned() else {
        return Ok(true);
    };
    site.note(run.engine, connection, Some(&endpoint)).await?;
    for (place, mend) in plan.mends.iter().enumerate() {
        let change = match mend {
            Mend::SwitchOn => Change { disabled: Some(false), ..Change::default() },
            Mend::Address(_) => Change { url: Some(site.url.clone()), ..Change::default() },
            Mend::Types(_, all) => Change { events: Some(all.clone()), ..Change::default() },
        };
        let key = format!("{}-{place}", run.repair.id);
        match at_stripe::update(&site.caller, &endpoint.id, &change, &key).await {
            Ok(changed) => endpoint = changed,
            Err(error) => {
                refused(run, connection, site, "change", &mend_title(mend), &error).await?;
                for left in &plan.mends[place + 1..] {
                    let text = "Left out, because what came before it was refused.";
                    let line = Line::new("change", LineState::NotTried, &mend_title(left), "not tried", text);
                    run.append_line(line).await?;
                }
                return Ok(false);
            }
        }
        site.note(run.engine, connection, Some(&endpoint)).await?;
        run.append_line(mended(mend, site)).await?;
    }
    delete_all(run, connection, site, plan, None).await
}

fn mend_title(mend: &Mend) -> String {
    match mend {
        Mend::SwitchOn => "Switch the endpoint on".to_owned(),
        Mend::Address(_) => "Correct the address".to_owned(),
        Mend::Types(missing, _) if missing.len() == 1 => "Add 1 missing event type".to_owned(),
        Mend::Types(missing, _) => format!("Add {} missing event types", missing.len()),
    }
}

fn mended(mend: &Mend, site: &Site) -> Line {
    let (code, text) = match mend {
        Mend::SwitchOn => (
            "switched_on",
            "It was disabled. Stripe does that when a server does not answer for days.".to_owned(),
        ),
        Mend::Address(old) => {
            ("address_corrected", format!("It sent to {old}. It sends to {} now.", site.url))
        }
        Mend::Types(missing, _) => ("types_added", format!("It did not send {}.", missing.join(", "))),
    };
    Line::new(code, LineState::Changed, &mend_title(mend), "done", text)
}

async fn delete_all(
    run: &mut Run<'_>,
    connection: &Connection,
    site: &Site,
    plan: &Plan,
    made: Option<&str>,
) -> Step<bool> {
    // A run that was cut off may have made it already: it is no leftover.
    for id in plan.leftovers.iter().filter(|id| Some(id.as_str()) != made) {
        if !delete(run, connection, site, id, "It was ours and is not needed any more.").await? {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn delete(run: &mut Run<'_>, connection: &Connection, site: &Site, id: &str, why: &str) -> Step<bool> {
    const TITLE: &str = "Delete a leftover";
    match at_stripe::delete(&site.caller, id).await {
        Ok(()) => {
            let line =
                Line::new("leftover_deleted", LineState::Changed, TITLE, "deleted", format!("{id}. {why}"));
            run.append_line(line).await?;
            Ok(true)
        }
        Err(error) => refused(run, connection, site, "delete", TITLE, &error).await,
    }
}

/// Says that Stripe refused a step, and what to do. Goes no further when access is lost.
pub(super) async fn refused(
    run: &mut Run<'_>,
    connection: &Connection,
    site: &Site,
    step: &str,
    title: &str,
    error: &StripeError,
) -> Step<bool> {
    let is_lost =
        error.kind == ErrorKind::Unauthorized && credentials::refused(run.engine, connection, error).await?;
    let status = error.status.map_or_else(String::new, |status| format!("Stripe answered {status}. "));
    let (code, advice) = match error.kind {
        _ if is_lost => ("access_lost", "The key was deleted, rolled or has expired. Reconnect Stripe."),
        ErrorKind::Unauthorized => {
            ("platform_key", "This server’s platform key is refused. Its operator has to put that right.")
        }
        ErrorKind::Forbidden if site.is_platform => (
            "forbidden",
            "This server’s platform key may not do it. Its operator has to give it Webhook Endpoints: Write.",
        ),
        ErrorKind::Forbidden => (
            "forbidden",
            "The key may not do it. Give it Webhook Endpoints: Write in Stripe, then repair again.",
        ),
        _ if error.is_temporary() => {
            ("away", "Nothing was changed by this step. Try again in a few minutes.")
        }
        _ => ("refused", "Nothing was changed by this step."),
    };
    let line = Line::new(
        &format!("{step}_{code}"),
        LineState::Refused,
        title,
        if error.is_temporary() { "no answer" } else { "refused" },
        format!("{status}{advice}"),
    );
    run.append_line(line.quoting(&error.message)).await?;
    if is_lost { Err(Halt::Said) } else { Ok(false) }
}
