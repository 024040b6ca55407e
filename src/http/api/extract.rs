//! Body, query and ids of a request, with refusals as problem documents.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query as AxumQuery, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use domain::fields::NUL_MESSAGE;
use engine::Engine;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::formats::Object;
use super::problem::{ApiResult, Problem};
use super::problem_code::Code;

/// A JSON body.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Engine> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, engine: &Engine) -> ApiResult<Self> {
        if !is_json(request.headers()) {
            return Err(Problem::new(Code::UnsupportedMediaType));
        }
        let bytes =
            Bytes::from_request(request, engine).await.map_err(|rejection| match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Code::PayloadTooLarge),
                _ => Problem::saying(Code::InvalidJson, "The body could not be read to the end."),
            })?;
        read(&bytes).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> ApiResult<T> {
    if let Some(field) = nul_in(bytes) {
        return Err(Problem::field(&field, NUL_MESSAGE));
    }
    match Json::<Object<T>>::from_bytes(bytes) {
        Ok(Json(Object(body))) => Ok(body),
        Err(JsonRejection::JsonDataError(error)) => Err(unexpected(&error.body_text())),
        Err(_) => Err(Problem::new(Code::InvalidJson)),
    }
}

/// The field of a body whose text holds a NUL character.
fn nul_in(bytes: &[u8]) -> Option<String> {
    // In JSON it can only be written as an escape, which few bodies have.
    const ESCAPE: &[u8] = b"\\u0000";
    bytes.windows(ESCAPE.len()).find(|window| *window == ESCAPE)?;
    field_with_nul(&serde_json::from_slice(bytes).ok()?, "")
}

fn field_with_nul(value: &Value, field: &str) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(|| field.to_owned()),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(i, item)| field_with_nul(item, &format!("{field}[{i}]")))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            let name = if field.is_empty() { name.clone() } else { format!("{field}.{name}") };
            if name.contains('\0') { Some(name.replace('\0', "")) } else { field_with_nul(value, &name) }
        }),
        _ => None,
    }
}

/// From serde's `…: windowDays: invalid type …, expected i64 at line 1 column 9` to the field
/// and what to do.
fn unexpected(text: &str) -> Problem {
    const LEAD: &str = "Failed to deserialize the JSON body into the target type: ";
    let text = text.strip_prefix(LEAD).unwrap_or(text);
    let text = text.rsplit_once(" at line ").map_or(text, |(sentence, _)| sentence);
    match text.split_once(": ") {
        Some((field, message)) if !field.contains(char::is_whitespace) => {
            Problem::field(field, what_to_do(message))
        }
        _ => Problem::saying(Code::Invalid, format!("{}.", what_to_do(text))),
    }
}

/// A sentence for a message of serde's.
fn what_to_do(message: &str) -> String {
    let expected = message.rsplit_once(", expected ").map_or("", |(_, expected)| expected);
    let of_type = message.starts_with("invalid type") || message.starts_with("invalid value");
    let sentence = match expected {
        _ if !of_type => return capital(message),
        "a string" => "Enter a string",
        "a boolean" => "Enter true or false",
        "a sequence" => "Enter a list",
        "i64" | "u64" | "i32" | "u32" | "usize" => "Enter a whole number",
        "an object" => "Enter an object",
        _ if expected.starts_with("struct ") => "Enter an object",
        _ => return capital(message),
    };
    sentence.to_owned()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}

/// The parameters of the query.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Engine> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Engine) -> ApiResult<Self> {
        AxumQuery::<T>::try_from_uri(&parts.uri)
            .map(|AxumQuery(query)| Self(query))
            .map_err(|_| Problem::saying(Code::Invalid, "Send each parameter once, percent-encoded."))
    }
}

/// The ids in the path. A text that is not an id is not found.
pub struct Ids<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Engine> for Ids<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> ApiResult<Self> {
        Path::<T>::from_request_parts(parts, engine)
            .await
            .map(|Path(ids)| Self(ids))
            .map_err(|_| Problem::new(Code::NotFound))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Inner {
        #[serde(rename = "months")]
        _months: Option<i64>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Outer {
        #[serde(rename = "allowedDomains")]
        _allowed_domains: Option<Vec<String>>,
        #[serde(rename = "recurrence")]
        _recurrence: Option<Inner>,
    }

    fn refused(body: &str) -> Problem {
        read::<Outer>(body.as_bytes()).expect_err("a refusal")
    }

    #[test]
    fn a_wrong_type_is_named_with_its_place() {
        let problem = refused(r#"{"allowedDomains": ["a", 5]}"#);
        assert_eq!(problem.errors[0].pointer.as_deref(), Some("/allowedDomains/1"));
        assert_eq!(problem.errors[0].message, "Enter a string");
        let problem = refused(r#"{"recurrence": {"months": 1e30}}"#);
        assert_eq!(problem.errors[0].pointer.as_deref(), Some("/recurrence/months"));
        assert_eq!(problem.errors[0].message, "Enter a whole number");
    }

    #[test]
    fn a_nul_character_is_named_with_its_place() {
        for (body, field) in [
            (r#"{"allowedDomains": ["a", "b\u0000c"]}"#, "allowedDomains[1]"),
            (r#"{"recurrence": {"months": "\u0000"}}"#, "recurrence.months"),
            (r#"{"a\u0000": 1}"#, "a"),
        ] {
            let problem = refused(body);
            assert_eq!((problem.code, problem.errors[0].field.as_str()), (Code::Invalid, field));
            assert!(problem.errors[0].message.contains("NUL"));
        }
        assert_eq!(nul_in(br#"{"allowedDomains": ["a\\u0000"]}"#), None, "a backslash and digits are text");
    }

    #[test]
    fn an_unknown_field_is_named() {
        let problem = refused(r#"{"recurrence": {"monts": 5}}"#);
        assert_eq!(problem.errors[0].pointer.as_deref(), Some("/recurrence/monts"));
        assert!(problem.errors[0].message.starts_with("Unknown field `monts`"));
    }

    #[test]
    fn invalid_json_differs_from_a_body_of_another_type() {
        assert_eq!(refused("{").code, Code::InvalidJson);
        assert_eq!(refused("{} x").code, Code::InvalidJson);
        assert_eq!(refused("[[]]").code, Code::Invalid);
        assert_eq!(refused("7").code, Code::Invalid);
    }
}
