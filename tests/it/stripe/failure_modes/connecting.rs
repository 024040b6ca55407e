//! Failures while a program is being connected.

use axum::http::StatusCode;
use domain::clock::MINUTE_MS;
use engine::stripe::connections;
use rstest::rstest;
use sandbox::{Failure, Fault, Level, Permission};

use super::words_of;
use crate::site::{Answer, Browser, Site};
use crate::stripe::stripe_site::{NEEDED, StripeSite};

/// How the way to Stripe and back goes wrong.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// Stripe sends the merchant back with these words.
    SentBack(&'static [(&'static str, &'static str)]),
    /// Somebody has used the code already.
    UsedCode,
    /// The merchant stays away for eleven minutes.
    Late,
    /// The state is nobody's.
    UnknownState,
    /// Another person comes back with the state.
    OtherPerson,
    /// Live payments were asked for, access is given to test data.
    OtherMode,
    /// Stripe fails at the exchange.
    Exchange(Failure),
    /// The account feeds another program.
    OtherProgram,
}

async fn come_back(stripe_site: &StripeSite, way: Way) -> Answer {
    let browser = stripe_site.browser().await;
    let state =
        stripe_site.leave(&browser, if matches!(way, Way::OtherMode) { "live" } else { "test" }).await;
    if let Way::SentBack(words) = way {
        let answer: Vec<_> = words.iter().copied().chain([("state", state.as_str())]).collect();
        return stripe_site.come_back(&browser, &answer).await;
    }
    let code = stripe_site.allow(&stripe_site.account);
    let answer = |state| [("code", code.as_str()), ("state", state)];
    match way {
        Way::UsedCode => {
            let services = &stripe_site.site.services;
            services.platform.exchange(&services.stripe(), false, &code).await.unwrap();
        }
        Way::Late => stripe_site.site.advance(11 * MINUTE_MS),
        Way::UnknownState => return stripe_site.come_back(&browser, &answer("nobodys")).await,
        Way::OtherPerson => {
            let other = stripe_site.site.merchant("other").await;
            let stranger = Browser::signed_in(&stripe_site.site, &other.email).await;
            return stripe_site.come_back(&stranger, &answer(&state)).await;
        }
        Way::Exchange(failure) => stripe_site.platform.fail(Fault::new(failure).on("/oauth/token")),
        Way::OtherProgram => {
            let other = stripe_site.site.merchant("other").await;
            let key = stripe_site
                .account
                .create_restricted_key(&[&NEEDED[..], &[(Permission::Account, Level::Read)]].concat());
            let engine = &stripe_site.site.engine;
            connections::connect_with_key(engine, &other.actor, &other.program.id, &key).await.unwrap();
            let page = stripe_site.come_back(&browser, &answer(&state)).await;
            connections::disconnect(engine, &other.actor, &other.program.id).await.unwrap();
            return page;
        }
        Way::OtherMode | Way::SentBack(_) => {}
    }
    stripe_site.come_back(&browser, &answer(&state)).await
}

#[rstest]
#[case::access_is_denied(Way::SentBack(&[("error", "access_denied")]), "Access was not granted")]
#[case::the_scope_is_refused(Way::SentBack(&[("error", "invalid_scope")]), "set STRIPE_SCOPE to read_write")]
#[case::the_platform_is_unknown(Way::SentBack(&[("error", "invalid_client")]), "Tell this server’s operator")]
#[case::stripe_has_an_error(Way::SentBack(&[("error", "server_error")]), "Stripe did not allow the connection")]
#[case::stripe_says_nothing(Way::SentBack(&[]), "Stripe did not allow the connection")]
#[case::the_code_is_unknown(Way::SentBack(&[("code", "ac_unknown")]), "Try again. Stripe creates a new code")]
#[case::the_code_was_used(Way::UsedCode, "already used or has expired")]
#[case::the_merchant_comes_late(Way::Late, "took longer than ten minutes")]
#[case::the_state_is_unknown(Way::UnknownState, "This link from Stripe is not valid")]
#[case::another_person_comes_back(Way::OtherPerson, "Another person started this connection")]
#[case::the_mode_is_the_other(Way::OtherMode, "Stripe")]
#[case::stripe_answers_429(Way::Exchange(Failure::TooMany { retry_after: Some(1) }), "Stripe did not answer")]
#[case::stripe_answers_500(Way::Exchange(Failure::Status(500)), "Stripe did not answer")]
#[case::stripe_answers_garbage(Way::Exchange(Failure::Garbage), "Stripe did not answer")]
#[case::the_answer_is_cut(Way::Exchange(Failure::Cut), "Stripe did not answer")]
#[case::the_account_feeds_another_program(Way::OtherProgram, "already connected to another program")]
#[tokio::test]
async fn a_failed_connection_attempt_says_what_to_do(#[case] way: Way, #[case] sees: &str) {
    let mut stripe_site = StripeSite::new().await;
    let sold = [stripe_site.sell_meanwhile().await];
    let page = come_back(&stripe_site, way).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.location());
    let page = words_of(&page.body);
    assert!(page.contains(sees), "{sees:?} is not on the page: {page}");
    assert!(!stripe_site.status().await.is_connected());
    if matches!(way, Way::Exchange(_)) {
        assert_eq!(stripe_site.asked("/oauth/token"), 1, "an exchange is never repeated by itself");
    }
    stripe_site.connects_in_the_end(&sold).await;
}

