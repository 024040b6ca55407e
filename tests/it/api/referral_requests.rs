//! Affiliates who miss a referral.

use domain::referral_requests::{Remark, RequestStatus, Sought};
use engine::ledger::referral_requests::{self, RequestDraft};
use sandbox::ApiVersion;
use serde_json::{Value, json};

use super::Client;
use crate::harness::{World, checkout};

/// A request of an affiliate, by its id.
pub async fn referral_request(world: &World, affiliate: &str, sought: &str) -> String {
    let (engine, merchant, program) = (&world.engine, &world.merchant, &world.program.id);
    let id = affiliate.parse().expect("an id");
    let detail = engine::programs::affiliates::detail(engine, merchant, program, &id).await.expect("one");
    let account = detail.affiliate.account_id.expect("an account");
    let person = engine::identity::sessions::person(engine, &account).await.expect("an answer");
    let actor = person.and_then(|person| person.affiliate).expect("an affiliate");
    let sought = Sought::parse(sought).expect("an address or an order");
    let draft = RequestDraft { sought, bought_at: world.time.now(), note: Remark::default() };
    referral_requests::send(engine, &actor, program, &draft).await.expect("a request");
    let open = RequestStatus::Open;
    let rows = referral_requests::list(engine, merchant, program, open, "", 50).await.expect("a list");
    rows.last().expect("a request").request.id.to_string()
}

#[tokio::test]
async fn a_request_is_answered_once() {
    let mut world = World::new().await;
    let client = Client::of(&world, &world.merchant, None).await;
    let program = format!("/programs/{}", world.program.id);
    let affiliate =
        client.all(&format!("{program}/affiliates"), 1).await[0]["id"].as_str().unwrap().to_owned();
    let price = world.once(4_900, "usd");
    world.buy(checkout(&price, "no token"));
    world.deliver(ApiVersion::NEWEST).await;
    let payment = client.all(&format!("{program}/payments"), 5).await.remove(0);
    let email = payment["email"].as_str().expect("an address").to_owned();

    let first = referral_request(&world, &affiliate, &email).await;
    let second = referral_request(&world, &affiliate, "order-7").await;
    let path = format!("{program}/referral-requests");
    let open = client.all(&path, 1).await;
    assert_eq!(
        (open.len(), &open[0]["sought"], &open[0]["matches"]),
        (2, &json!(email), &json!([payment["id"]]))
    );
    let one = format!("{path}/{first}");
    for (input, pointer) in [
        (json!({}), "/status"),
        (json!({"status": "open"}), "/status"),
        (json!({"status": "credited"}), "/paymentId"),
        (json!({"status": "credited", "paymentId": "pmt_01h00000000000000000000000"}), "/paymentId"),
        (json!({"status": "declined"}), "/answer"),
    ] {
        assert_eq!(client.patch(&one, input.clone()).await.pointers(), [pointer], "{input}");
    }
    let credited = client.patch(&one, json!({"status": "credited", "paymentId": payment["id"]})).await;
    assert_eq!(
        (&credited.data()["status"], &credited.data()["paymentId"]),
        (&json!("credited"), &payment["id"])
    );
    let again = client.patch(&one, json!({"status": "declined", "answer": "No"})).await;
    assert_eq!(again.pointers(), ["/answer"]);
    let conversions = client.all(&format!("{program}/conversions"), 5).await;
    assert_eq!(conversions[0]["affiliateId"], json!(affiliate));
    let input = json!({"status": "declined", "answer": "No such order."});
    let declined = client.patch(&format!("{path}/{second}"), input).await;
    assert_eq!(declined.data()["answer"], "No such order.");
    assert_eq!(client.all(&path, 5).await, Vec::<Value>::new());
    assert_eq!(client.all(&format!("{path}?status=declined"), 5).await.len(), 1);
}
