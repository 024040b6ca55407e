//! Uploaded files: received, and served so that no browser runs anything in them.

use app::forms::Flash;
use app::forms::submission::keep_flash_in;
use app::routes::{self, uploads as addresses};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{DefaultBodyLimit, FromRef, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use domain::files::{FileName, FileProblem, FilePurpose, LARGEST_FILE, LARGEST_LOGO};
use domain::ids::{FileId, ProgramId, ResourceId};
use engine::identity::sessions::MerchantActor;
use engine::programs::files::{self, File, Upload};
use engine::programs::{logos, resources};
use engine::{Engine, Error};
use futures::stream::{self, StreamExt};
use tower_sessions::Session;

use crate::http::error_pages;
use crate::http::signed_in::{SignedIn, refused};

/// The lines around a file in a post.
const AROUND: usize = 16 * 1024;
/// Twice: whoever sends too much is told so by the page, not by a broken connection.
const LARGEST_POST: usize = 2 * LARGEST_FILE as usize + AROUND;
const LARGEST_LOGO_POST: usize = 8 * LARGEST_LOGO as usize + AROUND;
/// Nothing in a file is run, whatever it turns out to be.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");
/// A logo has an address of its own, which never changes what it shows.
const ONE_DAY: &str = "public, max-age=86400";
/// Asked for each time, and sent only when it has changed.
const CHECKED: &str = "private, no-cache";

/// Where files are posted and downloaded by people who are signed in.
pub fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Engine: FromRef<S>,
{
    let uploads =
        Router::new().route(addresses::UPLOAD, post(upload)).layer(DefaultBodyLimit::max(LARGEST_POST));
    let logos = Router::new()
        .route(addresses::UPLOAD_LOGO, post(upload_logo))
        .layer(DefaultBodyLimit::max(LARGEST_LOGO_POST));
    Router::new()
        .route(addresses::RESOURCE, get(of_company))
        .route(addresses::OWN_RESOURCE, get(of_affiliate))
        .merge(uploads)
        .merge(logos)
}

/// `GET /logos/{file}`: the logo of a program, which anyone may see.
pub async fn logo(State(engine): State<Engine>, Path(file): Path<String>, head: HeaderMap) -> Response {
    let Ok(id) = file.parse::<FileId>() else { return error_pages::not_found() };
    match logos::file(&engine, &id).await {
        Ok(file) => respond(engine, file, &head, ONE_DAY, false),
        Err(error) => refused(error),
    }
}

async fn of_company(
    State(engine): State<Engine>,
    SignedIn(person): SignedIn,
    Path((program, resource)): Path<(String, String)>,
    head: HeaderMap,
) -> Response {
    let ids = (program.parse::<ProgramId>(), resource.parse::<ResourceId>(), person.merchant);
    let (Ok(program), Ok(resource), Some(actor)) = ids else { return error_pages::not_found() };
    match resources::get(&engine, &actor, &program, &resource).await {
        Ok(resources::ResourceRow { file: Some(file), .. }) => respond(engine, file, &head, CHECKED, true),
        Ok(_) => error_pages::not_found(),
        Err(error) => refused(error),
    }
}

async fn of_affiliate(
    State(engine): State<Engine>,
    SignedIn(person): SignedIn,
    Path((program, resource)): Path<(String, String)>,
    head: HeaderMap,
) -> Response {
    let ids = (program.parse::<ProgramId>(), resource.parse::<ResourceId>(), person.affiliate);
    let (Ok(program), Ok(resource), Some(actor)) = ids else { return error_pages::not_found() };
    match resources::own_file(&engine, &actor, &program, &resource).await {
        Ok(file) => respond(engine, file, &head, CHECKED, true),
        Err(error) => refused(error),
    }
}

/// A file as an answer, read piece by piece while it is sent. The type is the one that the content
/// showed when it was uploaded.
pub fn respond(
    engine: Engine,
    file: File,
    request: &HeaderMap,
    caching: &'static str,
    is_attachment: bool,
) -> Response {
    let etag = format!("\"{}\"", file.sha256.get(..32).unwrap_or(&file.sha256));
    let mut head = HeaderMap::new();
    let mut put = |name, value: Result<HeaderValue, _>| {
        if let Ok(value) = value {
            head.insert(name, value);
        }
    };
    put(header::CONTENT_TYPE, HeaderValue::from_str(file.file_type.media_type()));
    put(header::CACHE_CONTROL, HeaderValue::from_str(caching));
    put(header::ETAG, HeaderValue::from_str(&etag));
    if is_attachment {
        put(header::CONTENT_DISPOSITION, HeaderValue::from_str(&FileName::attachment(&file.name)));
    }
    put(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_str("nosniff"));
    head.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    head.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    let known = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag)) {
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    head.insert(header::CONTENT_LENGTH, HeaderValue::from(file.size));
    let pieces = stream::unfold(Some((engine, file, 0)), |place| async move {
        let (engine, file, number) = place?;
        match files::piece(&engine, &file, number).await {
            Ok(Some(bytes)) => Some((Ok(Bytes::from(bytes)), Some((engine, file, number + 1)))),
            Ok(None) => None,
            Err(error) => {
                tracing::error!(%error, file = %file.id, "a file broke off");
                Some((Err(std::io::Error::other("broken off")), None))
            }
        }
    });
    // Compression asks once more after the end, which an unfold on its own does not survive.
    (head, Body::from_stream(pieces.fuse())).into_response()
}

