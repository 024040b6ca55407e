//! The OpenAPI document describes every route and every response.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::Client;
use crate::harness::World;

const OPERATIONS: &[&str] = &[
    "DELETE /programs/{programId}/affiliates/{affiliateId}/coupons/{couponId}",
    "DELETE /programs/{programId}/connect-stripe",
    "DELETE /programs/{programId}/invitation-links/{invitationLinkId}",
    "DELETE /programs/{programId}/invitations/{invitationId}",
    "DELETE /programs/{programId}/payments/{paymentId}/assignment",
    "DELETE /programs/{programId}/payout-runs/{runId}",
    "DELETE /programs/{programId}/payouts/{payoutId}",
    "DELETE /programs/{programId}/resources/{resourceId}",
    "GET /me",
    "GET /programs",
    "GET /programs/{programId}",
    "GET /programs/{programId}/affiliates",
    "GET /programs/{programId}/affiliates/{affiliateId}",
    "GET /programs/{programId}/affiliates/{affiliateId}/adjustments",
    "GET /programs/{programId}/affiliates/{affiliateId}/coupons",
    "GET /programs/{programId}/application-questions",
    "GET /programs/{programId}/applications",
    "GET /programs/{programId}/applications/{applicationId}",
    "GET /programs/{programId}/clicks",
    "GET /programs/{programId}/commissions",
    "GET /programs/{programId}/conversions",
    "GET /programs/{programId}/conversions/{conversionId}",
    "GET /programs/{programId}/conversions/{conversionId}/receipt",
    "GET /programs/{programId}/emails",
    "GET /programs/{programId}/events",
    "GET /programs/{programId}/events/{eventId}",
    "GET /programs/{programId}/invitation-links",
    "GET /programs/{programId}/invitations",
    "GET /programs/{programId}/leads",
    "GET /programs/{programId}/links",
    "GET /programs/{programId}/payments",
    "GET /programs/{programId}/payments/{paymentId}",
    "GET /programs/{programId}/payout-runs",
    "GET /programs/{programId}/payout-runs/{runId}",
    "GET /programs/{programId}/payout-runs/{runId}/files/{rail}/{currency}",
    "GET /programs/{programId}/payout-runs/{runId}/payouts",
    "GET /programs/{programId}/payout-settings",
    "GET /programs/{programId}/payouts/due",
    "GET /programs/{programId}/payouts/{payoutId}",
    "GET /programs/{programId}/referral-requests",
    "GET /programs/{programId}/referral-requests/{referralRequestId}",
    "GET /programs/{programId}/rejected-deliveries",
    "GET /programs/{programId}/reconciliations/{reconciliationId}",
    "GET /programs/{programId}/repair-webhooks",
    "GET /programs/{programId}/resources",
    "GET /programs/{programId}/resources/{resourceId}",
    "GET /programs/{programId}/resources/{resourceId}/file",
    "GET /programs/{programId}/stripe",
    "GET /programs/{programId}/terms",
    "PATCH /programs/{programId}",
    "PATCH /programs/{programId}/affiliates/{affiliateId}",
    "PATCH /programs/{programId}/applications/{applicationId}",
    "PATCH /programs/{programId}/referral-requests/{referralRequestId}",
    "POST /programs",
    "POST /programs/{programId}/affiliates",
    "POST /programs/{programId}/affiliates/{affiliateId}/adjustments",
    "POST /programs/{programId}/affiliates/{affiliateId}/coupons",
    "POST /programs/{programId}/connect-stripe",
    "POST /programs/{programId}/emails/{emailId}/resend",
    "POST /programs/{programId}/events/replay",
    "POST /programs/{programId}/events/{eventId}/replay",
    "POST /programs/{programId}/invitation-links",
    "POST /programs/{programId}/invitations",
    "POST /programs/{programId}/invitations/{invitationId}/resend",
    "POST /programs/{programId}/leads",
    "POST /programs/{programId}/links",
    "POST /programs/{programId}/payments/{paymentId}/assignment",
    "POST /programs/{programId}/payout-runs",
    "POST /programs/{programId}/payout-runs/{runId}/approve",
    "POST /programs/{programId}/payout-runs/{runId}/sent",
    "POST /programs/{programId}/payouts/{payoutId}/failed",
    "POST /programs/{programId}/payouts/{payoutId}/paid",
    "POST /programs/{programId}/reconciliations",
    "POST /programs/{programId}/reconciliations/{reconciliationId}/import",
    "POST /programs/{programId}/repair-webhooks",
    "POST /programs/{programId}/resources",
    "POST /programs/{programId}/terms",
    "PUT /programs/{programId}/application-questions",
    "PUT /programs/{programId}/payout-settings",
    "PUT /programs/{programId}/resource-files/{fileName}",
    "PUT /programs/{programId}/resources/{resourceId}",
];

async fn document() -> Value {
    let world = World::new().await;
    let answer = Client::new(&world.engine, None).get("/openapi.json").await;
    assert_eq!((answer.status, &answer.headers["content-type"]), (200, &"application/json".parse().unwrap()));
    answer.body
}

#[tokio::test]
async fn the_document_lists_every_route_and_needs_no_key() {
    let document = document().await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut found = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            found.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let expected: BTreeSet<String> = OPERATIONS.iter().map(|text| (*text).to_owned()).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn every_internal_link_resolves() {
    let document = document().await;
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    assert!(references.len() > 30, "{}", references.len());
    for reference in references {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                references.insert(reference.clone());
            }
            object.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

#[tokio::test]
async fn operations_have_names_refusals_and_the_key() {
    let document = document().await;
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    assert_eq!(document["security"][0]["bearer"], serde_json::json!([]));
    let mut names = BTreeSet::new();
    for methods in document["paths"].as_object().unwrap().values() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} twice");
            for status in ["400", "401", "404", "500", "503"] {
                assert!(operation["responses"][status].is_object(), "{name} {status}");
            }
            let takes_a_key = operation["parameters"]
                .as_array()
                .is_some_and(|all| all.iter().any(|parameter| parameter["name"] == "Idempotency-Key"));
            assert_eq!(takes_a_key, method == "post", "{name}");
        }
    }
}

/// Of two types with one name, the document would describe both as the latter.
#[test]
fn no_two_types_have_the_same_name_in_the_document() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/api");
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let word = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let place = path.file_name().unwrap().to_string_lossy().into_owned();
        // Derived: the attributes of a type stand between the derive and its name.
        for part in text.split("#[derive(").skip(1) {
            let head = part.split(['{', ';']).next().unwrap_or_default();
            let derives = head.split(")]").next().unwrap_or_default();
            let whole = part.split("struct ").next().unwrap_or_default();
            if derives.contains("ToSchema") {
                let renamed = whole.split("schema(as = ").nth(1).map(word);
                let own = part.split("struct ").nth(1).map(word).unwrap_or_default();
                names.entry(renamed.unwrap_or(own)).or_default().push(place.clone());
            }
        }
        // Listed: `Name, "What it is", …;`
        if place.ends_with("_schemas.rs") {
            let lines = text.lines().filter(|line| line.starts_with("    ") && line.contains(", \""));
            for name in lines.map(word).filter(|name| name.starts_with(char::is_uppercase)) {
                names.entry(name).or_default().push(place.clone());
            }
        }
    }
    assert!(names.len() > 100, "{}", names.len());
    let twice: Vec<_> = names.iter().filter(|(_, places)| places.len() > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
}
