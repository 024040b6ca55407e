//! From a sale to its payment, conversion and commissions in the API.

use sandbox::{ApiVersion, NewSession};
use serde_json::{Value, json};

use super::Client;
use crate::harness::{World, checkout};

/// A sale of 49.00 credited to Mira, one that no check matches, and a partial refund.
async fn sold() -> (World, Client, String) {
    let mut world = World::new().await;
    let client = Client::of(&world, &world.merchant, None).await;
    let program = format!("/programs/{}", world.program.id);
    let price = world.once(4_900, "usd");
    let token = world.click("mira").await;
    world.time.days(1);
    let receipt = world.buy(checkout(&price, &token));
    world.deliver(ApiVersion::NEWEST).await;
    world.time.days(1);
    world.stripe.refund(&receipt.charge.expect("a charge"), Some(2_450)).expect("a refund");
    world.deliver(ApiVersion::NEWEST).await;
    world.new_account();
    world.time.days(3);
    world.buy(NewSession::of(&world.once(2_000, "usd")));
    world.deliver(ApiVersion::NEWEST).await;
    (world, client, program)
}

fn usd(amount: i64) -> Value {
    json!({"amount": amount, "currency": "usd"})
}

#[tokio::test]
async fn a_conversion_explains_itself() {
    let (_world, client, program) = sold().await;
    let conversions = client.all(&format!("{program}/conversions"), 1).await;
    assert_eq!(conversions.len(), 1);
    let conversion = &conversions[0];
    assert_eq!(
        (&conversion["status"], &conversion["method"]),
        (&json!("partly_refunded"), &json!("metadata"))
    );
    assert_eq!((&conversion["amount"], &conversion["refunded"]), (&usd(4_900), &usd(2_450)));
    assert_eq!((&conversion["commission"], &conversion["affiliateName"]), (&usd(490), &json!("mira")));
    let explanation = &conversion["explanation"];
    assert_eq!(explanation["decidedBy"], "metadata");
    assert_eq!(explanation["terms"]["commission"], json!({"kind": "percent", "percent": "20"}));
    let calculation = &explanation["calculation"];
    let numbers = ["paid", "base", "commission", "reversed", "net"].map(|name| calculation[name].clone());
    assert_eq!(numbers, [4_900, 4_900, 980, 490, 490].map(usd));
    assert_eq!(calculation["sentence"], "20% of 49.00 USD is 9.80 USD; 4.90 USD was reversed");
    let checks = explanation["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 5);
    let decided: Vec<&Value> = checks.iter().filter(|check| check["verdict"] == "decided").collect();
    assert_eq!((decided.len(), &decided[0]["check"]), (1, &json!("metadata")));
    for check in checks {
        assert!(["title", "reason", "sentence"].iter().all(|name| !check[name].as_str().unwrap().is_empty()));
    }

    let id = conversion["id"].as_str().unwrap();
    let detail = client.get(&format!("{program}/conversions/{id}")).await;
    let detail = detail.data();
    for (name, value) in conversion.as_object().unwrap() {
        assert_eq!(&detail[name], value, "{name}");
    }
    assert_eq!(detail["click"]["token"], conversion["clickToken"]);
    let entries: Vec<_> =
        detail["entries"].as_array().unwrap().iter().map(|e| (&e["kind"], &e["amount"])).collect();
    assert_eq!(entries, [(&json!("earn"), &usd(980)), (&json!("reverse"), &usd(-490))]);
    assert!(!detail["events"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn conversions_are_filtered() {
    let (world, client, program) = sold().await;
    let (mira, noah) = (&world.affiliates["mira"].id, &world.affiliates["noah"].id);
    let cases = [
        (String::new(), 1),
        ("?status=partly_refunded".to_owned(), 1),
        ("?status=payable".to_owned(), 0),
        ("?method=metadata".to_owned(), 1),
        ("?method=lead_email".to_owned(), 0),
        (format!("?affiliateId={mira}"), 1),
        (format!("?affiliateId={noah}"), 0),
        ("?from=2026-03-03&until=2026-03-04".to_owned(), 1),
        ("?from=2026-03-04".to_owned(), 0),
        ("?until=2026-03-03T00:00:00Z".to_owned(), 0),
    ];
    for (query, count) in cases {
        assert_eq!(client.all(&format!("{program}/conversions{query}"), 10).await.len(), count, "{query}");
    }
}

#[tokio::test]
async fn a_payment_without_credit_says_why() {
    let (_world, client, program) = sold().await;
    let payments = client.all(&format!("{program}/payments?filter=unattributed"), 1).await;
    assert_eq!(payments.len(), 1);
    let payment = &payments[0];
    assert_eq!((&payment["amount"], &payment["status"]), (&usd(2_000), &json!("paid")));
    let explanation = &payment["explanation"];
    assert_eq!((&explanation["decidedBy"], &explanation["reason"]), (&Value::Null, &json!("no_match")));
    assert!(!explanation["sentence"].as_str().unwrap().is_empty());

    let id = payment["id"].as_str().unwrap();
    let detail = client.get(&format!("{program}/payments/{id}")).await;
    assert_eq!(detail.data()["explanation"], *explanation);
    assert_eq!(detail.data()["conversionId"], Value::Null);
    assert!(!detail.data()["stripeIds"].as_array().unwrap().is_empty());

    let conversion = client.all(&format!("{program}/conversions"), 10).await.remove(0);
    let credited = conversion["paymentId"].as_str().unwrap();
    let detail = client.get(&format!("{program}/payments/{credited}")).await;
    assert_eq!(detail.data()["conversionId"], conversion["id"]);
    assert_eq!(detail.data()["explanation"]["decidedBy"], "metadata");
}

#[tokio::test]
async fn the_ledger_can_be_checked_from_outside() {
    use sha2::{Digest, Sha256};

    let (world, client, program) = sold().await;
    let mira = &world.affiliates["mira"].id;
    let mut entries = client.all(&format!("{program}/commissions?affiliateId={mira}"), 1).await;
    assert_eq!(entries, client.all(&format!("{program}/commissions"), 100).await);
    entries.reverse();
    assert_eq!(entries.len(), 2);
    let mut previous = "0".repeat(64);
    for (index, entry) in entries.iter().enumerate() {
        let text = |name: &str| entry[name].as_str().unwrap();
        assert_eq!(
            (entry["sequence"].as_u64(), text("previousHash")),
            (Some(index as u64 + 1), previous.as_str())
        );
        let at: jiff::Timestamp = text("at").parse().unwrap();
        let said = format!(
            "{previous}|{}|{}|{}|{}|{}|{}|{}|{}|{}",
            entry["sequence"],
            text("id"),
            text("affiliateId"),
            text("conversionId"),
            text("kind"),
            entry["amount"]["amount"],
            entry["amount"]["currency"].as_str().unwrap(),
            text("cause"),
            at.as_millisecond(),
        );
        previous = hex::encode(Sha256::digest(said));
        assert_eq!(text("hash"), previous);
    }
    let balance = client.get(&format!("{program}/affiliates/{mira}")).await.data()["balances"][0].clone();
    assert_eq!(
        balance,
        json!({"earned": usd(490), "onHold": usd(490), "payable": usd(0), "inPayout": usd(0), "paid": usd(0)})
    );
}

#[tokio::test]
async fn events_are_listed_with_their_outcome() {
    let (_world, client, program) = sold().await;
    let all = client.all(&format!("{program}/events"), 100).await;
    assert_eq!(client.all(&format!("{program}/events"), 2).await, all, "in pages");
    let kind = "checkout.session.completed";
    let sessions = client.all(&format!("{program}/events?type={kind}"), 10).await;
    assert_eq!(sessions.len(), 2);
    assert!(sessions.iter().all(|event| event["type"] == kind));
    let processed = client.all(&format!("{program}/events?status=processed"), 10).await;
    assert!(!processed.is_empty() && processed.len() < all.len());
    assert!(processed.iter().all(|event| event["sentence"].is_string()));

    let id = sessions[0]["id"].as_str().unwrap();
    let detail = client.get(&format!("{program}/events/{id}")).await;
    assert_eq!(detail.data()["payload"]["id"], detail.data()["stripeId"]);
    assert_eq!(detail.data()["payload"]["object"], "event");
    assert_eq!(detail.data()["rawPayload"], Value::Null);
}
