//! An API key reads and changes its own company's data only.

use std::collections::BTreeMap;

use axum::http::Method;
use domain::clock::Random;
use domain::ids::ReconciliationId;
use domain::invitations::{InvitationLinkDraft, LinkLabel};
use engine::programs::files::Upload;
use engine::programs::{invitations, resources};
use sandbox::ApiVersion;
use serde_json::{Value, json};

use super::{Client, another_company, new_program, request};
use crate::harness::{World, checkout};

/// Every route of the document below a program, with a body that fits.
async fn routes(client: &Client) -> Vec<(Method, String, Option<Value>)> {
    let document = client.get("/openapi.json").await.body;
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let reference = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            let body = reference.as_str().map(|reference| {
                let schema = document.pointer(reference.trim_start_matches('#')).expect("a schema");
                assert!(schema["example"].is_object(), "an example of {reference}");
                schema["example"].clone()
            });
            let method: Method = method.to_uppercase().parse().expect("a method");
            if path.contains("{programId}") {
                routes.push((method, path.clone(), body));
            }
        }
    }
    assert!(routes.len() > 20);
    routes
}

pub fn filled(path: &str, ids: &BTreeMap<&str, String>) -> String {
    let mut path = path.to_owned();
    for (name, id) in ids {
        path = path.replace(&format!("{{{name}}}"), id);
    }
    assert!(!path.contains('{'), "{path}");
    path
}

/// A sale, and the ids of everything about it.
pub async fn sale(world: &mut World, client: &Client) -> BTreeMap<&'static str, String> {
    let token = world.click("mira").await;
    let price = world.once(4_900, "usd");
    world.buy(checkout(&price, &token));
    world.deliver(ApiVersion::NEWEST).await;
    let (engine, merchant, id) = (&world.engine, &world.merchant, &world.program.id);
    engine::stripe::repair::start(engine, merchant, id, domain::repairs::RepairCause::Api)
        .await
        .expect("a report");
    let reconciliation = ReconciliationId::new(world.time.now(), &Random::seeded(8));
    let mut conn = engine.db().write().await.expect("a connection");
    let (ids, period) =
        ((&reconciliation, &world.connection), (world.time.now(), world.time.now().plus_days(1)));
    let by = merchant.account_id();
    store::reconciliations::put(&mut conn, ids, by, period, None, world.time.now())
        .await
        .expect("a comparison");
    drop(conn);
    let application = super::application(world, "amara@slowpages.example").await;
    let (invitation, invitation_link) = invited(world).await;
    let resource = resource(world).await;
    let program = id.to_string();
    let conversion = client.all(&format!("/programs/{program}/conversions"), 1).await.remove(0);
    let event = client.all(&format!("/programs/{program}/events"), 100).await.remove(0);
    engine::worker::drain(&world.engine).await.expect("mails");
    let email = client.all(&format!("/programs/{program}/emails"), 100).await.remove(0);
    let text = |value: &Value| value.as_str().expect("an id").to_owned();
    let affiliate = text(&conversion["affiliateId"]);
    let request = super::referral_requests::referral_request(world, &affiliate, "order-1").await;
    let (run, payout) = approved_run(client, &program, &affiliate).await;
    BTreeMap::from([
        ("programId", program),
        ("affiliateId", affiliate),
        ("conversionId", text(&conversion["id"])),
        ("paymentId", text(&conversion["paymentId"])),
        ("eventId", text(&event["id"])),
        ("emailId", text(&email["id"])),
        ("reconciliationId", reconciliation.to_string()),
        ("applicationId", application.to_string()),
        ("referralRequestId", request),
        ("resourceId", resource),
        ("fileName", "page.pdf".to_owned()),
        ("invitationId", invitation),
        ("invitationLinkId", invitation_link),
        ("runId", run),
        ("payoutId", payout),
        ("rail", "manual".to_owned()),
        ("currency", "usd".to_owned()),
        ("couponId", "cpn_01h00000000000000000000000".to_owned()),
    ])
}

/// A file for affiliates.
async fn resource(world: &World) -> String {
    let (engine, merchant, id) = (&world.engine, &world.merchant, &world.program.id);
    let purpose = domain::files::FilePurpose::Resource;
    let mut upload = Upload::begin(engine, merchant, id, purpose, "page.pdf").await.expect("an upload");
    upload.write(b"%PDF-1.7").await.expect("a PDF");
    let row = resources::put_file(engine, merchant, id, upload).await.expect("a file");
    row.resource.id.to_string()
}

