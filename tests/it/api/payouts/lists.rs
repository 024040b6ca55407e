//! Adjustments, and the list of what is due.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Office, euros};
use crate::api::request;

#[tokio::test]
async fn adjustments_are_listed_and_sent_once() {
    let office = Office::open().await;
    let path = format!("/affiliates/{}/adjustments", office.affiliate("noah"));
    let post = || {
        let body = json!({"kind": "bonus", "amount": 100_000_000, "reason": "Most sales in March"});
        let mut request = request(Method::POST, &format!("{}{path}", office.program), Some(body));
        request.headers_mut().insert("idempotency-key", "bonus-march".parse().unwrap());
        request
    };
    let (first, again) = (office.client.send(post()).await, office.client.send(post()).await);
    assert_eq!((first.status, &first.data()["amount"]), (201, &euros(100_000_000)));
    assert_eq!((&again.body, &again.headers["idempotent-replayed"]), (&first.body, &"true".parse().unwrap()));
    let taken = json!({"kind": "correction", "amount": -100_000_000, "reason": "A slip of the finger"});
    // Entries of one millisecond are in no order.
    office.world.time.advance(1);
    let taken = office.post(&path, taken).await;
    assert!(office.due("noah").await.is_none(), "zero is not due");
    let dollars = json!({"kind": "correction", "amount": 500, "currency": "USD", "reason": "In dollars"});
    office.world.time.advance(1);
    office.post(&path, dollars).await.data();
    let listed = office.all(&path, 1).await;
    let kinds: Vec<&Value> = listed.iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["correction", "correction", "bonus"]);
    assert_eq!((&listed[1], &listed[2]), (taken.data(), first.data()));
    let due = office.all("/payouts/due?status=no_method", 10).await;
    assert_eq!((due.len(), &due[0]["amount"]["currency"]), (1, &json!("usd")));
    let entries = office.all(&format!("/commissions?affiliateId={}", office.affiliate("noah")), 10).await;
    assert!(entries.iter().any(|entry| entry["id"] == first.data()["id"]));
    office.world.check_books().await;
}

#[tokio::test]
async fn the_list_of_what_is_due_is_paged() {
    let office = Office::open().await;
    office.bonus("noah", 700).await.data();
    let all = office.all("/payouts/due", 1).await;
    let amounts: Vec<&Value> = all.iter().map(|due| &due["amount"]["amount"]).collect();
    assert_eq!(amounts, [2_000, 700], "the largest first");
    assert_eq!(all, office.all("/payouts/due", 100).await);
    let payable = office.all("/payouts/due?status=payable", 1).await;
    assert_eq!((payable.len(), &payable[0]["affiliateName"]), (1, &json!("mira")));
}
