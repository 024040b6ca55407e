//! Payouts by the API: from what is due to the statement, and what is refused on the way.

use axum::http::Method;
use domain::payouts::{BankAccount, PayoutMethod};
use domain::terms::Terms;
use sandbox::ApiVersion;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::db::Value as Parameter;

use super::{Answer, Client, another_company, request};
use crate::harness::{TERMS, World, checkout};

const IBAN: &str = "DE89370400440532013000";
const PAYER: &str = "NL91ABNA0417164300";

/// A program in euros that owes Mira 20.00 for a sale, payable to a bank account.
struct Office {
    world: World,
    client: Client,
    program: String,
}

impl Office {
    async fn open() -> Self {
        let terms = Terms { hold_days: 7, ..TERMS };
        let mut world = World::with(terms, "eur").await;
        let (engine, merchant, id) = (&world.engine, &world.merchant, &world.program.id);
        let mira = &world.affiliates["mira"].id;
        let detail = engine::programs::affiliates::detail(engine, merchant, id, mira).await.unwrap();
        let method = PayoutMethod::Iban(BankAccount::parse("Mira Sato", IBAN, "").unwrap());
        let account = detail.affiliate.account_id.expect("an account");
        engine::payouts::set_method_of(engine, &account, &method).await.unwrap();
        let token = world.click("mira").await;
        world.buy(checkout(&world.once(10_000, "eur"), &token));
        world.deliver(ApiVersion::ACACIA).await;
        world.time.days(8);
        let client = Client::of(&world, &world.merchant, None).await;
        let program = format!("/programs/{}", world.program.id);
        Self { world, client, program }
    }

    fn affiliate(&self, name: &str) -> &str {
        self.world.affiliates[name].id.as_str()
    }

    async fn get(&self, path: &str) -> Answer {
        self.client.get(&format!("{}{path}", self.program)).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.client.delete(&format!("{}{path}", self.program)).await
    }

    async fn put(&self, path: &str, body: Value) -> Answer {
        self.client.put(&format!("{}{path}", self.program), body).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.client.post(&format!("{}{path}", self.program), body).await
    }

    /// A POST without a body.
    async fn act(&self, path: &str) -> Answer {
        self.client.send(request(Method::POST, &format!("{}{path}", self.program), None)).await
    }

    async fn all(&self, path: &str, limit: usize) -> Vec<Value> {
        self.client.all(&format!("{}{path}", self.program), limit).await
    }

    async fn bonus(&self, name: &str, amount: i64) -> Answer {
        let body = json!({"kind": "bonus", "amount": amount, "reason": "Most sales in March"});
        self.post(&format!("/affiliates/{}/adjustments", self.affiliate(name)), body).await
    }

    async fn set_payer(&self) {
        let payer = json!({"holder": "Lumen B.V.", "iban": PAYER});
        let body = json!({"methodHoldDays": 3, "payer": payer});
        self.put("/payout-settings", body).await.data();
    }

    /// A draft of everyone who is payable: the paths of the run and its first payout.
    async fn draft(&self) -> (String, String) {
        let run = format!("/payout-runs/{}", self.post("/payout-runs", json!({})).await.id());
        let payouts = self.all(&format!("{run}/payouts"), 10).await;
        (run, format!("/payouts/{}", payouts[0]["id"].as_str().expect("an id")))
    }

    async fn approved(&self) -> (String, String) {
        self.set_payer().await;
        let (run, payout) = self.draft().await;
        self.act(&format!("{run}/approve")).await.data();
        (run, payout)
    }

    /// What one affiliate is due, as `(amount, status)`.
    async fn due(&self, name: &str) -> Option<(i64, String)> {
        let all = self.all("/payouts/due", 10).await;
        let due = all.iter().find(|due| due["affiliateId"] == self.affiliate(name))?;
        let status = due["status"].as_str().expect("a status").to_owned();
        Some((due["amount"]["amount"].as_i64().expect("an amount"), status))
    }

    /// Gives the owner of the key another role.
    async fn set_role(&self, role: &str) {
        let sql = "UPDATE members SET role = $2 WHERE account_id = $1";
        let mut conn = self.world.engine.db().write().await.unwrap();
        let args = [Parameter::from(self.world.merchant.account_id()), Parameter::from(role)];
        conn.run_one(sql, &args).await.unwrap();
    }

    /// The key of a second person of the company.
    async fn colleague(&self) -> Client {
        let (engine, merchant) = (&self.world.engine, &self.world.merchant);
        let person = another_company(engine).await;
        let sql = "UPDATE members SET merchant_id = $2, role = 'manager' WHERE account_id = $1";
        let args = [Parameter::from(person.account_id()), Parameter::from(merchant.merchant_id())];
        engine.db().write().await.unwrap().run_one(sql, &args).await.unwrap();
        let person = engine::identity::sessions::person(engine, person.account_id()).await.unwrap().unwrap();
        Client::of(&self.world, &person.merchant.expect("a member"), None).await
    }
}

fn forbidden(answer: &Answer, detail: &str) {
    assert_eq!((answer.status, answer.code()), (403, "forbidden"), "{answer:?}");
    assert!(answer.body["detail"].as_str().expect("a sentence").contains(detail), "{answer:?}");
}

fn euros(amount: i64) -> Value {
    json!({"amount": amount, "currency": "eur"})
}

#[tokio::test]
async fn from_what_is_due_to_the_statement() {
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
async fn steps_out_of_turn_are_refused() {
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
async fn roles_are_kept() {
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

#[tokio::test]
async fn the_settings_say_four_characters_of_the_account_that_pays() {
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
async fn pages_of_what_is_due() {
    let office = Office::open().await;
    office.bonus("noah", 700).await.data();
    let all = office.all("/payouts/due", 1).await;
    let amounts: Vec<&Value> = all.iter().map(|due| &due["amount"]["amount"]).collect();
    assert_eq!(amounts, [2_000, 700], "the largest first");
    assert_eq!(all, office.all("/payouts/due", 100).await);
    let payable = office.all("/payouts/due?status=payable", 1).await;
    assert_eq!((payable.len(), &payable[0]["affiliateName"]), (1, &json!("mira")));
}
