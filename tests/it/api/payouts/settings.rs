//! Payout settings, and invalid input.

use serde_json::{Value, json};

use super::{Office, PAYER};

#[tokio::test]
async fn wrong_input_is_named_at_its_place() {
    let office = Office::open().await;
    for (path, field) in [
        ("/payouts/due?status=gone", "status"),
        ("/payouts/due?startingAfter=zzz", "startingAfter"),
        ("/payout-runs?startingAfter=zzz", "startingAfter"),
    ] {
        assert_eq!(office.get(path).await.pointers(), [field], "{path}");
    }
    let body = json!({
        "affiliates": [{"affiliateId": office.affiliate("mira")}, {"affiliateId": "prg_1", "currency": "euros"}],
        "until": "yesterday",
    });
    let answer = office.post("/payout-runs", body).await;
    assert_eq!(answer.pointers(), ["/affiliates/1/affiliateId", "/affiliates/1/currency", "/until"]);
    for nobody in [json!([]), json!([{"affiliateId": office.affiliate("noah")}])] {
        let answer = office.post("/payout-runs", json!({"affiliates": nobody})).await;
        assert_eq!(answer.pointers(), ["/affiliates"]);
    }

    let (_, payout) = office.approved().await;
    for reason in [json!({}), json!({"reason": " "}), json!({"reason": "x".repeat(301)})] {
        assert_eq!(office.post(&format!("{payout}/failed"), reason).await.pointers(), ["/reason"]);
    }

    let adjustments = format!("/affiliates/{}/adjustments", office.affiliate("mira"));
    let answer = office.post(&adjustments, json!({"kind": "gift", "currency": "euros"})).await;
    assert_eq!(answer.pointers(), ["/kind", "/amount", "/currency", "/reason"]);
    let earned = json!({"kind": "earn", "amount": 1, "reason": "x"});
    assert_eq!(office.post(&adjustments, earned).await.pointers(), ["/kind"]);
    for (kind, amount) in [("bonus", 0), ("bonus", -1), ("correction", 0), ("correction", -100_000_001)] {
        let body = json!({"kind": kind, "amount": amount, "reason": "x"});
        assert_eq!(office.post(&adjustments, body).await.pointers(), ["/amount"], "{kind} {amount}");
    }

    let wrong = json!({
        "secondApproval": -1,
        "methodHoldDays": 31,
        "draftDay": 29,
        "payer": {"holder": "", "iban": "NL91ABNA0417164301", "bic": "X"},
    });
    let expected =
        ["/secondApproval", "/draftDay", "/methodHoldDays", "/payer/holder", "/payer/iban", "/payer/bic"];
    assert_eq!(office.put("/payout-settings", wrong).await.pointers(), expected);
    assert_eq!(office.put("/payout-settings", json!({})).await.pointers(), ["/methodHoldDays"]);
}

#[tokio::test]
async fn the_settings_show_four_characters_of_the_paying_account() {
    let office = Office::open().await;
    let before = json!({"secondApproval": null, "currency": "eur", "methodHoldDays": 3, "draftDay": null, "payer": null});
    assert_eq!(office.get("/payout-settings").await.data(), &before);
    let payer = json!({"holder": "Lumen B.V.", "iban": "nl91 abna 0417 1643 00", "bic": "abnanl2a"});
    let body = json!({"methodHoldDays": 0, "draftDay": 28, "secondApproval": 100_000, "payer": payer});
    let changed = office.put("/payout-settings", body).await;
    let shown = json!({"holder": "Lumen B.V.", "ibanLastFour": "4300", "bic": "ABNANL2A"});
    assert_eq!(changed.data()["payer"], shown);
    assert_eq!(
        (&changed.data()["secondApproval"], &changed.data()["draftDay"]),
        (&json!(100_000), &json!(28))
    );
    assert!(!changed.body.to_string().contains(PAYER));
    assert_eq!(office.get("/payout-settings").await.body, changed.body);

    let replaced = office.put("/payout-settings", json!({"methodHoldDays": 4})).await;
    assert_eq!(replaced.data()["payer"], shown, "left out, it stays");
    assert_eq!(
        (&replaced.data()["secondApproval"], &replaced.data()["draftDay"]),
        (&Value::Null, &Value::Null)
    );
    let (run, _) = office.draft().await;
    office.act(&format!("{run}/approve")).await.data();
    let file = office.get(&format!("{run}/files/sepa/eur")).await;
    assert!(file.body.as_str().unwrap().contains(PAYER), "the account is still whole");
    let removed = office.put("/payout-settings", json!({"methodHoldDays": 4, "payer": null})).await;
    assert_eq!(removed.data()["payer"], Value::Null);
}
