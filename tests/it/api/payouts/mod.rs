//! Payouts by the API.

mod lists;
mod runs;
mod settings;

use axum::http::Method;
use domain::payouts::{BankAccount, PayoutMethod};
use domain::terms::Terms;
use sandbox::ApiVersion;
use serde_json::{Value, json};
use store::db::Value as Parameter;

use crate::api::{Answer, Client, another_company, request};
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
