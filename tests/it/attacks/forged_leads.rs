//! Leads that an affiliate sends for buyers of others.

use axum::http::StatusCode;
use domain::clock::{HOUR_MS, MINUTE_MS};
use domain::leads::BrowserLeads;
use serde_json::json;

use super::{Click, DOUBTED, MIRAS, SITE, Setup, Visitor, ann, attempt, thief};
use crate::harness::TERMS;

#[tokio::test]
async fn a_lead_after_the_payment_earns_nothing() {
    attempt(&["no commission: lead_after_payment"], async |setup| {
        let click = setup.follow(&thief(), "noah").await;
        setup.buy();
        setup.lead(&thief(), &click, &setup.email()).await;
    })
    .await;
}

#[tokio::test]
async fn a_lead_that_contradicts_an_honest_one_leaves_the_payment_unattributed() {
    for thief_first in [true, false] {
        attempt(&["no commission: leads_disagree"], async |setup| {
            let honest = setup.follow(&ann(), "mira").await;
            let stolen = setup.follow(&thief(), "noah").await;
            let mut leads = [(ann(), honest), (thief(), stolen)];
            if thief_first {
                leads.reverse();
            }
            for (visitor, click) in &leads {
                setup.lead(visitor, click, &setup.email()).await;
            }
            setup.buy();
        })
        .await;
    }
}

#[tokio::test]
async fn leads_for_many_addresses_with_one_click_are_doubted() {
    attempt(&[DOUBTED], async |setup| {
        let click = setup.follow(&thief(), "noah").await;
        setup.lead(&thief(), &click, "first@buyers.example").await;
        setup.lead(&thief(), &click, &setup.email()).await;
        setup.buy();
    })
    .await;
}

#[tokio::test]
async fn leads_for_many_addresses_with_a_click_for_each_are_doubted() {
    attempt(&[DOUBTED], async |setup| {
        for number in 0..10 {
            let agent =
                format!("Mozilla/5.0 (X11; Linux x86_64; rv:{number}.0) Gecko/20100101 Firefox/{number}.0");
            let disguised = Visitor { agent, ..thief() };
            let click = setup.follow(&disguised, "noah").await;
            let email = if number == 9 { setup.email() } else { format!("{number}@buyers.example") };
            setup.lead(&disguised, &click, &email).await;
            setup.world.time.advance(2 * HOUR_MS - MINUTE_MS);
        }
        setup.buy();
    })
    .await;
}

#[tokio::test]
async fn a_lead_from_a_page_of_another_site_is_doubted() {
    for origin in ["https://evil.example", "null", "", "https://lumen.example.evil.example"] {
        attempt(&[DOUBTED], async |setup| {
            let click = setup.follow(&thief(), "noah").await;
            let answer = setup.lead_from(&thief(), origin, &click, &setup.email()).await;
            assert_eq!(answer, (StatusCode::OK, json!({"ok": true})));
            setup.buy();
        })
        .await;
    }
}

#[tokio::test]
async fn a_lead_with_the_click_of_someone_else_is_doubted() {
    attempt(&[DOUBTED], async |setup| {
        // Noah reads the token in the list of his clicks, and the verifier is one of his own.
        let visitors = setup.follow(&ann(), "noah").await;
        let own = setup.follow(&thief(), "noah").await;
        for verifier in ["", &own.verifier, &visitors.token] {
            let click = Click { token: visitors.token.clone(), verifier: verifier.to_owned() };
            setup.lead(&thief(), &click, &setup.email()).await;
        }
        setup.buy();
    })
    .await;
}

#[tokio::test]
async fn a_flood_of_doubtful_leads_does_not_block_an_honest_one() {
    attempt(&[MIRAS], async |setup| {
        let clicks = [setup.follow(&thief(), "noah").await, setup.follow(&thief(), "mira").await];
        for number in 0..100 {
            let click = Click { verifier: String::new(), ..clicks[number % 2].clone() };
            let (status, _) = setup.lead_from(&thief(), SITE, &click, &setup.email()).await;
            assert!(
                number < 20 || status == StatusCode::TOO_MANY_REQUESTS || number < 40,
                "{number}: {status}"
            );
        }
        assert_eq!(setup.rows().await, 2, "one for the address and each affiliate");
        let click = setup.follow(&ann(), "mira").await;
        setup.lead(&ann(), &click, &setup.email()).await;
        assert_eq!(setup.rows().await, 2);
        setup.buy();
    })
    .await;
}

#[tokio::test]
async fn a_token_of_another_program_or_an_unknown_one_is_refused() {
    attempt(&["no commission: no_match"], async |setup| {
        let other = setup.world.another(TERMS, "usd").await;
        let elsewhere = other.click("noah").await;
        for token in [elsewhere.as_str(), "hgc_00000000000000000000000000000000000000", "x", ""] {
            let click = Click { token: token.to_owned(), verifier: String::new() };
            let (status, _) = setup.lead_from(&thief(), SITE, &click, &setup.email()).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{token}");
        }
        assert_eq!(setup.rows().await, 0);
        setup.buy();
    })
    .await;
}

#[tokio::test]
async fn a_lead_reveals_nothing_about_the_address() {
    let mut setup = Setup::new().await;
    let clicks = [setup.follow(&thief(), "noah").await, setup.follow(&ann(), "noah").await];
    setup.buy();
    setup.ledger().await;
    let bought = setup.lead_from(&thief(), SITE, &clicks[0], &setup.email()).await;
    let not = setup.lead_from(&ann(), SITE, &clicks[1], "somebody@else.example").await;
    assert_eq!(bought, not, "the answer says nothing about the address");
    assert_eq!(setup.ledger().await, ["no commission: lead_after_payment"]);
}

#[tokio::test]
async fn browser_leads_are_reviewed_or_off_as_the_program_chooses() {
    attempt(&[DOUBTED], async |setup| {
        setup.set(BrowserLeads::Review).await;
        let click = setup.follow(&ann(), "mira").await;
        setup.lead(&ann(), &click, &setup.email()).await;
        setup.buy();
    })
    .await;
    attempt(&["no commission: no_match"], async |setup| {
        setup.set(BrowserLeads::Off).await;
        let click = setup.follow(&ann(), "mira").await;
        let answer = setup.lead_from(&ann(), SITE, &click, &setup.email()).await;
        assert_eq!(answer, (StatusCode::UNPROCESSABLE_ENTITY, json!({"ok": false, "reason": "off"})));
        setup.buy();
    })
    .await;
}
