//! The list of what goes wrong between a program and Stripe. For each line: what the
//! merchant sees, and that what was sold meanwhile is there in the end, once.
//!
//! The modules beside this one look closer at single lines: at the report, the ledger and
//! what Stripe was asked.

use axum::http::StatusCode;
use domain::clock::{HOUR_MS, MINUTE_MS, SECOND_MS};
use engine::{connections, jobs, payments};
use rstest::rstest;
use sandbox::{Defect, Failure, Fault, Level, NewEndpoint, Permission, Stripe};
use scraper::{Html, Selector};

use super::stage::{NEEDED, Stage};
use crate::site::webhooks::deliver;
use crate::site::{Answer, BASE, Browser, Site};

/// How a program is connected.
#[derive(Debug, Clone, Copy)]
enum By {
    OAuth,
    Key,
}

impl Stage {
    /// Connected, an hour ago: the daily check is not due yet.
    async fn connected(by: By) -> (Self, String) {
        let stage = Self::new().await;
        let key = stage.account.create_restricted_key(&NEEDED);
        match by {
            By::OAuth => stage.connect(&stage.browser().await).await,
            By::Key => stage.connect_with(&key).await,
        }
        jobs::drain(&stage.site.engine).await.unwrap();
        stage.site.advance(HOUR_MS);
        (stage, key)
    }

    async fn connect_with(&self, key: &str) {
        let (engine, actor) = (&self.site.engine, &self.merchant.actor);
        connections::connect_with_key(engine, actor, &self.merchant.program.id, key).await.unwrap();
    }

    /// Whose endpoint brings the events.
    fn holder(&self, by: By) -> &Stripe {
        match by {
            By::OAuth => &self.platform,
            By::Key => &self.account,
        }
    }

    fn our_endpoint(&self, by: By) -> String {
        self.holder(by).endpoints()[0].id.clone()
    }

    /// Somebody buys, and what of it can be delivered is delivered.
    async fn sell_meanwhile(&mut self) -> String {
        let account = self.account.clone();
        let charge = self.sell(&account);
        self.deliver(&account).await;
        charge
    }

