//! Payout runs, from what is due to the statement, and what is refused on the way.

use axum::http::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{IBAN, Office, PAYER, euros, forbidden};
use crate::api::request;

#[tokio::test]
async fn a_payout_is_drafted_approved_and_paid() {
    let office = Office::open().await;
    let due = office.get("/payouts/due").await;
    let expected = json!({"kind": "iban", "hint": "3000"});
    assert_eq!((&due.data()[0]["amount"], &due.data()[0]["method"]), (&euros(2_000), &expected));
    assert_eq!(due.data()[0]["status"], "payable");
    assert!(!due.body.to_string().contains(IBAN), "{due:?}");

    let drafted = office.post("/payout-runs", json!({})).await;
    assert_eq!((drafted.status, &drafted.data()["status"]), (201, &json!("draft")));
    assert_eq!((&drafted.data()["number"], &drafted.data()["files"]), (&json!(1), &json!([])));
    let sum = json!({"status": "open", "payouts": 1, "entries": 1, "amount": euros(2_000)});
    assert_eq!(drafted.data()["sums"], json!([sum]));
    assert_eq!(drafted.data()["drafted"]["name"], "Olga");
    let run = format!("/payout-runs/{}", drafted.id());
    assert!(office.due("mira").await.is_none(), "the draft claims it");
    assert_eq!(office.post("/payout-runs", json!({})).await.pointers(), ["/affiliates"]);

    let file = format!("{run}/files/sepa/eur");
    assert_eq!(office.get(&file).await.code(), "not_found");
    forbidden(&office.act(&format!("{run}/approve")).await, "Settings > Payouts");
    assert_eq!(office.get(&run).await.data()["status"], "draft");
    office.set_payer().await;
    let approved = office.act(&format!("{run}/approve")).await;
    assert_eq!(approved.data()["status"], "approved");
    assert_eq!(office.act(&format!("{run}/approve")).await.body, approved.body, "once");
    let written = &approved.data()["files"][0];
    assert_eq!((&written["rail"], &written["amount"]), (&json!("sepa"), &euros(2_000)));

    let downloaded = office.get(&file).await;
    assert_eq!(
        (downloaded.status, &downloaded.headers["content-type"]),
        (200, &"application/xml".parse().unwrap())
    );
    assert_eq!(downloaded.headers["content-disposition"], "attachment; filename=\"run-1-sepa-eur.xml\"");
    assert_eq!(downloaded.headers["cache-control"], "no-store");
    let content = downloaded.body.as_str().expect("a file");
    assert!(content.contains(IBAN) && content.contains(PAYER), "{content}");
    assert_eq!(written["sha256"], hex::encode(Sha256::digest(content)));
    for other in ["sepa/usd", "paypal/eur", "cheque/eur", "sepa/euro"] {
        assert_eq!(office.get(&format!("{run}/files/{other}")).await.code(), "not_found", "{other}");
    }

    assert_eq!(office.act(&format!("{run}/sent")).await.data()["status"], "sent");
    let payouts = office.all(&format!("{run}/payouts"), 1).await;
    let payout = format!("/payouts/{}", payouts[0]["id"].as_str().unwrap());
    let paid = office.act(&format!("{payout}/paid")).await;
    assert_eq!((&paid.data()["status"], &paid.data()["runNumber"]), (&json!("paid"), &json!(1)));
    assert_eq!(office.act(&format!("{payout}/paid")).await.body, paid.body, "once");
    let run = office.get(&run).await;
    assert_eq!(
        (&run.data()["status"], &run.data()["sums"][0]["status"]),
        (&json!("completed"), &json!("paid"))
    );

    let statement = office.get(&payout).await;
    let lines = statement.data()["lines"].as_array().unwrap();
    assert_eq!((lines.len(), &lines[0]["amount"], &lines[0]["kind"]), (1, &euros(2_000), &json!("earn")));
    assert_eq!((&lines[0]["sale"]["base"], &lines[0]["reason"]), (&euros(10_000), &Value::Null));
    assert!(!statement.body.to_string().contains(IBAN));
    let balance =
        &office.get(&format!("/affiliates/{}", office.affiliate("mira"))).await.body["data"]["balances"][0];
    assert_eq!((&balance["paid"], &balance["payable"]), (&euros(2_000), &euros(0)));
    office.world.check_books().await;
}

#[tokio::test]
async fn a_failed_payout_is_payable_again_also_after_it_was_paid() {
    let office = Office::open().await;
    for paid_first in [false, true] {
        let (run, payout) = office.approved().await;
        if paid_first {
            office.act(&format!("{payout}/paid")).await.data();
        }
        let failed =
            office.post(&format!("{payout}/failed"), json!({"reason": "The account is closed."})).await;
        assert_eq!(
            (&failed.data()["status"], &failed.data()["failureReason"]),
            (&json!("failed"), &json!("The account is closed."))
        );
        assert_eq!(office.get(&run).await.data()["status"], "completed");
        assert_eq!(office.get(&payout).await.data()["lines"], json!([]));
        assert_eq!(office.due("mira").await, Some((2_000, "payable".to_owned())));
        forbidden(&office.act(&format!("{payout}/paid")).await, "This payout failed");
        let again = office.post(&format!("{payout}/failed"), json!({"reason": "Once more"})).await;
        assert_eq!(again.body, failed.body);
    }
    assert_eq!(office.all("/payout-runs", 1).await.len(), 2);
    office.world.check_books().await;
}

