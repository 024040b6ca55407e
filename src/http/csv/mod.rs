//! `.csv` behind a table's address: the same rows under the same filters, streamed a page
//! at a time.

mod format;
mod link_code;
mod payout_file;
mod payouts;
mod receipt_file;
mod tables;

use app::request::queries::Parameters;
use app::routes::{csv, link_codes, receipt_files};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{FromRef, Path, RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::ids::ProgramId;
use engine::Engine;
use engine::Error;
use futures::stream::{self, StreamExt};

use crate::http::error_pages;
use crate::http::signed_in::{SignedIn, refused};

/// Rows read at once.
const PAGE: i64 = 100;
/// Pages of one file: half a million rows are more than most spreadsheets open.
const MOST_PAGES: usize = 5_000;

/// The tables and documents that can be downloaded.
pub fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Engine: FromRef<S>,
{
    Router::new()
        .route(csv::CONVERSIONS, get(conversions))
        .route(csv::AFFILIATES, get(affiliates))
        .route(csv::EVENTS, get(events))
        .route(csv::LINKS, get(links))
        .route(csv::CLICKS, get(clicks))
        .route(csv::RECONCILIATION, get(reconciliation))
        .route(csv::PAYOUTS_DUE, get(due))
        .route(csv::PAYOUTS_OF_RUN, get(payouts::of_run))
        .route(csv::PAYOUT_FILE, get(payout_file::download))
        .route(receipt_files::MERCHANT, get(receipt_file::of_conversion))
        .route(link_codes::SVG, get(link_code::svg))
        .route(link_codes::PNG, get(link_code::png))
        .route(receipt_files::AFFILIATE, get(receipt_file::own))
        .route(csv::AFFILIATE_EARNINGS, get(earnings))
        .route(csv::AFFILIATE_CLICKS, get(own_clicks))
}

/// One page of a table: its lines, and where the next page begins.
type PageOf<C> = Result<(Vec<Vec<String>>, Option<C>), Error>;

/// Streams a table. The first page is read before anything is sent, so that a refusal is
/// still a page.
async fn stream_table<C, F>(
    name: &str,
    head: &[&str],
    read: impl Fn(Option<C>) -> F + Send + 'static,
) -> Response
where
    C: Send + 'static,
    F: Future<Output = PageOf<C>> + Send + 'static,
{
    let (rows, next) = match read(None).await {
        Ok(first) => first,
        Err(error) => return refused(error),
    };
    let mut first = format::line(head.iter().map(|cell| (*cell).to_owned()).collect());
    first.extend(rows.into_iter().flat_map(format::line));
    let rest = stream::unfold((next, 1, read), |(next, pages, read)| async move {
        let at = next.filter(|_| pages < MOST_PAGES)?;
        match read(Some(at)).await {
            Ok((rows, next)) => {
                let bytes: Vec<u8> = rows.into_iter().flat_map(format::line).collect();
                Some((Ok(Bytes::from(bytes)), (next, pages + 1, read)))
            }
            Err(error) => {
                tracing::error!(%error, "a file broke off");
                Some((Err(std::io::Error::other("broken off")), (None, pages, read)))
            }
        }
    });
    // Compression asks once more after the end, which an unfold on its own does not survive.
    let whole = stream::iter([Ok(Bytes::from(first))]).chain(rest).fuse();
    let head = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
    ];
    (head, Body::from_stream(whole)).into_response()
}

fn parameters(query: Option<String>) -> Parameters {
    Parameters::parse(&query.unwrap_or_default())
}

macro_rules! table {
    ($name:ident, $side:ident, $read:path) => {
        async fn $name(
            State(engine): State<Engine>,
            SignedIn(person): SignedIn,
            Path(program): Path<String>,
            RawQuery(query): RawQuery,
        ) -> Response {
            let (Ok(program), Some(actor)) = (program.parse::<ProgramId>(), person.$side) else {
                return error_pages::not_found();
            };
            $read(engine, actor, program, parameters(query)).await
        }
    };
}
table!(conversions, merchant, tables::conversions);
table!(affiliates, merchant, tables::affiliates);
table!(events, merchant, tables::events);
table!(links, merchant, tables::links);
table!(clicks, merchant, tables::clicks);
table!(due, merchant, payouts::due);
table!(reconciliation, merchant, tables::reconciliation);
table!(earnings, affiliate, tables::earnings);
table!(own_clicks, affiliate, tables::own_clicks);
