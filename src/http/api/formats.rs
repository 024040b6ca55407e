//! How money, times and numbers are written in JSON bodies.

use std::fmt;
use std::marker::PhantomData;

use domain::clock::Timestamp;
use domain::money::{Currency, Money};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use super::problem::{ApiResult, Problem};

/// An amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Money)]
pub struct MoneyBody {
    /// Minor units, as in Stripe's API: 1234 is 12.34 USD, or 1,234 JPY.
    #[schema(example = 1234)]
    pub amount: i64,
    /// Three lowercase letters.
    #[schema(value_type = String, example = "usd")]
    pub currency: Currency,
}

impl MoneyBody {
    /// Minor units of a currency.
    pub fn of(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }
}

impl From<Money> for MoneyBody {
    fn from(money: Money) -> Self {
        Self::of(money.minor, money.currency)
    }
}

/// A time: ISO 8601 in UTC, with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(pub Timestamp);

impl Time {
    fn text(self) -> String {
        let latest = if self.0.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        let at = jiff::Timestamp::from_millisecond(self.0.0).unwrap_or(latest);
        format!("{at:.3}")
    }

    /// Reads a moment such as `2026-03-01T12:00:00Z`, or a day, which begins at midnight UTC.
    pub fn read(text: &str) -> Option<Timestamp> {
        let moment: Option<jiff::Timestamp> = text.parse().ok();
        let midnight = || {
            let day: jiff::civil::Date = text.parse().ok()?;
            Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
        };
        Some(Timestamp(moment.or_else(midnight)?.as_millisecond()))
    }
}

/// Reads a parameter that is a day or a moment.
pub fn moment(name: &str, text: Option<&str>) -> ApiResult<Option<Timestamp>> {
    const ASK: &str = "Enter a date such as 2026-03-01 or a time such as 2026-03-01T12:00:00Z";
    let Some(text) = text else { return Ok(None) };
    Time::read(text).map(Some).ok_or_else(|| Problem::parameter(name, ASK))
}

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.text())
    }
}

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("A time: ISO 8601 in UTC, with milliseconds."))
            .examples(["2026-03-01T12:00:00.000Z"])
            .into()
    }
}
impl ToSchema for Time {}

/// A percentage: a decimal number, sent as text (`"12.5"`) or as a JSON number; kept as it was written,
/// since a float would change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal(pub String);

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            Value::Number(number) => Ok(Self(number.to_string())),
            _ => Err(D::Error::custom("Enter a number, or a number as a string such as \"12.5\"")),
        }
    }
}

impl PartialSchema for Decimal {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^\d{1,3}([.,]\d{1,2})?%?$"));
        let number = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Number))
            .minimum(Some(0.01_f64))
            .maximum(Some(100.0_f64));
        OneOfBuilder::new()
            .item(text)
            .item(number)
            .description(Some("A decimal number, as text or as a number."))
            .examples(["12.5"])
            .into()
    }
}
impl ToSchema for Decimal {}

/// A JSON object. A struct by itself is also read from a list of its fields, which no document
/// describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData))
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields)).map(Object)
    }
}

/// An amount in minor units. The currency is the program's unless the field names another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinorUnits(pub i64);

impl<'de> Deserialize<'de> for MinorUnits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Value::deserialize(deserializer)?.as_i64();
        number.map(Self).ok_or_else(|| D::Error::custom("Enter a whole number of minor units"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_with_milliseconds() {
        assert_eq!(Time(Timestamp(1_700_000_000_000)).text(), "2023-11-14T22:13:20.000Z");
        assert_eq!(Time(Timestamp(-1)).text(), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn moments_and_days_are_read() {
        assert_eq!(Time::read("2023-11-14T22:13:20Z"), Some(Timestamp(1_700_000_000_000)));
        assert_eq!(Time::read("2023-11-14T23:13:20+01:00"), Some(Timestamp(1_700_000_000_000)));
        assert_eq!(Time::read("1970-01-02"), Some(Timestamp(86_400_000)));
        assert_eq!(Time::read("yesterday"), None);
        assert_eq!(Time::read("1700000000"), None);
    }

    #[test]
    fn a_decimal_stays_as_it_was_written() {
        let read = |text| serde_json::from_str::<Decimal>(text).map(|decimal| decimal.0).ok();
        assert_eq!(read("25"), Some("25".to_owned()));
        assert_eq!(read("0.1"), Some("0.1".to_owned()));
        assert_eq!(read("\"12,5\""), Some("12,5".to_owned()));
        assert_eq!(read("true"), None);
    }

    #[test]
    fn minor_units_are_whole_numbers() {
        let read = |text| serde_json::from_str::<MinorUnits>(text).map(|units| units.0);
        assert_eq!(read("1250").ok(), Some(1_250));
        for wrong in ["12.5", "1e30", "\"12\"", "null"] {
            assert!(read(wrong).unwrap_err().to_string().starts_with("Enter a whole number of minor units"));
        }
    }
}