    /// Presses Repair Webhooks, and gives the page with the report.
    async fn repair(&self) -> String {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let worker = tokio::spawn(jobs::work(self.site.engine.clone(), stopped));
        let browser = self.browser().await;
        let program = self.merchant.program.id.to_string();
        let answer = browser.post("/do/stripe/repair", &[("program", &program)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let page = loop {
            let page = words_of(&browser.get(&self.settings()).await.body);
            if !page.contains("The repair is under way.") {
                break page;
            }
            tokio::task::yield_now().await;
        };
        stop.send(true).unwrap();
        worker.await.unwrap();
        jobs::drain(&self.site.engine).await.unwrap();
        page
    }

    /// Connects by OAuth, and finds all that was sold, each sale once.
    async fn connects_in_the_end(&mut self, sold: &[String]) {
        self.platform.heal();
        self.connect(&self.browser().await).await;
        self.has_all(sold).await;
    }

    /// Everything that was sold is there, once; the next sale arrives by itself.
    async fn has_all(&mut self, sold: &[String]) {
        jobs::drain(&self.site.engine).await.unwrap();
        let next = self.sell_meanwhile().await;
        for charge in sold.iter().chain([&next]) {
            assert!(self.knows(charge).await, "{charge} is lost");
        }
        let (engine, actor) = (&self.site.engine, &self.merchant.actor);
        let program = &self.merchant.program.id;
        let payments = payments::list(engine, actor, program, payments::Which::All, None, 100).await.unwrap();
        assert_eq!(payments.len(), sold.len() + 1, "each sale is one payment");
    }
}

/// What stands on a page, without its frame.
fn words_of(page: &str) -> String {
    let main = Selector::parse("main").unwrap();
    let page = Html::parse_document(page);
    let main = page.select(&main).next().expect("a page has a main part");
    main.text().flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

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

async fn come_back(stage: &Stage, way: Way) -> Answer {
    let browser = stage.browser().await;
    let state = stage.leave(&browser, if matches!(way, Way::OtherMode) { "live" } else { "test" }).await;
    if let Way::SentBack(words) = way {
        let answer: Vec<_> = words.iter().copied().chain([("state", state.as_str())]).collect();
        return stage.come_back(&browser, &answer).await;
    }
    let code = stage.allow(&stage.account);
    let answer = |state| [("code", code.as_str()), ("state", state)];
    match way {
        Way::UsedCode => {
            let outside = &stage.site.outside;
            outside.platform.exchange(&outside.stripe(), false, &code).await.unwrap();
        }
        Way::Late => stage.site.advance(11 * MINUTE_MS),
        Way::UnknownState => return stage.come_back(&browser, &answer("nobodys")).await,
        Way::OtherPerson => {
            let other = stage.site.merchant("other").await;
            let stranger = Browser::signed_in(&stage.site, &other.email).await;
            return stage.come_back(&stranger, &answer(&state)).await;
        }
        Way::Exchange(failure) => stage.platform.fail(Fault::new(failure).on("/oauth/token")),
        Way::OtherProgram => {
            let other = stage.site.merchant("other").await;
            let key = stage
                .account
                .create_restricted_key(&[&NEEDED[..], &[(Permission::Account, Level::Read)]].concat());
            let engine = &stage.site.engine;
            connections::connect_with_key(engine, &other.actor, &other.program.id, &key).await.unwrap();
            let page = stage.come_back(&browser, &answer(&state)).await;
            connections::disconnect(engine, &other.actor, &other.program.id).await.unwrap();
            return page;
        }
        Way::OtherMode | Way::SentBack(_) => {}
    }
    stage.come_back(&browser, &answer(&state)).await
}

#[rstest]
#[case::access_is_denied(Way::SentBack(&[("error", "access_denied")]), "You did not allow access")]
#[case::the_scope_is_refused(Way::SentBack(&[("error", "invalid_scope")]), "sets STRIPE_SCOPE to read_write")]
#[case::the_platform_is_unknown(Way::SentBack(&[("error", "invalid_client")]), "Tell the operator of this server")]
#[case::stripe_has_an_error(Way::SentBack(&[("error", "server_error")]), "Stripe did not allow the connection")]
#[case::stripe_says_nothing(Way::SentBack(&[]), "Stripe did not allow the connection")]
#[case::the_code_is_unknown(Way::SentBack(&[("code", "ac_unknown")]), "Try again; Stripe makes a new one")]
#[case::the_code_was_used(Way::UsedCode, "used already, or is too old")]
#[case::the_merchant_comes_late(Way::Late, "took longer than ten minutes")]
#[case::the_state_is_unknown(Way::UnknownState, "This link from Stripe is not valid")]
#[case::another_person_comes_back(Way::OtherPerson, "Somebody else left for Stripe")]
#[case::the_mode_is_the_other(Way::OtherMode, "Stripe")]
#[case::stripe_answers_429(Way::Exchange(Failure::TooMany { retry_after: Some(1) }), "Stripe did not answer")]
#[case::stripe_answers_500(Way::Exchange(Failure::Status(500)), "Stripe did not answer")]
#[case::stripe_answers_garbage(Way::Exchange(Failure::Garbage), "Stripe did not answer")]
#[case::the_answer_is_cut(Way::Exchange(Failure::Cut), "Stripe did not answer")]
#[case::the_account_feeds_another_program(Way::OtherProgram, "feeds another program already")]
#[tokio::test]
async fn on_the_way_to_stripe(#[case] way: Way, #[case] sees: &str) {
    let mut stage = Stage::new().await;
    let sold = [stage.sell_meanwhile().await];
    let page = come_back(&stage, way).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.location());
    let page = words_of(&page.body);
    assert!(page.contains(sees), "{sees:?} is not on the page: {page}");
    assert!(!stage.status().await.is_connected());
    if matches!(way, Way::Exchange(_)) {
        assert_eq!(stage.asked("/oauth/token"), 1, "an exchange is never repeated by itself");
    }
    stage.connects_in_the_end(&sold).await;
}

/// One browser reloads the way back, or sends it to two servers of one installation.
#[rstest]
#[case::at_one_server(false)]
#[case::at_two_servers(true)]
#[tokio::test]
async fn the_callback_comes_twice_at_once(#[case] two_servers: bool) {
    let mut stage = Stage::new().await;
    let sold = [stage.sell_meanwhile().await];
    let other =
        Site::beside(stage.site.db.clone(), stage.site.time.clone(), stage.site.outside.clone()).await;
    let browser = stage.browser().await;
    let second = browser.moved_to(if two_servers { &other } else { &stage.site });
    let state = stage.leave(&browser, "test").await;
    let code = stage.allow(&stage.account);
    let answer = [("code", code.as_str()), ("state", state.as_str())];
    let (one, two) = tokio::join!(stage.come_back(&browser, &answer), stage.come_back(&second, &answer));
    let later = stage.come_back(&browser, &answer).await;
    for answer in [one, two, later] {
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, stage.settings().as_str()));
    }
    assert_eq!(stage.asked("/oauth/token"), 1, "a second exchange would revoke the first");
    assert!(stage.account.is_connected(&stage.keys.client_id));
    drop((browser, second));
    stage.has_all(&sold).await;
}

