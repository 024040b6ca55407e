//! Events, replays and assignments by the API.

use sandbox::{ApiVersion, NewSession};
use serde_json::{Value, json};

use crate::api::Client;
use crate::harness::World;

async fn sold() -> (World, Client, String) {
    let mut world = World::new().await;
    world.buy(NewSession::of(&world.monthly(2_000, "usd")));
    world.deliver(ApiVersion::NEWEST).await;
    let client = Client::of(&world, &world.merchant, None).await;
    let program = format!("/programs/{}", world.program.id);
    (world, client, program)
}

#[tokio::test]
async fn a_payment_is_assigned_explained_and_unassigned() {
    let (world, client, program) = sold().await;
    let payment = client.all(&format!("{program}/payments?filter=unattributed"), 10).await.remove(0);
    let path = format!("{program}/payments/{}", payment["id"].as_str().unwrap());
    let mira = world.affiliates["mira"].id.to_string();
    let answer = client.post(&format!("{path}/assignment"), json!({"affiliateId": mira})).await;
    let data = answer.data();
    assert_eq!(data["explanation"]["decidedBy"], "assignment");
    assert_eq!(data["decision"]["affiliateId"], *mira);
    assert_eq!(data["decision"]["laterPayments"], true, "a subscription’s renewals follow");
    assert_eq!(data["decision"]["by"], "Olga");
    assert_eq!(world.ledger().await, ["mira 400 usd by assignment"]);
    assert!(client.all(&format!("{program}/payments?filter=unattributed"), 10).await.is_empty());
    assert_eq!(client.all(&format!("{program}/payments?filter=decided"), 10).await.len(), 1);
    assert_eq!(client.all(&format!("{program}/payments"), 10).await.len(), 1);

    let not_a_sale = json!({"notAffiliateSale": true, "laterPayments": false});
    let answer = client.post(&format!("{path}/assignment"), not_a_sale).await;
    assert_eq!(answer.data()["explanation"]["reason"], "not_affiliate_sale");
    let answer = client.delete(&format!("{path}/assignment")).await;
    assert_eq!(answer.data()["decision"], Value::Null);
    assert_eq!(world.ledger().await, ["no commission: no_match"]);
    assert_eq!(client.delete(&format!("{path}/assignment")).await.code(), "not_found");
    for body in
        [json!({}), json!({"affiliateId": "x"}), json!({"affiliateId": mira, "notAffiliateSale": true})]
    {
        let answer = client.post(&format!("{path}/assignment"), body).await;
        assert_eq!(answer.pointers(), ["/affiliateId"]);
    }
}

#[tokio::test]
async fn an_event_is_found_and_replayed() {
    let (_world, client, program) = sold().await;
    let paid = client.all(&format!("{program}/events?type=invoice.paid"), 10).await.remove(0);
    let object = paid["objectId"].as_str().unwrap();
    let found =
        client.all(&format!("{program}/events?stripeId={object}&livemode=false&source=webhook"), 10).await;
    assert!(found.iter().any(|event| event["id"] == paid["id"]));
    assert!(client.all(&format!("{program}/events?livemode=true"), 10).await.is_empty());
    let path = format!("{program}/events/{}/replay", paid["id"].as_str().unwrap());
    for (dry_run, attempts) in [(true, 1), (false, 1)] {
        let answer = client.post(&path, json!({"dryRun": dry_run})).await;
        let data = answer.data();
        assert_eq!((&data["dryRun"], &data["difference"]), (&json!(dry_run), &json!([])));
        assert_eq!(data["event"]["attempts"], attempts, "as it stood before");
    }
    assert_eq!(client.get(&format!("{program}/events?source=pigeon")).await.pointers(), ["source"]);
}

#[tokio::test]
async fn the_events_of_a_filter_are_replayed() {
    let (world, client, program) = sold().await;
    let payment = client.all(&format!("{program}/payments?filter=unattributed"), 10).await.remove(0);
    let path = format!("{program}/events/replay?type=invoice.paid");
    for dry_run in [true, false] {
        let answer = client.post(&path, json!({"dryRun": dry_run})).await;
        let data = answer.data();
        assert_eq!((&data["dryRun"], &data["complete"]), (&json!(dry_run), &json!(true)));
        assert_eq!(data["events"].as_array().unwrap().len(), 1, "{data}");
        assert_eq!(data["events"][0]["event"]["objectId"], payment["stripeId"]);
        assert_eq!(data["difference"], json!([]));
    }
    let all = client.post(&format!("{program}/events/replay"), json!({})).await;
    let events = client.all(&format!("{program}/events"), 100).await;
    assert_eq!(all.data()["events"].as_array().unwrap().len(), events.len());
    let refused = client.post(&format!("{program}/events/replay?status=lost"), json!({})).await;
    assert_eq!(refused.pointers(), ["status"]);
    assert_eq!(world.ledger().await, ["no commission: no_match"]);
}

#[tokio::test]
async fn rejected_deliveries_are_counted() {
    let (world, client, program) = sold().await;
    let refused = engine::stripe::webhooks::receive(&world.engine, &world.endpoint, None, b"{}").await;
    assert!(refused.is_err());
    world.work().await;
    let answer = client.get(&format!("{program}/rejected-deliveries")).await;
    let hour = &answer.data()["hours"][0];
    assert_eq!((&hour["reason"], &hour["deliveries"]), (&json!("stripe_signature_missing"), &json!(1)));
    assert_eq!(hour["target"], "connection");
    assert_eq!(answer.data()["samples"][0]["bytes"], 2);
}