/// An invitation and an invitation link.
async fn invited(world: &World) -> (String, String) {
    let (engine, merchant, id) = (&world.engine, &world.merchant, &world.program.id);
    invitations::invite(engine, merchant, id, "zoe@example.com").await.expect("an invitation");
    let invited = invitations::list(engine, merchant, id, None, 1).await.expect("a list").remove(0);
    let draft = InvitationLinkDraft {
        label: LinkLabel::parse("Fair").expect("a label"),
        most_uses: 5,
        expires_at: world.time.now().plus_days(9),
    };
    let link = invitations::create_link(engine, merchant, id, &draft).await.expect("a link");
    (invited.id.to_string(), link.id.to_string())
}

/// A run with a file, and its payout of a bonus.
async fn approved_run(client: &Client, program: &str, affiliate: &str) -> (String, String) {
    let bonus = json!({"kind": "bonus", "amount": 1_000, "reason": "Most sales"});
    let path = format!("/programs/{program}/affiliates/{affiliate}/adjustments");
    client.post(&path, bonus).await.data();
    let runs = format!("/programs/{program}/payout-runs");
    let run = client.post(&runs, json!({"affiliates": [{"affiliateId": affiliate}]})).await.id();
    client.send(request(Method::POST, &format!("{runs}/{run}/approve"), None)).await.data();
    let payouts = client.all(&format!("{runs}/{run}/payouts"), 1).await;
    (run, payouts[0]["id"].as_str().expect("an id").to_owned())
}

#[tokio::test]
async fn objects_of_others_are_not_found() {
    let mut world = World::new().await;
    let owner = Client::of(&world, &world.merchant, None).await;
    let ids = sale(&mut world, &owner).await;
    let routes = routes(&owner).await;
    for (method, path, _) in routes.iter().filter(|(method, ..)| method == Method::GET) {
        let answer = owner.send(request(method.clone(), &filled(path, &ids), None)).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
    }

    let other = another_company(&world.engine).await;
    let stranger = Client::of(&world, &other, None).await;
    let own = stranger.post("/programs", new_program("Other")).await.id();
    let mut mixed = ids.clone();
    mixed.insert("programId", own.clone());
    let limited =
        Client::of(&world, &world.merchant, None).await.post("/programs", new_program("Second")).await.id();
    let limited = Client::of(&world, &world.merchant, Some(&limited)).await;
    for (method, path, body) in &routes {
        for (who, client) in [("stranger", &stranger), ("limited key", &limited)] {
            let answer = client.send(request(method.clone(), &filled(path, &ids), body.clone())).await;
            assert_eq!((answer.status, answer.code()), (404, "not_found"), "{who}: {method} {path}");
        }
        // Their things under a program of one's own. The name of a file is nobody's.
        if path.matches('{').count() > 1 && !path.contains("{fileName}") {
            let answer = stranger.send(request(method.clone(), &filled(path, &mixed), body.clone())).await;
            assert_eq!((answer.status, answer.code()), (404, "not_found"), "mixed: {method} {path}");
        }
    }
    let affiliate = json!({"affiliateId": ids["affiliateId"]});
    let answer = stranger.post(&format!("/programs/{own}/links"), affiliate).await;
    assert_eq!(answer.pointers(), ["/affiliateId"]);
    let filter = format!("/programs/{own}/clicks?affiliateId={}", ids["affiliateId"]);
    assert_eq!(stranger.all(&filter, 10).await, Vec::<Value>::new());
    assert_eq!(stranger.all("/programs", 10).await.len(), 1);
}

#[tokio::test]
async fn a_limited_key_sees_one_program_and_makes_none() {
    let world = World::new().await;
    let owner = Client::of(&world, &world.merchant, None).await;
    let second = owner.post("/programs", new_program("Second")).await.id();
    assert_eq!(owner.all("/programs", 1).await.len(), 2);

    let limited = Client::of(&world, &world.merchant, Some(&second)).await;
    assert_eq!(limited.get("/me").await.data()["key"]["programId"], *second);
    let programs = limited.all("/programs", 1).await;
    assert_eq!((programs.len(), &programs[0]["id"]), (1, &json!(second)));
    let after = limited.get(&format!("/programs?startingAfter={second}")).await;
    assert_eq!(after.data(), &json!([]));
    let answer = limited.post("/programs", new_program("Third")).await;
    assert_eq!((answer.status, answer.code()), (403, "forbidden"));
    let answer = limited.patch(&format!("/programs/{second}"), json!({"name": "Mine"})).await;
    assert_eq!(answer.data()["name"], "Mine");
}