/// The server is killed when Stripe has given access and nothing of it is stored yet.
#[tokio::test]
async fn the_server_dies_between_the_exchange_and_storing() {
    let mut stage = Stage::new().await;
    let sold = [stage.sell_meanwhile().await];
    let browser = stage.browser().await;
    let state = stage.leave(&browser, "test").await;
    let code = stage.allow(&stage.account);
    let answer = [("code", code.as_str()), ("state", state.as_str())];
    // The account's name is asked for after the exchange and before anything is stored.
    stage.platform.fail(Fault::new(Failure::Silence).on("/v1/account"));
    {
        let (db, time, outside) =
            (stage.site.db.clone(), stage.site.time.clone(), stage.site.outside.clone());
        let cookies = browser.cookies();
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(answer).finish();
        let way_back = format!("/stripe/callback?{query}");
        let (kill, killed) = tokio::sync::oneshot::channel::<()>();
        let dying = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let site = Site::beside(db, time, outside).await;
                let browser = Browser::with_cookies(&site, cookies);
                tokio::select! {
                    answer = browser.get(&way_back) => panic!("answered {}", answer.status),
                    _ = killed => {}
                }
            });
        });
        while stage.asked("/v1/account") == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        kill.send(()).unwrap();
        tokio::task::spawn_blocking(|| dying.join().unwrap()).await.unwrap();
    }
    assert_eq!(stage.asked("/oauth/token"), 1);
    assert!(stage.account.is_connected(&stage.keys.client_id), "access was given");
    assert!(!stage.status().await.is_connected(), "nothing was stored");

    stage.platform.heal();
    stage.site.advance(3 * MINUTE_MS);
    let page = words_of(&stage.come_back(&browser, &answer).await.body);
    assert!(page.contains("The connection was cut off") && page.contains("Try again"), "{page}");
    assert_eq!(stage.asked("/oauth/token"), 1, "the code is not exchanged again");
    drop(browser);
    stage.connects_in_the_end(&sold).await;
}

#[rstest]
#[case::it_is_deleted(Defect::Deleted, "Make our endpoint")]
#[case::it_is_disabled(Defect::Disabled, "Switch the endpoint on")]
#[case::it_sends_elsewhere(Defect::WrongUrl, "Correct the address")]
#[case::it_sends_too_little(Defect::FewerEvents, "missing event types")]
#[case::its_secret_was_rolled(Defect::SecretRolled, "somebody has rolled it in Stripe")]
#[case::it_has_another_version(Defect::WrongVersion, "Replace the endpoint")]
#[case::there_are_two(Defect::Doubled, "Delete a leftover")]
#[tokio::test]
async fn at_our_endpoint(#[values(By::OAuth, By::Key)] by: By, #[case] defect: Defect, #[case] sees: &str) {
    let (mut stage, _) = Stage::connected(by).await;
    stage.holder(by).break_endpoint(&stage.our_endpoint(by), defect).unwrap();
    let sold = [stage.sell_meanwhile().await];
    if defect == Defect::SecretRolled {
        let page = words_of(&stage.browser().await.get(&stage.settings()).await.body);
        assert!(page.contains("Needs attention") && page.contains("refused for its signature"), "{page}");
    }
    let page = stage.repair().await;
    assert!(page.contains("What was wrong is repaired.") && page.contains(sees), "{sees:?}: {page}");
    stage.has_all(&sold).await;
}

/// The secret that we keep is gone, such as after a restored backup.
#[tokio::test]
async fn our_copy_of_the_secret_is_lost() {
    let (mut stage, _) = Stage::connected(By::Key).await;
    let connection = stage.connection().await.id;
    let now = stage.site.engine.now();
    let mut conn = stage.site.engine.db().write().await.unwrap();
    store::connections::expire_secrets(&mut conn, &connection, now).await.unwrap();
    drop(conn);
    stage.site.advance(10 * SECOND_MS);
    let sold = [stage.sell_meanwhile().await];
    let page = stage.repair().await;
    assert!(page.contains("Stripe tells it only once"), "{page}");
    stage.has_all(&sold).await;
}