/// A file for affiliates.
async fn upload(
    State(engine): State<Engine>,
    SignedIn(person): SignedIn,
    session: Session,
    Path(program): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let (Ok(program), Some(actor)) = (program.parse::<ProgramId>(), person.merchant) else {
        return error_pages::not_found();
    };
    let stored = async {
        let upload = receive(&engine, &actor, &program, FilePurpose::Resource, form).await?;
        resources::put_file(&engine, &actor, &program, upload).await
    };
    let stored = stored.await.map(|row| format!("{} uploaded.", row.resource.title));
    done(&session, &routes::program(&program).resources(), stored).await
}

/// The logo of a program.
async fn upload_logo(
    State(engine): State<Engine>,
    SignedIn(person): SignedIn,
    session: Session,
    Path(program): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let (Ok(program), Some(actor)) = (program.parse::<ProgramId>(), person.merchant) else {
        return error_pages::not_found();
    };
    let stored = async {
        let upload = receive(&engine, &actor, &program, FilePurpose::Logo, form).await?;
        logos::put(&engine, &actor, &program, upload).await
    };
    let stored = stored.await.map(|_| "Logo saved.".to_owned());
    done(&session, &routes::program(&program).settings().join_page(), stored).await
}

async fn done(session: &Session, page: &str, stored: Result<String, Error>) -> Response {
    let flash = match stored {
        Ok(text) => Flash::done(text),
        Err(Error::Invalid(problems)) => {
            let texts = problems.0.into_iter().map(|problem| format!("{}.", problem.message));
            Flash::problem(texts.collect::<Vec<_>>().join(" "))
        }
        Err(Error::Forbidden(why)) => Flash::problem(why),
        Err(error) => return refused(error),
    };
    keep_flash_in(session, flash).await;
    Redirect::to(page).into_response()
}

/// Receives the file of a form, piece by piece.
async fn receive(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    purpose: FilePurpose,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Upload, Error> {
    let problem = |problem: FileProblem| Error::field("file", problem.to_string());
    // A program that is not theirs is refused before anything is read.
    engine::programs::get(engine, actor, program).await?;
    let mut form = form.map_err(|_| problem(FileProblem::Empty))?;
    let too_large = |_| problem(FileProblem::too_large(purpose));
    while let Some(mut field) = form.next_field().await.map_err(too_large)? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let mut upload = Upload::begin(engine, actor, program, purpose, &name).await?;
        while let Some(bytes) = field.chunk().await.map_err(too_large)? {
            upload.write(&bytes).await?;
        }
        return Ok(upload);
    }
    Err(problem(FileProblem::Empty))
}
