//! The OpenAPI document: everything in it besides the routes.

use std::collections::BTreeMap;

use serde_json::json;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, Modify, OpenApi as _};

use super::problem::{FieldError, MEDIA_TYPE, ProblemBody};
use super::problem_code::Code;

/// Where the routes are reached.
const SERVER: &str = "/api/v1";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Honeyguide API",
        description = "Affiliate programs: affiliates, links, clicks, conversions with their explanation, the \
                       commission ledger, and payouts. A successful response is `{\"data\": …, \"meta\": {…}}`. An error is a problem document (RFC 9457) with a stable `code`. Amounts are integers in minor units. Times are ISO 8601 in UTC.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(ProblemBody, FieldError)),
    security(("bearer" = [])),
    servers((url = SERVER)),
    modifiers(&Extras),
    tags(
        (name = "me", description = "The account an API key belongs to."),
        (name = "programs", description = "Affiliate programs and the versions of their terms."),
        (name = "affiliates", description = "People in a program, their promotion codes and links."),
        (name = "tracking", description = "Links and the clicks on them."),
        (name = "money", description = "Payments, conversions with their explanation, and the commission ledger."),
        (name = "payouts", description = "Who is due what, payout runs and their files, and what became of each payout. You send the money."),
        (name = "stripe", description = "The connection to Stripe and the events received."),
    ),
)]
struct Base;

/// The document without routes.
pub fn base() -> OpenApi {
    Base::openapi()
}

struct Extras;

impl Modify for Extras {
    fn modify(&self, document: &mut OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("hgk_…")
            .description(Some("An API key from Settings > API keys, or from `honeyguide api-key create`."))
            .build();
        let present = document.components.take().unwrap_or_default();
        let mut components =
            ComponentsBuilder::from(present).security_scheme("bearer", SecurityScheme::Http(bearer));
        for code in Code::ALL {
            components = components.response(code.word(), refusal(code));
        }
        document.components = Some(components.build());
    }
}

fn refusal(code: Code) -> Response {
    let status = code.status();
    let mut example = json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "code": code.word(),
        "detail": code.detail(),
    });
    if code == Code::Invalid {
        example["errors"] = json!([{
            "field": "commission.percent",
            "pointer": "/commission/percent",
            "message": "Enter a percentage from 0.01 to 100, such as 25",
        }]);
    }
    let content =
        ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).example(Some(example)).build();
    let response = ResponseBuilder::new().description(code.detail()).content(MEDIA_TYPE, content);
    let text = |what| {
        let schema = ObjectBuilder::new().schema_type(Type::String);
        HeaderBuilder::new().schema(Some(schema)).description(Some(what)).build()
    };
    match code {
        Code::Unauthorized => response.header("WWW-Authenticate", text("`Bearer`")),
        Code::TooManyRequests | Code::Unavailable | Code::Conflict => {
            response.header("Retry-After", text("Seconds to wait"))
        }
        _ => response,
    }
    .build()
}

/// What a request that only reads can be refused with.
pub struct ReadRefusals;

/// What a request that changes something can be refused with.
pub struct WriteRefusals;

impl IntoResponses for ReadRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        of(&[Code::Invalid, Code::Unauthorized, Code::NotFound, Code::Internal, Code::Unavailable])
    }
}

impl IntoResponses for WriteRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        of(&[
            Code::Invalid,
            Code::Unauthorized,
            Code::Forbidden,
            Code::NotFound,
            Code::Conflict,
            Code::PayloadTooLarge,
            Code::UnsupportedMediaType,
            Code::IdempotencyKeyReused,
            Code::TooManyRequests,
            Code::Internal,
            Code::Unavailable,
        ])
    }
}

fn of(codes: &[Code]) -> BTreeMap<String, RefOr<Response>> {
    let named =
        |code: &Code| (code.status().as_str().to_owned(), RefOr::Ref(Ref::from_response_name(code.word())));
    codes.iter().map(named).collect()
}
