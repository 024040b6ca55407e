//! A list of people to invite, posted to its page: shown again with what is wrong with it, or invited.

use app::forms::Flash;
use app::forms::submission::keep_flash_in;
use app::text::plural;
use app::{SubmittedList, routes, shell};
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Multipart, Path, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use domain::ids::ProgramId;
use domain::invitations::LARGEST_LIST;
use engine::programs::invitations;
use engine::{Engine, Error};
use leptos::prelude::provide_context;
use leptos_axum::render_app_async_with_context;
use tower_sessions::Session;

use crate::http::error_pages;
use crate::http::signed_in::{SignedIn, refused};

/// What was posted.
struct Posted {
    text: String,
    /// Whether the preview was confirmed.
    is_confirmed: bool,
}

/// `POST /programs/{program}/affiliates/invitations/new`: the page again with a preview, or the list of
/// invitations once the preview was confirmed.
pub async fn submit(
    request: Request,
    engine: Engine,
    contexts: impl Fn() + Clone + Send + Sync + 'static,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let SignedIn(person) = match SignedIn::from_request_parts(&mut parts, &engine).await {
        Ok(person) => person,
        Err(response) => return response,
    };
    let path = Path::<String>::from_request_parts(&mut parts, &engine).await;
    let program = path.ok().and_then(|Path(program)| program.parse::<ProgramId>().ok());
    let (Some(program), Some(actor)) = (program, person.merchant) else { return error_pages::not_found() };
    // A program that is not theirs is refused before the list is read.
    if let Err(error) = engine::programs::get(&engine, &actor, &program).await {
        return refused(error);
    }
    let form = Request::from_parts(parts.clone(), body);
    let mut list = match Multipart::from_request(form, &engine).await {
        Ok(form) => posted(form).await,
        Err(_) => Err("Enter at least one email address"),
    };
    if let Ok(Posted { text, is_confirmed: true }) = &list {
        match invitations::invite(&engine, &actor, &program, text).await {
            Ok(sent) => {
                let Ok(session) = Session::from_request_parts(&mut parts, &engine).await else {
                    return error_pages::unavailable();
                };
                keep_flash_in(&session, Flash::done(sent_text(sent))).await;
                return Redirect::to(&routes::program(&program).invitations()).into_response();
            }
            // The page says what is wrong with the list; anything else is said here.
            Err(Error::Invalid(problems)) => {
                let of_list = problems.0.iter().any(|problem| problem.field == "list");
                let message = problems.0.into_iter().map(|problem| problem.message).next();
                let submitted = SubmittedList { text: text.clone(), problem: message.filter(|_| !of_list) };
                return render(parts, contexts, submitted).await;
            }
            Err(error) => return refused(error),
        }
    }
    let submitted = match &mut list {
        Ok(posted) => SubmittedList { text: std::mem::take(&mut posted.text), problem: None },
        Err(problem) => SubmittedList { text: String::new(), problem: Some((*problem).to_owned()) },
    };
    render(parts, contexts, submitted).await
}

async fn render(
    parts: Parts,
    contexts: impl Fn() + Clone + Send + Sync + 'static,
    submitted: SubmittedList,
) -> Response {
    let contexts = move || {
        contexts();
        provide_context(submitted.clone());
    };
    render_app_async_with_context(contexts, shell)(Request::from_parts(parts, Body::empty())).await
}

fn sent_text(sent: invitations::Sent) -> String {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let invited = format!("{} sent.", plural(number(sent.invited), "invitation", "invitations"));
    match sent.left_out {
        0 => invited,
        left_out => format!("{invited} {} left out.", plural(number(left_out), "line was", "lines were")),
    }
}

/// The file, or what was typed when no file was chosen.
async fn posted(mut form: Multipart) -> Result<Posted, &'static str> {
    const TOO_LARGE: &str = "This list is too long. Invite 500 people at most at once";
    let (mut typed, mut file, mut is_confirmed) = (String::new(), String::new(), false);
    while let Some(field) = form.next_field().await.map_err(|_| TOO_LARGE)? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|_| TOO_LARGE)?;
        // Twice: browsers send each line end as two characters.
        if bytes.len() > 2 * LARGEST_LIST {
            return Err(TOO_LARGE);
        }
        let text = String::from_utf8(bytes.to_vec())
            .map_err(|_| "This file is not text in UTF-8. Export it as CSV in UTF-8")?;
        if text.contains('\0') {
            return Err("Remove the NUL character (U+0000)");
        }
        match name.as_str() {
            "file" => file = text,
            "list" => typed = text,
            "confirm" => is_confirmed = true,
            _ => {}
        }
    }
    let text = if file.trim().is_empty() { typed } else { file };
    Ok(Posted { text: text.replace("\r\n", "\n"), is_confirmed })
}