/// Others have used up the sixteen endpoints that Stripe allows.
#[tokio::test]
async fn the_account_has_no_room_for_our_endpoint() {
    let (mut stage, _) = Stage::connected(By::Key).await;
    stage.account.delete_endpoint(&stage.our_endpoint(By::Key)).unwrap();
    for number in 0..16 {
        let url = format!("{BASE}/other/{number}");
        let enabled_events = vec!["payout.paid".to_owned()];
        stage.account.add_endpoint(NewEndpoint { url, enabled_events, ..NewEndpoint::default() }).unwrap();
    }
    let sold = [stage.sell_meanwhile().await];
    let page = stage.repair().await;
    assert!(
        page.contains("Something is left for you to do.") && page.contains("Delete one in Stripe"),
        "{page}"
    );
    assert!(stage.knows(&sold[0]).await, "the sale was fetched all the same");
    let one = stage.account.endpoints()[0].id.clone();
    stage.account.delete_endpoint(&one).unwrap();
    assert!(stage.repair().await.contains("What was wrong is repaired."));
    stage.has_all(&sold).await;
}

#[rstest]
#[case::stripe_answers_429(Failure::TooMany { retry_after: Some(3_600) }, "/v1/events", "Request rate limit exceeded")]
#[case::stripe_answers_500(Failure::Status(500), "/v1/webhook_endpoints", "Stripe answered 500")]
#[case::stripe_is_silent(Failure::Silence, "/v1/events", "Stripe did not answer in time.")]
#[case::stripe_answers_garbage(Failure::Garbage, "/v1/webhook_endpoints", "Try again in a few minutes")]
#[case::the_answer_is_cut(Failure::Cut, "/v1/events", "The connection to Stripe was cut")]
#[case::access_ends_in_the_middle(Failure::Status(401), "/v1/events", "Reconnect")]
#[tokio::test]
async fn in_the_middle_of_a_repair(#[case] failure: Failure, #[case] path: &str, #[case] sees: &str) {
    let (mut stage, key) = Stage::connected(By::Key).await;
    stage.account.delete_endpoint(&stage.our_endpoint(By::Key)).unwrap();
    let sold = [stage.sell_meanwhile().await];
    stage.platform.fail(Fault::new(failure).on(path));
    let page = stage.repair().await;
    assert!(page.contains("Something is left for you to do.") && page.contains(sees), "{sees:?}: {page}");
    stage.platform.heal();
    if stage.connection().await.is_connected() {
        stage.repair().await;
    } else {
        stage.connect_with(&key).await;
        jobs::drain(&stage.site.engine).await.unwrap();
    }
    stage.has_all(&sold).await;
}

/// Two servers of one installation are told to repair at once.
#[tokio::test]
async fn two_servers_repair_at_once() {
    let (mut stage, _) = Stage::connected(By::Key).await;
    stage.account.delete_endpoint(&stage.our_endpoint(By::Key)).unwrap();
    let sold = [stage.sell_meanwhile().await];
    let other =
        Site::beside(stage.site.db.clone(), stage.site.time.clone(), stage.site.outside.clone()).await;
    let (one, two) = (stage.browser().await, Browser::signed_in(&other, &stage.merchant.email).await);
    let program = stage.merchant.program.id.to_string();
    let fields = [("program", program.as_str())];
    let work = async || {
        let (here, there) = tokio::join!(jobs::drain(&stage.site.engine), jobs::drain(&other.engine));
        here.and(there).unwrap();
    };
    tokio::join!(one.post("/do/stripe/repair", &fields), two.post("/do/stripe/repair", &fields), async {
        while stage.account.endpoints().is_empty() {
            work().await;
            tokio::task::yield_now().await;
        }
    });
    work().await;
    let page = words_of(&one.get(&stage.settings()).await.body);
    assert!(page.contains("What was wrong is repaired."), "{page}");
    assert_eq!(stage.account.endpoints().len(), 1, "one endpoint was made");
    drop((one, two));
    stage.has_all(&sold).await;
}

