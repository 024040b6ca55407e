//! Honest leads, which must count.

use axum::http::StatusCode;
use engine::tracking::leads;
use hmac::{Hmac, KeyInit, Mac};
use sandbox::NewSession;
use serde_json::json;
use sha2::Sha256;

use super::{MIRAS, SITE, Setup, Visitor, ann, attempt, thief};

#[tokio::test]
async fn a_sign_up_on_the_site_before_the_payment_counts() {
    attempt(&[MIRAS], async |setup| {
        let click = setup.follow(&ann(), "mira").await;
        setup.world.time.days(3);
        // At home by now.
        let at_home = Visitor { address: "[2001:db8:5::1]:4000", ..ann() };
        setup.lead(&at_home, &click, &setup.email()).await;
        setup.buy();
    })
    .await;
}

#[tokio::test]
async fn leads_of_two_people_in_two_networks_both_count() {
    let mut setup = Setup::new().await;
    for (address, email) in
        [("198.51.100.1:4000", setup.email()), ("198.51.100.2:4000", "bob@x.example".into())]
    {
        let visitor = Visitor { address, ..ann() };
        let click = setup.follow(&visitor, "mira").await;
        setup.lead(&visitor, &click, &email).await;
    }
    setup.buy();
    let bob = sandbox::Buyer::new("bob@x.example", "Bob");
    setup.world.stripe.buy(NewSession::of(&setup.world.once(4_900, "usd")), &bob).unwrap();
    assert_eq!(setup.ledger().await, [MIRAS, MIRAS]);
}

#[tokio::test]
async fn leads_of_the_merchants_server_have_priority_over_hints() {
    attempt(&[MIRAS], async |setup| {
        let stolen = setup.follow(&thief(), "noah").await;
        setup.lead(&thief(), &stolen, &setup.email()).await;
        let click = setup.follow(&ann(), "mira").await;
        setup.buy();
        setup.world.lead(&click.token, &setup.email()).await;
    })
    .await;
}

#[tokio::test]
async fn signed_leads_count_after_the_payment_too() {
    attempt(&[MIRAS], async |setup| {
        let click = setup.follow(&ann(), "mira").await;
        setup.buy();
        let (engine, merchant) = (&setup.world.engine, &setup.world.merchant);
        let secret = leads::secret(engine, merchant, &setup.world.program.id).await.unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{}.{}", click.token, setup.email()).as_bytes());
        let signature = hex::encode(mac.finalize().into_bytes());
        let body = |signature: &str| {
            json!({"program": setup.world.program.id, "token": click.token, "email": setup.email(), "signature": signature})
        };
        let wrong = setup.post(&ann(), SITE, "/t/lead", body(&signature.replace('a', "b"))).await;
        assert_eq!(wrong, (StatusCode::UNPROCESSABLE_ENTITY, json!({"ok": false, "reason": "wrong_signature"})));
        let answer = setup.post(&ann(), SITE, "/t/lead", body(&signature)).await;
        assert_eq!(answer, (StatusCode::OK, json!({"ok": true})));
        leads::renew_secret(engine, merchant, &setup.world.program.id).await.unwrap();
        let late = setup.post(&ann(), SITE, "/t/lead", body(&signature)).await;
        assert_eq!(late.0, StatusCode::UNPROCESSABLE_ENTITY, "a secret that was replaced signs nothing");
    })
    .await;
}
