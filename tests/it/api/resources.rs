//! Resources that are created by the API can be read again.

use serde_json::{Value, json};

use super::{Client, new_program};
use crate::harness::World;

async fn client() -> (World, Client) {
    let world = World::new().await;
    let client = Client::of(&world, &world.merchant, None).await;
    (world, client)
}

fn codes(links: &[Value]) -> Vec<&str> {
    links.iter().map(|link| link["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_api_key_names_its_company() {
    let (world, client) = client().await;
    let answer = client.get("/me").await;
    let me = answer.data();
    assert_eq!(me["merchant"], json!({"id": world.merchant.merchant_id().as_str(), "name": "Lumen"}));
    assert_eq!((&me["account"]["name"], &me["account"]["role"]), (&json!("Olga"), &json!("owner")));
    assert_eq!(me["key"]["programId"], Value::Null);
    assert_eq!(answer.body["meta"], json!({}));
}

#[tokio::test]
async fn a_program_is_made_read_and_changed() {
    let (_world, client) = client().await;
    let made = client
        .post(
            "/programs",
            json!({
                "name": "Acme partners",
                "website": "https://acme.example",
                "currency": "EUR",
                "timeZone": "Europe/Berlin",
                "allowedDomains": ["shop.acme.example", "acme.test"],
                "autoApprove": true,
                "commission": {"kind": "percent", "percent": 12.5},
                "recurrence": {"kind": "first_payment"},
                "windowDays": 60,
                "holdDays": 14,
                "minimumPayout": 10_000,
                "clickModel": "first",
                "attributionPriority": "click",
            }),
        )
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let program = made.data();
    assert_eq!(program["currency"], "eur");
    assert_eq!(program["allowedDomains"], json!(["acme.example", "shop.acme.example", "acme.test"]));
    assert_eq!(program["createdAt"], "2026-03-02T09:00:00.000Z");
    let terms = &program["terms"];
    assert_eq!(terms["commission"], json!({"kind": "percent", "percent": "12.5"}));
    assert_eq!(terms["recurrence"], json!({"kind": "first_payment"}));
    assert_eq!((&terms["minimumPayout"], &terms["holdDays"]), (&json!(10_000), &json!(14)));
    assert_eq!((&terms["clickModel"], &terms["attributionPriority"]), (&json!("first"), &json!("click")));

    let path = format!("/programs/{}", made.id());
    assert_eq!(client.get(&path).await.data(), program);
    let changed =
        client.patch(&path, json!({"name": "Acme", "autoApprove": false, "status": "paused"})).await;
    assert_eq!((&changed.data()["name"], &changed.data()["status"]), (&json!("Acme"), &json!("paused")));
    assert_eq!(changed.data()["autoApprove"], false);
    for untouched in ["website", "allowedDomains", "timeZone", "currency", "terms"] {
        assert_eq!(changed.data()[untouched], program[untouched], "{untouched}");
    }
    assert_eq!(client.get(&path).await.data(), changed.data());
}

#[tokio::test]
async fn a_change_of_a_program_is_applied_completely_or_not_at_all() {
    let (world, client) = client().await;
    let path = format!("/programs/{}", world.program.id);
    let before = client.get(&path).await;
    let domains: Vec<String> = (0..20).map(|n| format!("shop-{n}.example")).collect();
    let change = json!({"status": "paused", "name": "Renamed", "allowedDomains": domains});
    assert_eq!(client.patch(&path, change).await.pointers(), ["/allowedDomains"]);
    assert_eq!(client.get(&path).await.data(), before.data(), "neither the status nor the name");
}

#[tokio::test]
async fn terms_change_by_new_versions() {
    let (world, client) = client().await;
    let path = format!("/programs/{}/terms", client.post("/programs", new_program("Acme")).await.id());
    world.time.days(1);
    let fixed = json!({"commission": {"kind": "fixed", "amount": 1_500}, "windowDays": 7});
    let second = client.post(&path, fixed.clone()).await;
    assert_eq!((second.status, &second.data()["version"]), (201, &json!(2)));
    assert_eq!(second.data()["commission"], json!({"kind": "fixed", "amount": 1_500}));
    assert_eq!(second.data()["recurrence"], json!({"kind": "months", "months": 12}), "as it was");
    assert_eq!(client.post(&path, fixed).await.id(), second.id(), "the same terms again");
    let versions: Vec<Value> =
        client.all(&path, 1).await.iter().map(|terms| terms["version"].clone()).collect();
    assert_eq!(versions, [1, 2]);
}

#[tokio::test]
async fn rewards_are_sent_and_read_back() {
    let (world, client) = client().await;
    let path = format!("/programs/{}/terms", client.post("/programs", new_program("Acme")).await.id());
    world.time.days(1);
    let steps = json!([
        {"commission": {"kind": "percent", "percent": "30"}, "recurrence": {"kind": "months", "months": 12}},
        {"commission": {"kind": "percent", "percent": "10"}, "recurrence": {"kind": "lifetime"}},
    ]);
    let team = json!({
        "name": "Team", "match": "any", "products": ["prod_1", "price_2"], "excludedProducts": ["prod_gift"],
        "amount": {"atLeast": 5_000, "atMost": 90_000}, "currencies": ["usd"], "countries": ["US"],
        "payments": "renewal", "steps": steps,
    });
    let rest = json!({"steps": [{"commission": {"amount": 500}, "recurrence": {"kind": "first_payment"}}]});
    let sent = json!({"rewards": [team, rest], "caps": {"perPayment": 30_000}});
    let second = client.post(&path, sent.clone()).await;
    assert_eq!(second.status, 201, "{second:?}");
    let read = &second.data()["rewards"][0];
    for (field, value) in team.as_object().expect("an object") {
        assert_eq!(&read[field], value, "{field}");
    }
    assert_eq!(read["offer"], "30% of each payment for 12 months, then 10%");
    assert_eq!(second.data()["caps"], json!({"perPayment": 30_000, "perCustomer": null}));
    assert_eq!(second.data().get("commission"), None, "no one commission stands for all");
    assert_eq!(client.post(&path, sent).await.id(), second.id(), "the same terms again");
    // In short it would not say which reward is meant.
    let short = client.post(&path, json!({"commission": {"percent": 5}})).await;
    assert_eq!(short.pointers(), ["/commission"]);
    let wrong = json!({"rewards": [
        {"steps": [{"commission": {"percent": 30}, "recurrence": {"kind": "lifetime"}},
                   {"commission": {"percent": 10}, "recurrence": {"months": 24}}], "countries": ["usa"],
         "amount": {"atLeast": -1}},
        {"steps": [{"commission": {"percent": 30}, "recurrence": {"kind": "lifetime"}}]},
        {"steps": [{"commission": {"percent": 30}, "recurrence": {"kind": "lifetime"}}]},
    ], "caps": {"perCustomer": 0}});
    let expected = [
        "/rewards/0/steps/1/recurrence",
        "/rewards/0/countries",
        "/rewards/0/amount/atLeast",
        "/rewards/1/match",
        "/caps/perCustomer",
    ];
    let answer = client.post(&path, wrong).await;
    let (mut pointers, mut expected) = (answer.pointers(), expected.to_vec());
    pointers.sort_unstable();
    expected.sort_unstable();
    assert_eq!(pointers, expected);
    let unreadable =
        json!({"rewards": [{"steps": [{"commission": {"percent": 30}, "recurrence": {"months": 400}}]}]});
    let answer = client.post(&path, unreadable).await;
    assert_eq!(answer.pointers(), ["/rewards/0/steps/0/recurrence/months"]);
}

#[tokio::test]
async fn affiliates_links_and_codes() {
    let (world, client) = client().await;
    let program = format!("/programs/{}", world.program.id);
    let body = json!({"name": "Maya Chen", "email": "Maya@Example.com", "code": "maya"});
    let added = client.post(&format!("{program}/affiliates"), body.clone()).await;
    assert_eq!((added.status, &added.data()["status"]), (201, &json!("active")));
    assert_eq!(added.data()["link"]["url"], "http://localhost:3000/r/maya");
    assert_eq!(client.post(&format!("{program}/affiliates"), body).await.pointers(), ["/email"]);
    let affiliate = added.id();

    let made = client
        .post(
            &format!("{program}/links"),
            json!({"affiliateId": affiliate, "destinationUrl": "https://lumen.example/pricing", "code": "maya-video", "placement": "v1"}),
        )
        .await;
    assert_eq!((made.status, &made.data()["placement"]), (201, &json!("v1")));
    let wrong = json!({"affiliateId": affiliate, "destinationUrl": "ftp://lumen.example/", "code": "x y"});
    assert_eq!(
        client.post(&format!("{program}/links"), wrong).await.pointers(),
        ["/code", "/destinationUrl"]
    );
    let foreign = json!({"affiliateId": affiliate, "destinationUrl": "https://evil.example/", "code": "x-y"});
    assert_eq!(client.post(&format!("{program}/links"), foreign).await.pointers(), ["/destinationUrl"]);
    let links = client.all(&format!("{program}/links?affiliateId={affiliate}"), 1).await;
    assert_eq!(codes(&links), ["maya-video", "maya"]);
    assert_eq!(&links[0], made.data());

    let coupons = format!("{program}/affiliates/{affiliate}/coupons");
    for (id, code) in [("promo_1aaaa", "MAYA10"), ("promo_2bbbb", "MAYA20")] {
        world.time.advance(1);
        assert_eq!(client.post(&coupons, json!({"promotionCode": id, "code": code})).await.status, 201);
    }
    let again = json!({"promotionCode": "promo_1aaaa", "code": "MAYA10"});
    assert_eq!(client.post(&coupons, again).await.pointers(), ["/promotionCode"]);
    let all = client.all(&coupons, 1).await;
    assert_eq!(codes(&all), ["MAYA10", "MAYA20"]);
    let first = format!("{coupons}/{}", all[0]["id"].as_str().unwrap());
    assert_eq!(client.delete(&first).await.data(), &all[0]);
    assert_eq!(client.delete(&first).await.status, 404, "gone");
    assert_eq!(codes(&client.all(&coupons, 1).await), ["MAYA20"]);
    let (id, code) = (&all[0]["promotionCode"], &all[0]["code"]);
    assert_eq!(
        client.post(&coupons, json!({"promotionCode": id, "code": code})).await.status,
        201,
        "free again"
    );

    let path = format!("{program}/affiliates/{affiliate}");
    assert_eq!(client.patch(&path, json!({"status": "suspended"})).await.pointers(), ["/reason"]);
    let suspended = json!({"status": "suspended", "reason": "Bids on our name."});
    let changed = client.patch(&path, suspended).await;
    assert_eq!(changed.data()["status"], "suspended");
    assert_eq!(changed.data()["totals"]["revenue"], json!({"amount": 0, "currency": "usd"}));
    assert_eq!(client.get(&path).await.data()["statusReason"], "Bids on our name.");
    let suspended = client.all(&format!("{program}/affiliates?status=suspended"), 10).await;
    assert_eq!((suspended.len(), &suspended[0]["name"]), (1, &json!("Maya Chen")));
}

#[tokio::test]
async fn lists_come_in_pages_without_gaps_or_repetitions() {
    let (world, client) = client().await;
    let program = format!("/programs/{}", world.program.id);
    for minute in 0..7 {
        world.time.advance(60_000);
        world.click(if minute % 2 == 0 { "mira" } else { "noah" }).await;
    }
    let whole = client.all(&format!("{program}/clicks"), 100).await;
    assert_eq!(whole.len(), 7);
    for limit in [1, 2, 3, 7] {
        assert_eq!(client.all(&format!("{program}/clicks"), limit).await, whole, "{limit}");
    }
    let times: Vec<&str> = whole.iter().map(|click| click["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|newer, older| newer > older), "{times:?}");
    let mira = world.affiliates["mira"].id.as_str();
    assert_eq!(client.all(&format!("{program}/clicks?affiliateId={mira}"), 3).await.len(), 4);
    // In a list by ids, the last item's id is a cursor too.
    let after = whole[2]["token"].as_str().unwrap();
    let rest = client.get(&format!("{program}/clicks?startingAfter={after}")).await;
    assert_eq!(rest.data().as_array().unwrap(), &whole[3..]);
}

#[tokio::test]
async fn stripe_is_connected_and_disconnected() {
    let (_world, client) = client().await;
    let program = client.post("/programs", new_program("Acme")).await.id();
    let (status, connect) =
        (format!("/programs/{program}/stripe"), format!("/programs/{program}/connect-stripe"));
    let before = client.get(&status).await;
    assert_eq!((&before.data()["connected"], &before.data()["method"]), (&json!(false), &Value::Null));
    let url = before.data()["webhookUrl"].clone();
    assert!(url.as_str().unwrap().starts_with("http://localhost:3000/webhooks/stripe/"));

    let answer =
        client.post(&connect, json!({"method": "manual", "webhookSecret": "whsec_FirstSecret1234"})).await;
    let data = answer.data();
    assert_eq!((answer.status, &data["connected"], &data["method"]), (200, &json!(true), &json!("manual")));
    assert_eq!((&data["programId"], &data["webhookUrl"]), (&json!(program), &url));
    assert_eq!(data["authUrl"], Value::Null);
    assert!(data["message"].is_string());

    let after = client.get(&status).await;
    assert_eq!(after.data()["secrets"][0]["lastFour"], "1234");
    assert!(!after.body.to_string().contains("FirstSecret"), "secrets are never in an answer");
    let gone = client.delete(&connect).await;
    assert_eq!((gone.status, &gone.data()["connected"]), (200, &json!(false)));
    assert_eq!(client.get(&status).await.data()["secrets"], json!([]));
    let again = client.delete(&connect).await;
    assert_eq!(
        (again.code(), &again.body["detail"]),
        ("forbidden", &json!("This program is not connected."))
    );
}

#[tokio::test]
async fn a_lead_is_reported_once_and_listed() {
    let (world, client) = client().await;
    let path = format!("/programs/{}/leads", world.program.id);
    let token = world.click("mira").await;
    let body = json!({"email": " Ana@Mailbox.example", "clickToken": token});
    let lead = client.post(&path, body.clone()).await;
    assert_eq!((lead.status, &lead.data()["email"]), (201, &json!("ana@mailbox.example")));
    assert_eq!((&lead.data()["proof"], &lead.data()["doubt"]), (&json!("server"), &Value::Null));
    assert_eq!(client.post(&path, body).await.id(), lead.id(), "the same one again");
    assert_eq!(client.all(&path, 1).await, [lead.data().clone()]);
    let other = world.another(crate::harness::TERMS, "usd").await.click("mira").await;
    for (body, pointers) in [
        (json!({}), &["/email", "/clickToken"][..]),
        (json!({"email": "ana", "clickToken": "hgc_"}), &["/email", "/clickToken"]),
        (json!({"email": "ana@mailbox.example", "clickToken": other}), &["/clickToken"]),
    ] {
        let refused = client.post(&path, body).await;
        assert_eq!((refused.status, refused.pointers()), (400, pointers.to_vec()), "{refused:?}");
    }
    let change = json!({"browserLeads": "maybe"});
    let program = format!("/programs/{}", world.program.id);
    assert_eq!(client.patch(&program, change).await.pointers(), ["/browserLeads"]);
    let changed = client.patch(&program, json!({"browserLeads": "review"})).await;
    assert_eq!(changed.data()["browserLeads"], "review");
}

/// What the form has ticked is what the API takes when nothing is said; and an affiliate that
/// the merchant adds is active either way.
#[tokio::test]
async fn approval_has_one_default_and_added_affiliates_are_active() {
    let (_world, client) = client().await;
    let new = json!({"name": "Acme", "website": "https://acme.example", "currency": "usd"});
    let made = client.post("/programs", new).await;
    assert_eq!((made.status, &made.data()["autoApprove"]), (201, &json!(true)));
    let path = format!("/programs/{}", made.data()["id"].as_str().unwrap());
    let changed = client.patch(&path, json!({"autoApprove": false})).await;
    assert_eq!(changed.data()["autoApprove"], false);
    let added = client
        .post(&format!("{path}/affiliates"), json!({"name": "Maya", "email": "maya@affiliates.example"}))
        .await;
    assert_eq!((added.status, &added.data()["status"]), (201, &json!("active")));
}

#[tokio::test]
async fn an_application_is_listed_and_decided_once() {
    let (world, client) = client().await;
    let first = super::application(&world, "amara@slowpages.example").await;
    let second = super::application(&world, "nils@slowpages.example").await;
    let path = format!("/programs/{}/applications", world.program.id);
    let mut listed: Vec<String> =
        client.all(&path, 1).await.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    listed.sort();
    let mut expected = vec![first.to_string(), second.to_string()];
    expected.sort();
    assert_eq!(listed, expected);

    let approved = client.patch(&format!("{path}/{first}"), json!({"status": "approved"})).await;
    let affiliate = approved.data()["affiliateId"].as_str().unwrap().to_owned();
    let again = client.patch(&format!("{path}/{first}"), json!({"status": "approved"})).await;
    assert_eq!(again.data()["affiliateId"], json!(affiliate));
    let affiliate = client.get(&format!("/programs/{}/affiliates/{affiliate}", world.program.id)).await;
    assert_eq!(affiliate.data()["status"], "active");

    let late = json!({"status": "declined", "reason": "Too late."});
    assert_eq!(client.patch(&format!("{path}/{first}"), late).await.pointers(), ["/status"]);
    let without = client.patch(&format!("{path}/{second}"), json!({"status": "declined"})).await;
    assert_eq!(without.pointers(), ["/reason"]);
    let other = client.patch(&format!("{path}/{second}"), json!({"status": "pending"})).await;
    assert_eq!(other.pointers(), ["/status"]);
    let declined = client
        .patch(&format!("{path}/{second}"), json!({"status": "declined", "reason": "No website."}))
        .await;
    assert_eq!(
        (&declined.data()["status"], &declined.data()["reason"]),
        (&json!("declined"), &json!("No website."))
    );
    assert_eq!(client.all(&path, 10).await.len(), 0);
    assert_eq!(client.all(&format!("{path}?status=approved"), 10).await.len(), 1);
}

#[tokio::test]
async fn application_questions_are_replaced_and_answers_are_read() {
    let (world, client) = client().await;
    let path = format!("/programs/{}/application-questions", world.program.id);
    assert_eq!(client.get(&path).await.data(), &json!({"questions": []}));
    let questions = json!({"questions": [
        {"question": "Do you use Acme?", "kind": "choice", "required": true, "choices": ["Yes", "Not yet"]},
        {"question": "How many read you?", "kind": "text"},
    ]});
    let made = client.put(&path, questions).await;
    let made = made.data()["questions"].clone();
    assert_eq!((&made[0]["choices"], &made[1]["required"]), (&json!(["Yes", "Not yet"]), &json!(false)));
    assert_eq!(client.get(&path).await.data()["questions"], made);

    let changed = json!({"questions": [
        {"id": made[1]["id"], "question": "How many subscribers?", "kind": "text", "required": true},
        {"question": "Your channel", "kind": "url"},
    ]});
    let changed = client.put(&path, changed).await.data()["questions"].clone();
    assert_eq!(changed[0]["id"], made[1]["id"]);
    assert_eq!(changed.as_array().unwrap().len(), 2);

    let question = |fields: Value| json!({"questions": [fields]});
    let text = json!({"question": "Q", "kind": "text"});
    for (input, pointer) in [
        (json!({}), "/questions"),
        (question(json!({"question": "Q", "kind": "number"})), "/questions/0/kind"),
        (question(json!({"question": " ", "kind": "text"})), "/questions/0/question"),
        (question(json!({"question": "Q", "kind": "choice", "choices": ["a"]})), "/questions/0/choices"),
        (question(json!({"id": made[0]["id"], "question": "Q", "kind": "text"})), "/questions/0/id"),
        (question(json!({"id": "x", "question": "Q", "kind": "text"})), "/questions/0/id"),
        (json!({"questions": vec![text; 11]}), "/questions"),
    ] {
        assert_eq!(client.put(&path, input.clone()).await.pointers(), [pointer], "{input}");
    }
    assert_eq!(client.get(&path).await.data()["questions"], changed);

    let questions =
        engine::programs::questions::list(&world.engine, &world.merchant, &world.program.id).await.unwrap();
    let first = questions.as_slice()[0].id.to_string();
    let answers = questions.answers(&[(first, "11,400".to_owned())].into()).unwrap();
    let id = super::application_with(&world, "amara@slowpages.example", answers).await;
    let application = client.get(&format!("/programs/{}/applications/{id}", world.program.id)).await;
    let expected = json!([
        {"question": "How many subscribers?", "kind": "text", "answer": "11,400"},
        {"question": "Your channel", "kind": "url", "answer": null},
    ]);
    assert_eq!(application.data()["answers"], expected);
}

#[tokio::test]
async fn a_person_is_invited_again_and_no_longer() {
    let (world, client) = client().await;
    let path = format!("/programs/{}/invitations", world.program.id);
    let made = client.post(&path, json!({"email": "Maya@example.com", "name": "Maya", "code": "maya"})).await;
    assert_eq!(made.status, 201, "{made:?}");
    let invitation = made.data().clone();
    assert_eq!((&invitation["email"], &invitation["code"]), (&json!("maya@example.com"), &json!("maya")));
    assert_eq!((&invitation["status"], &invitation["affiliateId"]), (&json!("open"), &Value::Null));
    for (input, pointer) in [
        (json!({"email": "maya@example.com"}), "/email"),
        (json!({"email": "mira@example.com", "code": "mira"}), "/code"),
        (json!({"email": "maya"}), "/email"),
        (json!({"email": "a@example.com", "code": "a b"}), "/code"),
        (json!({}), "/email"),
    ] {
        assert_eq!(client.post(&path, input.clone()).await.pointers(), [pointer], "{input}");
    }
    let one = format!("{path}/{}", made.id());
    world.time.advance(1_000);
    let resent = client.post(&format!("{one}/resend"), json!({})).await;
    assert_ne!(resent.data()["sentAt"], invitation["sentAt"]);
    assert_eq!(client.delete(&one).await.data()["status"], "revoked");
    assert_eq!(client.post(&format!("{one}/resend"), json!({})).await.code(), "invalid");
    assert_eq!(client.post(&path, json!({"email": "maya@example.com"})).await.status, 201);
    assert_eq!(client.all(&path, 1).await.len(), 2);
}

#[tokio::test]
async fn an_invitation_link_is_created_and_revoked() {
    let (world, client) = client().await;
    let path = format!("/programs/{}/invitation-links", world.program.id);
    let input = json!({"label": "Fair", "maxUses": 2, "expiresAt": "2026-03-31T00:00:00Z"});
    let made = client.post(&path, input).await;
    assert_eq!(made.status, 201, "{made:?}");
    let link = made.data().clone();
    assert!(link["url"].as_str().unwrap().contains("/invite/ivl_"), "{link}");
    assert_eq!((&link["uses"], &link["maxUses"], &link["status"]), (&json!(0), &json!(2), &json!("open")));
    let wrong = json!({"label": "", "maxUses": 0, "expiresAt": "2026-03-01T00:00:00Z"});
    assert_eq!(client.post(&path, wrong).await.pointers(), ["/label", "/maxUses", "/expiresAt"]);
    assert_eq!(client.all(&path, 1).await, [link]);
    let one = format!("{path}/{}", made.id());
    assert_eq!(client.delete(&one).await.data()["status"], "revoked");
    assert_eq!(client.delete(&one).await.code(), "not_found");
}
