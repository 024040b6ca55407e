//! Errors of the API: problem documents (RFC 9457) with a stable code.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::fields::Problems;
use serde::Serialize;
use utoipa::ToSchema;

use super::enum_schemas::ProblemCode;
use super::problem_code::Code;

/// The media type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What every handler answers.
pub type ApiResult<T> = Result<T, Problem>;

/// A problem with the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The field or parameter, such as `commission.percent`.
    #[schema(example = "commission.percent")]
    pub field: String,
    /// A JSON pointer to the field in the body (RFC 6901). Absent for a parameter or header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/commission/percent")]
    pub pointer: Option<String>,
    /// What to do.
    #[schema(example = "Enter a percentage from 0.01 to 100, such as 25")]
    pub message: String,
}

/// A problem document.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always `about:blank`. See `code`.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: &'static str,
    /// The HTTP status in words.
    #[schema(example = "Bad Request")]
    pub title: &'static str,
    /// The HTTP status.
    #[schema(example = 400)]
    pub status: u16,
    /// A stable code for the problem.
    #[schema(value_type = ProblemCode)]
    pub code: &'static str,
    /// What happened and what to do, in a sentence.
    #[schema(example = "Some of the input is invalid. See errors.")]
    pub detail: String,
    /// Problems with the input, by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldError>,
    /// The request id, to find it in the server's log.
    #[serde(rename = "requestId", skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// A refusal on its way out.
#[derive(Debug)]
pub struct Problem {
    /// Which refusal it is.
    pub code: Code,
    /// What is wrong with the input.
    pub errors: Vec<FieldError>,
    detail: String,
    retry_after_seconds: Option<i64>,
}

impl Problem {
    /// A refusal with its usual sentence.
    pub fn new(code: Code) -> Self {
        Self::saying(code, code.detail())
    }

    /// A refusal with its own sentence.
    pub fn saying(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after_seconds: None }
    }

    /// Something is wrong with a field of the body.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        let error =
            FieldError { field: field.to_owned(), pointer: Some(pointer(field)), message: message.into() };
        Self { errors: vec![error], ..Self::new(Code::Invalid) }
    }

    /// Something is wrong with a parameter or header.
    pub fn parameter(name: &str, message: impl Into<String>) -> Self {
        let error = FieldError { field: name.to_owned(), pointer: None, message: message.into() };
        Self { errors: vec![error], ..Self::new(Code::Invalid) }
    }

    fn retry_after(self, seconds: i64) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }

    fn body(self) -> ProblemBody {
        let status = self.code.status();
        ProblemBody {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            code: self.code.word(),
            detail: self.detail,
            errors: self.errors,
            request_id: None,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (code, retry_after) = (self.code, self.retry_after_seconds);
        let body = serde_json::to_string(&self.body()).expect("texts and numbers always become JSON");
        let mut response = (code.status(), [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        if code == Code::Unauthorized {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<engine::Error> for Problem {
    fn from(error: engine::Error) -> Self {
        const SOON_SECONDS: i64 = 1;
        match error {
            engine::Error::NotFound => Self::new(Code::NotFound),
            engine::Error::Forbidden(why) => Self::saying(Code::Forbidden, why),
            engine::Error::Invalid(problems) => problems.into(),
            engine::Error::TooMany { minutes } => {
                Self::new(Code::TooManyRequests).retry_after(minutes.saturating_mul(60))
            }
            engine::Error::Unavailable => Self::new(Code::Unavailable).retry_after(SOON_SECONDS),
            engine::Error::Conflict(_) => Self::new(Code::Conflict).retry_after(SOON_SECONDS),
            engine::Error::Stripe(sentence) => Self::saying(Code::StripeRefused, sentence),
            engine::Error::Broken(what) => {
                tracing::error!(%what, "an API request failed");
                Self::new(Code::Internal)
            }
        }
    }
}

impl From<Problems> for Problem {
    fn from(problems: Problems) -> Self {
        let errors = problems.0.into_iter().map(|problem| field_error(&problem.field, problem.message));
        Self { errors: errors.collect(), ..Self::new(Code::Invalid) }
    }
}

/// The engine's fields are flat; bodies are nested and in camel case.
fn field_error(field: &str, message: String) -> FieldError {
    let field = match field {
        "commission_percent" => "commission.percent".to_owned(),
        "commission_amount" => "commission.amount".to_owned(),
        "recurrence_months" => "recurrence.months".to_owned(),
        "affiliate" => "affiliateId".to_owned(),
        "cap_per_payment" => "caps.perPayment".to_owned(),
        "cap_per_customer" => "caps.perCustomer".to_owned(),
        rewards if rewards.starts_with("rewards[") => reward_field(rewards),
        other => camel_case(other),
    };
    FieldError { pointer: Some(pointer(&field)), field, message }
}

/// The rules know parts of a reward by shorter names.
fn reward_field(field: &str) -> String {
    let (at, name) = field.rsplit_once('.').unwrap_or(("", field));
    // A body that cannot be read names its own fields.
    let is_own = [".commission", ".recurrence", ".amount"].iter().any(|part| at.ends_with(*part));
    let name = match name {
        own if is_own => own,
        "percent" => "commission.percent",
        "amount" if at.contains(".steps[") => "commission.amount",
        "months" => "recurrence.months",
        "at_least" => "amount.atLeast",
        "at_most" => "amount.atMost",
        "join" => "match",
        "excluded" => "excludedProducts",
        other => other,
    };
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

fn camel_case(snake: &str) -> String {
    let mut words = snake.split('_');
    let mut text = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        text.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        text.push_str(letters.as_str());
    }
    text
}

/// `commission.percent` and `allowedDomains[0]` as a JSON pointer.
pub fn pointer(field: &str) -> String {
    let mut pointer = String::with_capacity(field.len() + 1);
    for part in field.split(['.', '[']) {
        pointer.push('/');
        pointer.push_str(&part.trim_end_matches(']').replace('~', "~0").replace('/', "~1"));
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_point_into_the_body() {
        let mut problems = Problems::new();
        problems.add("commission_percent", "Enter a percentage");
        problems.add("allowed_domains", "Enter 20 domains at most");
        problems.add("recurrence.kind", "Choose");
        let problem = Problem::from(problems);
        let pointers: Vec<_> = problem.errors.iter().filter_map(|e| e.pointer.as_deref()).collect();
        assert_eq!(pointers, ["/commission/percent", "/allowedDomains", "/recurrence/kind"]);
        assert_eq!(problem.errors[1].message, "Enter 20 domains at most");
    }

    #[test]
    fn pointers_are_escaped() {
        assert_eq!(pointer("allowedDomains[0]"), "/allowedDomains/0");
        assert_eq!(pointer("a/b~c"), "/a~1b~0c");
    }

    #[test]
    fn an_internal_error_is_not_shown() {
        let response = Problem::from(engine::Error::Broken("no such table: secrets".to_owned()));
        assert_eq!(response.code, Code::Internal);
        assert!(!format!("{response:?}").contains("secrets"));
    }
}
