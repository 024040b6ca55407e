//! The kinds of problems, with their codes, statuses and sentences.

use axum::http::StatusCode;

domain::word_enum! {
    /// Every kind of problem. [`Code::detail`] explains each one.
    pub enum Code {
        Invalid = "invalid",
        InvalidJson = "invalid_json",
        Unauthorized = "unauthorized",
        Forbidden = "forbidden",
        NotFound = "not_found",
        MethodNotAllowed = "method_not_allowed",
        Conflict = "conflict",
        RequestInProgress = "request_in_progress",
        PayloadTooLarge = "payload_too_large",
        UnsupportedMediaType = "unsupported_media_type",
        IdempotencyKeyReused = "idempotency_key_reused",
        TooManyRequests = "too_many_requests",
        Internal = "internal",
        StripeRefused = "stripe_refused",
        Unavailable = "unavailable",
    }
}

impl Code {
    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Invalid | Self::InvalidJson => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict | Self::RequestInProgress => StatusCode::CONFLICT,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::StripeRefused => StatusCode::BAD_GATEWAY,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What it means, and what to do.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Invalid => "Some of the input is invalid. See errors.",
            Self::InvalidJson => "The body is not valid JSON.",
            Self::Unauthorized => {
                "The API key is missing, unknown or revoked. Send it as Authorization: Bearer hgk_…"
            }
            Self::Forbidden => "This API key does not allow this request.",
            Self::NotFound => "Not found, or this key has no access to it.",
            Self::MethodNotAllowed => "This address does not support this method. See the Allow header.",
            Self::Conflict => {
                "Another request changed the same data at the same time. Send the request again."
            }
            Self::RequestInProgress => "The first request with this Idempotency-Key is still in progress.",
            Self::PayloadTooLarge => "The body is larger than 64 KiB.",
            Self::UnsupportedMediaType => "Send the body as JSON, with Content-Type: application/json.",
            Self::IdempotencyKeyReused => "This Idempotency-Key was used for another request. Use a new one.",
            Self::TooManyRequests => "Too many requests. Wait for the time in the Retry-After header.",
            Self::Internal => "Something went wrong on our side. It was logged.",
            Self::StripeRefused => "Stripe rejected the request or did not answer.",
            Self::Unavailable => "Temporarily unavailable. Send the request again.",
        }
    }
}
