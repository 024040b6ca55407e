//! The texts that bodies take: the OpenAPI document says what each may look like. Where a rule is
//! more than a pattern, such as that a domain is one of the program's, the error says it.

use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// One line that is not blank.
const LINE: &str = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$";
/// One line, or nothing.
const ANY_LINE: &str = r"^[^\x00-\x1f\x7f-\x9f]*$";

/// Several lines that are not blank.
const LINES: &str = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$";
/// Several lines, or nothing.
const ANY_LINES: &str = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$";

macro_rules! texts {
    ($($name:ident, $what:literal, $longest:literal, $pattern:expr;)*) => {$(
        #[doc = $what]
        pub enum $name {}
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some($what))
                    .max_length(Some($longest))
                    .pattern(Some($pattern))
                    .into()
            }
        }
        impl ToSchema for $name {}
    )*};
}

texts! {
    NameText, "One line of up to 80 characters.", 80, LINE;
    HolderText, "One line of up to 70 characters.", 70, LINE;
    PlacementText, "One line of up to 64 characters.", 64, LINE;
    ReasonText, "One line of up to 300 characters.", 300, LINE;
    OptionalReasonText, "One line of up to 300 characters, or nothing.", 300, ANY_LINE;
    CheckoutCodeText, "One line of up to 64 characters, or nothing.", 64, ANY_LINE;
    EmailText, "An email address.", 254,
        r#"^[^@\s<>(),;:"\\\[\]\x00-\x1f\x7f-\x9f]+@[^@\s<>(),;:"\\\[\].\x00-\x1f\x7f-\x9f]+(\.[^@\s<>(),;:"\\\[\].\x00-\x1f\x7f-\x9f]+)+$"#;
    WebUrlText, "A web address, with http:// or https:// and without user name and password.", 2000,
        r"^https?://[^\s\\\x00-\x1f\x7f-\x9f]+$";
    ResourceTitleText, "One line of up to 100 characters.", 100, LINE;
    TemplateText, "Several lines of up to 5,000 characters.", 5000, LINES;
    OptionalRemarkText, "Several lines of up to 500 characters, or nothing.", 500, ANY_LINES;
    QuestionText, "One line of up to 200 characters.", 200, LINE;
    ChoiceText, "One line of up to 100 characters.", 100, LINE;
    CurrencyText, "A currency's three letters.", 3, "^[A-Za-z]{3}$";
    LinkCodeText, "2 to 40 letters, digits, dashes or underscores.", 40, "^[A-Za-z0-9_-]{2,40}$";
    AffiliateIdText, "The id of an affiliate.", 30, "^aff_[0-9a-z]{26}$";
    ClickTokenText, "The token of a click.", 64, "^hgc_[A-Za-z0-9_]{16,60}$";
    PromotionCodeIdText, "The id of a promotion code in Stripe.", 64, "^promo_[A-Za-z0-9_]{2,58}$";
    DomainText, "A domain, such as shop.example.com.", 253, r"^[^\s/@:\x00-\x1f\x7f-\x9f]+$";
    TimeZoneText, "An IANA time zone, such as Europe/Berlin.", 64, r"^[A-Za-z0-9_+/-]+$";
    DateText, "A date, such as 2026-03-01.", 10, r"^\d{4}-\d{2}-\d{2}$";
}
