//! What the document says of bodies is what the API does: for each field of each body, values on
//! and beyond the edges of its schema. A body that the schema allows is not refused as invalid,
//! and one that it forbids is.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use jsonschema::Validator;
use rstest::rstest;
use serde_json::{Map, Value, json};

use super::isolation::{filled, sale};
use super::{Client, request};
use crate::harness::World;

/// The longest text that is sent: beyond every limit of a field, below that of a body.
const LONG: usize = 2_100;

/// An operation that takes a body.
struct Operation {
    method: Method,
    path: String,
    schema: Value,
}

/// Refusals of bodies that the schema allows, by the field and the beginning of the message:
/// rules that a schema cannot say, because they compare fields or look things up.
const RULES: [(&str, &str); 42] = [
    ("", "A program can have 50 links at once"),
    ("affiliateId", "Choose an affiliate of this program"),
    ("affiliateId", "Enter the id of an affiliate, or notAffiliateSale: true"),
    ("affiliateId", "This affiliate is not in the program"),
    ("affiliates", "Choose at least one affiliate who can be paid"),
    ("allowedDomains", "“"),
    ("answer", "Enter an answer. The affiliate can read it"),
    ("answer", "This request was answered before"),
    ("amount", "Enter an amount above zero"),
    ("clickToken", "Enter the token of a click of this program"),
    ("code", "This code is taken"),
    ("code", "Enter the code as buyers enter it at checkout"),
    ("commission", "These terms have rewards"),
    ("commission.amount", "Leave out amount"),
    ("commission.kind", "Choose one of percent, fixed"),
    ("commission.percent", "Enter a percentage from 0.01 to 100"),
    ("commission.percent", "Leave out percent"),
    ("destinationUrl", "Enter an address on"),
    ("email", "This address is already in the program"),
    ("email", "This address has an open invitation"),
    ("expiresAt", "Enter a day within the next 12 months"),
    ("from", ""),
    ("paymentId", "Use the id of a payment of this program"),
    ("name", "A company can have 100 programs"),
    ("questions", "Enter at least two answers"),
    ("questions", "Use the id of a present question"),
    ("questions", "“"),
    ("reason", "Enter a reason that the"),
    ("recurrence", "These terms have rewards"),
    ("recurrence.kind", "Choose one of first_payment, months, lifetime"),
    ("recurrence.months", "Enter a number of months from 1 to 120"),
    ("recurrence.months", "Leave out months"),
    ("restrictedKey", ""),
    // Each needs steps, which follow each other.
    ("rewards", ""),
    ("status", "This application was decided before"),
    ("text", "{{"),
    ("title", "A program can have 100 resources"),
    ("title", "There is a text with this title"),
    ("timeZone", "Enter a time zone such as Europe/Berlin"),
    ("to", ""),
    ("until", "Enter a time such as"),
    ("webhookSecret", ""),
];

/// The example of a body with ids of the world in it, and with what may be used once made new.
fn in_world(body: &Value, ids: &BTreeMap<&str, String>, token: &str, number: usize) -> Value {
    let text = body.to_string();
    let text = text
        .replace("aff_01h455vb4pex5vsknk084sn02q", &ids["affiliateId"])
        .replace("hgc_01h455vb4pex5vsknk084sn02q0000000000", token)
        .replace("\"code\":\"maya\"", &format!("\"code\":\"maya{number}\""))
        // A key that looks like one would be tried at Stripe.
        .replace("rk_live_51H8k2mQ4x7", "rk_live_")
        .replace("maya-video", &format!("maya-video{number}"))
        .replace("maya@example.com", &format!("maya{number}@example.com"))
        .replace("promo_1MoqzVJvEtkwdCNYzkVLZf7S", &format!("promo_1Moqz{number}"));
    serde_json::from_str(&text).expect("JSON")
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if schema.is_object() {
                let method = method.to_uppercase().parse().unwrap();
                found.push(Operation { method, path: path.clone(), schema: schema.clone() });
            }
        }
    }
    assert!(found.len() > 15, "{}", found.len());
    found
}

/// Follows references; of alternatives, all are looked at.
fn alternatives<'a>(document: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = document.pointer(reference.trim_start_matches('#')).expect("what it refers to");
        return alternatives(document, schema);
    }
    let parts = ["oneOf", "anyOf", "allOf"].iter().filter_map(|name| schema[*name].as_array());
    let parts: Vec<&Value> = parts.flatten().collect();
    if parts.is_empty() {
        return vec![schema];
    }
    parts.into_iter().flat_map(|part| alternatives(document, part)).collect()
}

