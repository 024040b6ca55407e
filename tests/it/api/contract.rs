//! Every answer that a test gets is one that the OpenAPI document describes: its status, its
//! media type, its body, and no field beyond those that the document has.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::Answer;

/// The document, and the validators of its responses, made once for a process.
pub struct Contract {
    document: Value,
    validators: Mutex<BTreeMap<String, Arc<Validator>>>,
}

static CONTRACT: OnceLock<Contract> = OnceLock::new();

impl Contract {
    /// The one contract. The first test that needs the document reads it.
    pub fn of(document: impl FnOnce() -> Value) -> &'static Self {
        CONTRACT.get_or_init(|| Self { document: closed(document()), validators: Mutex::default() })
    }

    pub fn known() -> Option<&'static Self> {
        CONTRACT.get()
    }

    /// Fails when an answer is not described. What has no operation, such as an unknown path,
    /// is not looked at.
    pub fn check(&self, method: &str, path: &str, answer: &Answer) {
        let path = path.split('?').next().unwrap_or(path);
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        let Some((template, operation)) = self.operation(method, path) else { return };
        let place = format!("{method} {template} {}", answer.status);
        let response = operation["responses"].get(answer.status.to_string());
        let response = response.unwrap_or_else(|| panic!("{place} is not documented: {answer:?}"));
        let response = self.followed(response);
        let kind = answer.headers.get("content-type").map(|kind| kind.to_str().expect("a media type"));
        let Some(content) = response.get("content").and_then(Value::as_object).filter(|it| !it.is_empty())
        else {
            assert!(answer.body.is_null(), "{place} has a body that is not documented: {answer:?}");
            return;
        };
        let media = content.get(kind.unwrap_or_default());
        let media = media.unwrap_or_else(|| panic!("{place} is {kind:?}, documented is {content:?}"));
        let errors: Vec<String> = self
            .validator(&place, &media["schema"])
            .iter_errors(&answer.body)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{place} differs from the document: {errors:#?}\n{:#}", answer.body);
    }

    /// The operation of a request, the most literal path first.
    fn operation(&self, method: &str, path: &str) -> Option<(&str, &Value)> {
        let asked: Vec<&str> = path.split('/').collect();
        let fits = |template: &str| {
            let parts: Vec<&str> = template.split('/').collect();
            parts.len() == asked.len()
                && parts.iter().zip(&asked).all(|(part, have)| part == have || part.starts_with('{'))
        };
        let paths = self.document["paths"].as_object().expect("paths");
        let mut found: Vec<_> = paths.iter().filter(|(template, _)| fits(template)).collect();
        found.sort_by_key(|(template, _)| template.matches('{').count());
        let (template, methods) = found.first()?;
        Some((template, methods.get(method.to_lowercase())?))
    }

    fn followed<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                self.document.pointer(reference.trim_start_matches('#')).expect("what it refers to")
            }
            None => value,
        }
    }

    fn validator(&self, place: &str, schema: &Value) -> Arc<Validator> {
        let mut made = self.validators.lock().expect("no test has panicked in here");
        let validator = made.entry(place.to_owned()).or_insert_with(|| {
            let mut whole = schema.clone();
            whole["components"] = self.document["components"].clone();
            Arc::new(jsonschema::draft202012::new(&whole).expect("a schema"))
        });
        Arc::clone(validator)
    }
}

/// The document with every object closed: a field that it does not name is an error. An
/// object that is put together of others is closed where they are put together.
fn closed(mut document: Value) -> Value {
    let mut parts = Vec::new();
    collect_parts(&document, &mut parts);
    let schemas = document["components"]["schemas"].as_object_mut().expect("schemas");
    for (name, schema) in schemas {
        let is_part = parts.contains(&format!("#/components/schemas/{name}"));
        close(schema, is_part);
    }
    for methods in document["paths"].as_object_mut().expect("paths").values_mut() {
        for operation in methods.as_object_mut().expect("methods").values_mut() {
            for response in operation["responses"].as_object_mut().expect("responses").values_mut() {
                close(response, false);
            }
        }
    }
    document
}

fn collect_parts(value: &Value, parts: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::Array(all)) = fields.get("allOf") {
                let references = all.iter().filter_map(|part| part["$ref"].as_str());
                parts.extend(references.map(str::to_owned));
            }
            fields.values().for_each(|value| collect_parts(value, parts));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_parts(value, parts)),
        _ => {}
    }
}

fn close(value: &mut Value, is_part: bool) {
    match value {
        Value::Object(fields) => {
            let is_object = fields.get("properties").is_some_and(Value::is_object);
            let is_composed = fields.contains_key("allOf");
            for (name, value) in fields.iter_mut() {
                match (name.as_str(), value) {
                    ("allOf", Value::Array(all)) => all.iter_mut().for_each(|part| close(part, true)),
                    ("example" | "examples", _) => {}
                    (_, value) => close(value, false),
                }
            }
            if !is_part && (is_object || is_composed) && !fields.contains_key("additionalProperties") {
                fields.insert("unevaluatedProperties".to_owned(), json!(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|value| close(value, false)),
        _ => {}
    }
}