/// The key is deleted at Stripe, or the app is taken away there.
#[rstest]
#[case::the_key_is_deleted(By::Key)]
#[case::the_app_is_taken_away(By::OAuth)]
#[tokio::test]
async fn access_ends_at_stripe(#[case] by: By) {
    let (mut stage, key) = Stage::connected(by).await;
    match by {
        By::Key => stage.account.revoke_key(&key).unwrap(),
        By::OAuth => assert!(stage.account.disconnect(&stage.keys.client_id)),
    }
    let account = stage.account.clone();
    let sold = [stage.sell(&account)];
    let page = stage.repair().await;
    assert!(page.contains("Revoked") && page.contains("Reconnect"), "{page}");
    assert_eq!(stage.site.outside.mails().len(), 1, "the owner is told by mail");
    match by {
        By::Key => stage.connect_with(&stage.account.create_restricted_key(&NEEDED)).await,
        By::OAuth => stage.connect(&stage.browser().await).await,
    }
    stage.has_all(&sold).await;
}

/// The key may not do what a repair needs.
#[rstest]
#[case::endpoints_may_not_be_changed(
    Permission::WebhookEndpoints,
    Some(Level::Read),
    "Webhook Endpoints: Write"
)]
#[case::endpoints_may_not_be_read(Permission::WebhookEndpoints, None, "Webhook Endpoints: Write")]
#[case::events_may_not_be_read(Permission::Events, None, "Events: Read")]
#[tokio::test]
async fn a_permission_is_missing(
    #[case] permission: Permission,
    #[case] level: Option<Level>,
    #[case] sees: &str,
) {
    let (mut stage, key) = Stage::connected(By::Key).await;
    stage.account.break_endpoint(&stage.our_endpoint(By::Key), Defect::Disabled).unwrap();
    let sold = [stage.sell_meanwhile().await];
    stage.account.set_permission(&key, permission, level).unwrap();
    let page = stage.repair().await;
    assert!(page.contains("Something is left for you to do.") && page.contains(sees), "{sees:?}: {page}");
    let given = NEEDED.iter().find(|(needed, _)| *needed == permission).map(|(_, level)| *level);
    stage.account.set_permission(&key, permission, given).unwrap();
    stage.repair().await;
    stage.has_all(&sold).await;
}

/// The clocks of Stripe and of this server are ten minutes apart.
#[rstest]
#[case::ours_is_late(-10)]
#[case::ours_is_early(10)]
#[tokio::test]
async fn the_clocks_differ(#[case] minutes: i64) {
    let (mut stage, _) = Stage::connected(By::Key).await;
    let account = stage.account.clone();
    let sold = [stage.sell(&account)];
    let endpoint = stage.account.endpoints().remove(0);
    let path = endpoint.url.strip_prefix(BASE).unwrap().to_owned();
    let events = account.events_after(0);
    let event = events.iter().rfind(|event| event.kind() == "charge.succeeded").unwrap();
    let body = sandbox::render(event, sandbox::ApiVersion::ACACIA);
    let signed_at = stage.site.engine.now().plus_ms(-minutes * MINUTE_MS);
    let secrets = endpoint.secrets.iter().map(String::as_str);
    let signature = sandbox::signature_header(secrets, &body, signed_at);
    let answer = deliver(&stage.site, &path, Some(&signature), &body).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("stripe_signature_stale"), "{}", answer.body);
    jobs::drain(&stage.site.engine).await.unwrap();
    let page = words_of(&stage.browser().await.get(&stage.settings()).await.body);
    assert!(page.contains("clock"), "the page names the clock: {page}");
    // Stripe sends again, and the clocks have been set.
    stage.deliver(&account).await;
    stage.has_all(&sold).await;
}

/// What is pasted as a restricted key is none, or not enough.
#[rstest]
#[case::a_secret_key("sk_live_canary1234567890", "can charge, refund and move money")]
#[case::a_publishable_key("pk_live_canary1234567890", "publishable key")]
#[case::a_signing_secret("whsec_canary1234567890", "signing secret")]
#[case::nothing("", "begins with rk_live_")]
#[case::an_unknown_key("rk_test_canary1234567890", "does not know this key")]
#[tokio::test]
async fn the_wrong_key_is_pasted(#[case] key: &str, #[case] sees: &str) {
    let mut stage = Stage::new().await;
    let sold = [stage.sell_meanwhile().await];
    let browser = stage.browser().await;
    let program = stage.merchant.program.id.to_string();
    let answer = browser.post("/do/stripe/key", &[("program", &program), ("restricted_key", key)]).await;
    let page = browser.get(answer.location()).await.body;
    assert!(page.contains(sees), "{sees:?}: {page}");
    assert!(key.is_empty() || !page.contains(key), "no key is shown again");
    drop(browser);
    assert!(!stage.status().await.is_connected());
    stage.connects_in_the_end(&sold).await;
}