/// Values for a field: some that its schema allows, and some that it forbids.
fn candidates(document: &Value, schema: &Value, base: &Value) -> Vec<Value> {
    let mut found =
        vec![json!(null), json!(true), json!(1), json!(-1), json!(1.5), json!("a"), json!([]), json!({})];
    for schema in alternatives(document, schema) {
        let number = |name: &str| schema[name].as_i64();
        let length = |name: &str| schema[name].as_u64().and_then(|length| usize::try_from(length).ok());
        found.extend(schema["enum"].as_array().into_iter().flatten().cloned());
        for edge in [number("minimum"), number("maximum")].into_iter().flatten() {
            found.extend([edge - 1, edge, edge + 1].map(Value::from));
        }
        if schema["type"].to_string().contains("integer") {
            found.extend([json!(0), json!(i64::MAX), json!(i64::MIN)]);
        }
        if schema["type"].to_string().contains("string") {
            for edge in [length("minLength"), length("maxLength")].into_iter().flatten() {
                found.extend([edge, edge + 1].map(|length| Value::from("x".repeat(length))));
                found.extend([edge, edge + 1].map(|length| Value::from("ö".repeat(length))));
            }
            found.push(Value::from("x".repeat(LONG)));
            found.extend(["", " ", "two words", "UPPER", "ünï", "a\nb", "1", "not@valid"].map(Value::from));
            found.extend(["usd", "EUR", "xyz", "12.5", "https://a.example", "2026-02-30"].map(Value::from));
        }
        if let Some(items) = schema.get("items") {
            let item = base[0].clone();
            for edge in [length("minItems"), length("maxItems"), Some(1)].into_iter().flatten() {
                let lengths = [edge.saturating_sub(1), edge, edge + 1];
                found.extend(lengths.map(|length| Value::from(vec![item.clone(); length])));
            }
            for value in candidates(document, items, &item) {
                found.push(json!([value]));
            }
        }
        found.extend(objects(document, schema, base));
    }
    found
}

/// An object with each field in turn left out or replaced, and with a field too many.
fn objects(document: &Value, schema: &Value, base: &Value) -> Vec<Value> {
    let Some(properties) = schema["properties"].as_object() else { return Vec::new() };
    let base = base.as_object().cloned().unwrap_or_default();
    let with = |name: &str, value: Value| {
        let mut changed = base.clone();
        changed.insert(name.to_owned(), value);
        Value::Object(changed)
    };
    // Its values as a list, in the order of the fields.
    let values = properties.keys().map(|name| base.get(name).cloned().unwrap_or_default());
    let mut found =
        vec![Value::Object(base.clone()), with("unknownField", json!(1)), Value::Array(values.collect())];
    for (name, schema) in properties {
        let mut without: Map<String, Value> = base.clone();
        without.remove(name);
        found.push(Value::Object(without));
        let value = base.get(name).unwrap_or(&Value::Null);
        found.extend(candidates(document, schema, value).into_iter().map(|value| with(name, value)));
    }
    found
}

fn validator(document: &Value, schema: &Value) -> Validator {
    let mut whole = schema.clone();
    whole["components"] = document["components"].clone();
    jsonschema::draft202012::options().should_validate_formats(false).build(&whole).expect("a schema")
}

/// Whether a refusal is about a rule that the schema cannot say.
fn is_known(body: &Value) -> bool {
    body["errors"].as_array().is_some_and(|errors| {
        !errors.is_empty()
            && errors.iter().all(|error| {
                let field = error["field"].as_str().unwrap_or_default();
                let message = error["message"].as_str().unwrap_or_default();
                let field = field.split('[').next().unwrap_or_default();
                RULES.iter().any(|(of, says)| field == *of && message.starts_with(says))
            })
    })
}

/// In parts, which run beside each other.
#[rstest]
#[tokio::test]
async fn bodies_are_accepted_and_refused_as_the_document_says(#[values(0, 1, 2, 3)] part: usize) {
    let mut wrong = BTreeMap::new();
    let (mut allowed, mut forbidden) = (0, 0);
    let document = {
        let world = World::new().await;
        Client::new(&world.engine, None).get("/openapi.json").await.body
    };
    for operation in operations(&document).into_iter().skip(part).step_by(4) {
        let mut world = World::new().await;
        let client = Client::of(&world, &world.merchant, None).await;
        let ids: BTreeMap<&str, String> = sale(&mut world, &client).await;
        let path = filled(&operation.path, &ids);
        let token = world.click("mira").await;
        let schema = alternatives(&document, &operation.schema)[0];
        let validator = validator(&document, &operation.schema);
        let bodies = candidates(&document, schema, &schema["example"]);
        let mut sent = BTreeSet::new();
        for (number, body) in bodies.iter().enumerate() {
            if !sent.insert(body.to_string()) {
                continue;
            }
            let body = in_world(body, &ids, &token, number);
            let text = body.to_string();
            // Requests are counted by the minute.
            world.time.advance(domain::clock::SECOND_MS);
            let answer = client.send(request(operation.method.clone(), &path, Some(body.clone()))).await;
            let is_allowed = validator.is_valid(&body);
            (allowed, forbidden) = (allowed + usize::from(is_allowed), forbidden + usize::from(!is_allowed));
            let fits = match (is_allowed, answer.status) {
                (true, 400 | 422) => is_known(&answer.body),
                // Permission and state may be looked at first.
                (false, 200..=299) | (_, 429 | 500..) => false,
                _ => true,
            };
            if !fits {
                let short: String = text.chars().take(300).collect();
                let errors: Vec<String> = validator.iter_errors(&body).map(|e| e.to_string()).collect();
                let said = format!("{}: {} {}", answer.status, answer.body["detail"], answer.body["errors"]);
                let place = format!("{} {}", operation.method, operation.path);
                wrong
                    .entry(place)
                    .or_insert_with(Vec::new)
                    .push(format!("{short}\n    {errors:?}\n    {said}"));
            }
        }
    }
    assert!(allowed > 50 && forbidden > 100, "{allowed} {forbidden}");
    let number: usize = wrong.values().map(Vec::len).sum();
    let shown: Vec<String> =
        wrong.into_iter().map(|(place, bodies)| format!("{place}\n  {}", bodies.join("\n  "))).collect();
    assert!(shown.is_empty(), "{number} differ from the document:\n{}", shown.join("\n"));
}