#[tokio::test]
async fn payout_steps_out_of_order_are_refused() {
    let office = Office::open().await;
    office.bonus("noah", 700).await.data();
    let reason = json!({"reason": "It came back"});
    let (run, payout) = office.draft().await;
    forbidden(&office.act(&format!("{run}/sent")).await, "Approve this run first");
    forbidden(&office.act(&format!("{payout}/paid")).await, "Approve this run first");
    forbidden(&office.post(&format!("{payout}/failed"), reason.clone()).await, "Approve this run first");

    assert_eq!(office.delete(&payout).await.data()["status"], "removed");
    assert_eq!(office.delete(&payout).await.status, 200, "once");
    assert_eq!(office.due("mira").await, Some((2_000, "payable".to_owned())));
    assert_eq!(office.all(&format!("{run}/payouts"), 10).await, Vec::<Value>::new());
    forbidden(&office.act(&format!("{run}/approve")).await, "Discard it instead");
    assert_eq!(office.delete(&run).await.data()["status"], "discarded");
    assert_eq!(office.delete(&run).await.status, 200, "once");
    forbidden(&office.act(&format!("{run}/approve")).await, "discarded");

    let (run, payout) = office.draft().await;
    assert_eq!(office.delete(&run).await.data()["status"], "discarded");
    assert_eq!(office.get(&payout).await.data()["status"], "removed");
    assert_eq!(office.due("mira").await, Some((2_000, "payable".to_owned())));

    let body = json!({"affiliates": [
        {"affiliateId": office.affiliate("mira")},
        {"affiliateId": office.affiliate("noah"), "currency": "eur"},
    ]});
    office.set_payer().await;
    let run = format!("/payout-runs/{}", office.post("/payout-runs", body).await.id());
    let payouts = office.all(&format!("{run}/payouts"), 1).await;
    assert_eq!(payouts.len(), 2, "noah has no payout method, and was named");
    let files = office.act(&format!("{run}/approve")).await.data()["files"].clone();
    let rails: Vec<&Value> = files.as_array().unwrap().iter().map(|file| &file["rail"]).collect();
    assert_eq!(rails, ["manual", "sepa"]);
    let manual = office.get(&format!("{run}/files/manual/eur")).await;
    assert_eq!(manual.headers["content-type"], "text/csv; charset=utf-8");
    forbidden(&office.delete(&run).await, "can’t be discarded");
    let payout = format!("/payouts/{}", payouts[0]["id"].as_str().unwrap());
    forbidden(&office.delete(&payout).await, "Mark the payout as failed");
    office.world.check_books().await;
}

#[tokio::test]
async fn roles_are_enforced() {
    let office = Office::open().await;
    let colleague = office.colleague().await;
    let settings = format!("{}/payout-settings", office.program);
    let body =
        json!({"methodHoldDays": 3, "secondApproval": 1_999, "payer": {"holder": "Lumen", "iban": PAYER}});
    forbidden(&colleague.put(&settings, body.clone()).await, "Only an owner");
    assert_eq!(colleague.get(&settings).await.status, 200);
    office.put("/payout-settings", body).await.data();

    let (run, payout) = office.draft().await;
    assert_eq!(office.get(&run).await.data()["needsSecondApproval"], true);
    forbidden(&office.act(&format!("{run}/approve")).await, "second person");
    let path = format!("{}{run}/approve", office.program);
    let approved = colleague.send(request(Method::POST, &path, None)).await;
    assert_eq!(approved.data()["approved"]["name"], "Ines");

    office.set_role("viewer").await;
    for path in ["/payouts/due", "/payout-runs", "/payout-settings", run.as_str(), payout.as_str()] {
        assert_eq!(office.get(path).await.status, 200, "{path}");
    }
    forbidden(&office.get(&format!("{run}/files/sepa/eur")).await, "Viewers");
    forbidden(&office.bonus("noah", 700).await, "Viewers");
    forbidden(&office.post("/payout-runs", json!({})).await, "Viewers");
    for path in [format!("{run}/approve"), format!("{run}/sent"), format!("{payout}/paid")] {
        forbidden(&office.act(&path).await, "Viewers");
    }
    forbidden(&office.post(&format!("{payout}/failed"), json!({"reason": "x"})).await, "Viewers");
    for path in [&run, &payout] {
        forbidden(&office.delete(path).await, "Viewers");
    }
}
