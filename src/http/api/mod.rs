//! The REST API: JSON in camelCase, bearer keys, problem documents, keyset pages and
//! idempotent POSTs. The document of all routes is served beside them.

#![expect(unused_qualifications, reason = "utoipa's macro writes the types of parameters twice")]

mod actor;
mod adjustments;
mod affiliate_rows;
mod affiliates;
mod applications;
mod assignment;
mod clicks;
mod commissions;
mod connect_stripe;
mod conversions;
mod coupons;
mod document;
mod emails;
mod enum_schemas;
mod events;
mod explanation;
mod extract;
mod formats;
mod idempotency;
mod invitation_links;
mod invitations;
mod leads;
mod links;
mod me;
mod page;
mod paths;
mod payments;
mod payout_run_bodies;
mod payout_runs;
mod payout_settings;
mod payouts;
mod payouts_due;
mod payouts_of_run;
mod problem;
mod problem_code;
mod program_input;
mod programs;
mod questions;
mod receipts;
mod reconciliations;
mod referral_requests;
mod rejected_deliveries;
mod repair;
mod replays;
mod request_id;
mod resources;
mod rewards;
mod rewards_input;
mod stripe;
mod terms;
mod terms_input;
mod text_schemas;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use engine::Engine;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use problem::Problem;
use problem_code::Code;

/// The largest body that is read. The longest field is a URL of 2,000 characters, so
/// everything that makes sense fits many times over.
pub(crate) const LARGEST_BODY: usize = 64 * 1024;
/// The largest answer to a POST that is kept for repetitions: one thing, never a list.
pub(crate) const LARGEST_ANSWER: usize = 1024 * 1024;

/// The routes of the API, to be nested under its prefix.
pub fn router(engine: Engine) -> Router {
    let (routes, document) = routes().split_for_parts();
    let document = document.to_json().expect("the document is texts and numbers");
    let json = [(header::CONTENT_TYPE, "application/json")];
    routes
        .route("/openapi.json", get(async move || (json, document)))
        .fallback(async || Problem::new(Code::NotFound))
        .method_not_allowed_fallback(async || Problem::new(Code::MethodNotAllowed))
        .layer(from_fn_with_state(engine.clone(), idempotency::layer))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(CatchPanicLayer::custom(|_| Problem::new(Code::Internal).into_response()))
        .layer(from_fn_with_state(engine.clone(), request_id::layer))
        .with_state(engine)
}

/// The answer to who asks too fast.
pub fn too_fast() -> Response {
    Problem::new(Code::TooManyRequests).into_response()
}

fn routes() -> OpenApiRouter<Engine> {
    OpenApiRouter::with_openapi(document::base())
        .routes(routes!(me::get))
        .routes(routes!(programs::list, programs::create))
        .routes(routes!(programs::get, programs::change))
        .routes(routes!(terms::list, terms::change))
        .routes(routes!(affiliates::list, affiliates::add))
        .routes(routes!(affiliates::get, affiliates::change))
        .routes(routes!(applications::list))
        .routes(routes!(applications::get, applications::decide))
        .routes(routes!(invitations::list, invitations::invite))
        .routes(routes!(invitations::revoke))
        .routes(routes!(invitations::resend))
        .routes(routes!(invitation_links::list, invitation_links::create))
        .routes(routes!(invitation_links::revoke))
        .routes(routes!(resources::list, resources::add))
        .routes(routes!(resources::get, resources::replace, resources::delete))
        .routes(routes!(resources::download))
        .routes(routes!(resources::upload))
        .routes(routes!(questions::get, questions::replace))
        .routes(routes!(emails::list))
        .routes(routes!(emails::resend))
        .routes(routes!(coupons::list, coupons::add))
        .routes(routes!(coupons::remove))
        .routes(routes!(links::list, links::create))
        .routes(routes!(clicks::list))
        .routes(routes!(leads::list, leads::report))
        .routes(routes!(conversions::list))
        .routes(routes!(conversions::get))
        .routes(routes!(receipts::get))
        .routes(routes!(payments::list))
        .routes(routes!(payments::get))
        .routes(routes!(assignment::assign, assignment::unassign))
        .routes(routes!(referral_requests::list))
        .routes(routes!(referral_requests::get, referral_requests::answer))
        .routes(routes!(commissions::list))
        .routes(routes!(adjustments::list, adjustments::add))
        .routes(routes!(payouts_due::list))
        .routes(routes!(payout_runs::list, payout_runs::draft))
        .routes(routes!(payout_runs::get, payout_runs::discard))
        .routes(routes!(payout_runs::approve))
        .routes(routes!(payout_runs::mark_sent))
        .routes(routes!(payouts_of_run::payouts))
        .routes(routes!(payouts_of_run::download))
        .routes(routes!(payouts::get, payouts::remove))
        .routes(routes!(payouts::mark_paid))
        .routes(routes!(payouts::mark_failed))
        .routes(routes!(payout_settings::get, payout_settings::change))
        .routes(routes!(events::list))
        .routes(routes!(events::get))
        .routes(routes!(replays::replay_event))
        .routes(routes!(replays::replay_events))
        .routes(routes!(rejected_deliveries::list))
        .routes(routes!(stripe::status))
        .routes(routes!(connect_stripe::connect, connect_stripe::disconnect))
        .routes(routes!(repair::start, repair::latest))
        .routes(routes!(reconciliations::start))
        .routes(routes!(reconciliations::get))
        .routes(routes!(reconciliations::import))
}