/// One browser reloads the way back, or sends it to two servers of one installation.
#[rstest]
#[case::at_one_server(false)]
#[case::at_two_servers(true)]
#[tokio::test]
async fn two_callbacks_at_once_connect_once(#[case] two_servers: bool) {
    let mut stripe_site = StripeSite::new().await;
    let sold = [stripe_site.sell_meanwhile().await];
    let other = Site::beside(
        stripe_site.site.db.clone(),
        stripe_site.site.time.clone(),
        stripe_site.site.services.clone(),
    )
    .await;
    let browser = stripe_site.browser().await;
    let second = browser.moved_to(if two_servers { &other } else { &stripe_site.site });
    let state = stripe_site.leave(&browser, "test").await;
    let code = stripe_site.allow(&stripe_site.account);
    let answer = [("code", code.as_str()), ("state", state.as_str())];
    let (one, two) =
        tokio::join!(stripe_site.come_back(&browser, &answer), stripe_site.come_back(&second, &answer));
    let later = stripe_site.come_back(&browser, &answer).await;
    for answer in [one, two, later] {
        assert_eq!(
            (answer.status, answer.location()),
            (StatusCode::SEE_OTHER, stripe_site.settings().as_str())
        );
    }
    assert_eq!(stripe_site.asked("/oauth/token"), 1, "a second exchange would revoke the first");
    assert!(stripe_site.account.is_connected(&stripe_site.keys.client_id));
    drop((browser, second));
    stripe_site.has_all(&sold).await;
}

/// The server is killed when Stripe has given access and nothing of it is stored yet.
#[tokio::test]
async fn a_server_killed_after_the_exchange_leaves_no_half_connection() {
    let mut stripe_site = StripeSite::new().await;
    let sold = [stripe_site.sell_meanwhile().await];
    let browser = stripe_site.browser().await;
    let state = stripe_site.leave(&browser, "test").await;
    let code = stripe_site.allow(&stripe_site.account);
    let answer = [("code", code.as_str()), ("state", state.as_str())];
    // The account's name is asked for after the exchange and before anything is stored.
    stripe_site.platform.fail(Fault::new(Failure::Silence).on("/v1/account"));
    {
        let (db, time, services) =
            (stripe_site.site.db.clone(), stripe_site.site.time.clone(), stripe_site.site.services.clone());
        let cookies = browser.cookies();
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(answer).finish();
        let way_back = format!("/stripe/callback?{query}");
        let (kill, killed) = tokio::sync::oneshot::channel::<()>();
        let dying = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let site = Site::beside(db, time, services).await;
                let browser = Browser::with_cookies(&site, cookies);
                tokio::select! {
                    answer = browser.get(&way_back) => panic!("answered {}", answer.status),
                    _ = killed => {}
                }
            });
        });
        while stripe_site.asked("/v1/account") == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        kill.send(()).unwrap();
        tokio::task::spawn_blocking(|| dying.join().unwrap()).await.unwrap();
    }
    assert_eq!(stripe_site.asked("/oauth/token"), 1);
    assert!(stripe_site.account.is_connected(&stripe_site.keys.client_id), "access was given");
    assert!(!stripe_site.status().await.is_connected(), "nothing was stored");

    stripe_site.platform.clear_faults();
    stripe_site.site.advance(3 * MINUTE_MS);
    let page = words_of(&stripe_site.come_back(&browser, &answer).await.body);
    assert!(page.contains("The connection was interrupted") && page.contains("Try again"), "{page}");
    assert_eq!(stripe_site.asked("/oauth/token"), 1, "the code is not exchanged again");
    drop(browser);
    stripe_site.connects_in_the_end(&sold).await;
}

/// What is pasted as a restricted key is none, or not enough.
#[rstest]
#[case::a_secret_key("sk_live_canary1234567890", "can charge, refund and move money")]
#[case::a_publishable_key("pk_live_canary1234567890", "publishable key")]
#[case::a_signing_secret("whsec_canary1234567890", "signing secret")]
#[case::nothing("", "starts with rk_live_")]
#[case::an_unknown_key("rk_test_canary1234567890", "recognize this key")]
#[tokio::test]
async fn a_wrong_key_is_refused_with_instructions(#[case] key: &str, #[case] sees: &str) {
    let mut stripe_site = StripeSite::new().await;
    let sold = [stripe_site.sell_meanwhile().await];
    let browser = stripe_site.browser().await;
    let program = stripe_site.merchant.program.id.to_string();
    let answer = browser.post("/do/stripe/key", &[("program", &program), ("restricted_key", key)]).await;
    let page = browser.get(answer.location()).await.body;
    assert!(page.contains(sees), "{sees:?}: {page}");
    assert!(key.is_empty() || !page.contains(key), "no key is shown again");
    drop(browser);
    assert!(!stripe_site.status().await.is_connected());
    stripe_site.connects_in_the_end(&sold).await;
}
