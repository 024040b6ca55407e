//! Every request of ours against Stripe's published request schema, of which the sandbox
//! keeps a table: what Stripe does not know, it refuses.

use std::collections::BTreeMap;

use connect::secret::Secret;
use connect::stripe::client::{Access, Caller, Stripe};
use connect::stripe::endpoints::{self, Change, NewEndpoint};
use connect::stripe::oauth::{Platform, PlatformKeys};
use connect::stripe::{account::account, charges, events, invoice_payments, promotion_codes};
use domain::clock::{Clock, Random, Timestamp};
use domain::connections::OAuthScope;
use sandbox::{Duration, NewPayment, Settings, is_checked};
use tokio::net::TcpListener;

const NOW: Timestamp = Timestamp::from_seconds(1_794_700_800);

/// The calls that must have been made when every function was used once.
const CALLS: [(&str, &str); 12] = [
    ("GET", "/v1/account"),
    ("POST", "/v1/webhook_endpoints"),
    ("GET", "/v1/webhook_endpoints"),
    ("POST", "/v1/webhook_endpoints/we"),
    ("DELETE", "/v1/webhook_endpoints/we"),
    ("GET", "/v1/events"),
    ("GET", "/v1/charges"),
    ("GET", "/v1/charges/ch"),
    ("GET", "/v1/invoice_payments"),
    ("GET", "/v1/promotion_codes/promo"),
    ("POST", "/oauth/token"),
    ("POST", "/oauth/deauthorize"),
];

async fn serve(stripe: &sandbox::Stripe) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let settings = Settings { base_url: base.clone(), shop: None, tracking: None };
    let router = sandbox::router(stripe.clone(), settings);
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

/// Asks for everything that Honeyguide ever asks an account for.
async fn read_everything(caller: &Caller, charge: &str, promotion: &str) {
    account(caller).await.unwrap();
    let since = NOW.plus_days(-2);
    events::page(caller, &["charge.succeeded", "charge.refunded"], since, None).await.unwrap();
    events::any_undelivered(caller, since).await.unwrap();
    let page = charges::page(caller, since, NOW.plus_days(1), None).await.unwrap();
    charges::page(caller, since, NOW.plus_days(1), Some(&page.charges[0].id)).await.unwrap();
    charges::charge(caller, charge).await.unwrap();
    let intent = page.charges[0].payment_intent.clone().unwrap();
    invoice_payments::of_intent(caller, &intent).await.unwrap();
    promotion_codes::promotion_code(caller, promotion, NOW).await.unwrap();
    for list in ["/events", "/charges", "/promotion_codes"] {
        caller.probe(list).await.unwrap();
    }
}

async fn change_endpoints(caller: &Caller) {
    let new = NewEndpoint {
        url: "https://e.example/h".to_owned(),
        events: vec!["charge.succeeded".to_owned(), "charge.refunded".to_owned()],
        connect: true,
        description: "Honeyguide".to_owned(),
        metadata: BTreeMap::from([("honeyguide_instance".to_owned(), "one".to_owned())]),
    };
    let made = endpoints::create(caller, &new, "create").await.unwrap();
    let change = Change {
        url: Some("https://e.example/new".to_owned()),
        disabled: Some(false),
        events: Some(new.events.clone()),
        metadata: Some(new.metadata.clone()),
    };
    endpoints::update(caller, &made.id, &change, "change").await.unwrap();
    endpoints::list_all(caller).await.unwrap();
    endpoints::delete(caller, &made.id).await.unwrap();
}

#[tokio::test]
async fn every_parameter_sent_is_known_to_stripe() {
    let merchant = sandbox::Stripe::new(Clock::fixed(NOW), Random::seeded(7));
    let base = serve(&merchant).await;
    let keys = merchant.new_account("Cloud").become_platform(sandbox::Platform::default());
    let payment = NewPayment { amount: 500, currency: "usd".to_owned(), ..NewPayment::default() };
    let charge = merchant.pay(payment).unwrap().charge.unwrap();
    let promotion = merchant.create_promotion_code("ADA20", 2_000, Duration::Forever).unwrap();
    let stripe = Stripe::new(&base);
    let platform = Platform {
        live: None,
        test: Some(PlatformKeys {
            secret_key: Secret::new(keys.secret_key.clone()),
            client_id: keys.client_id.clone(),
        }),
        authorize_url: format!("{base}/oauth/authorize"),
        token_url: format!("{base}/oauth/token"),
        deauthorize_url: Some(format!("{base}/oauth/deauthorize")),
        scope: Some(OAuthScope::ReadOnly),
    };
    let page = platform.authorize(false, "state", "https://honeyguide.example/stripe/callback").unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    assert_eq!(reqwest::get(&page).await.unwrap().status(), 200, "{page}");
    let code = merchant.approve(&keys.client_id, None).unwrap();
    let granted = platform.exchange(&stripe, false, &code).await.unwrap();

    let key = Secret::new(keys.secret_key);
    let there = stripe.with(&Access { key: key.clone(), account: Some(granted.account.clone()) });
    read_everything(&there, &charge, &promotion).await;
    change_endpoints(&stripe.with(&Access { key, account: None })).await;
    platform.deauthorize(&stripe, false, &granted.account).await.unwrap();

    let requests = merchant.requests();
    for request in &requests {
        assert_eq!(request.status, Some(200), "{request:?}");
        let is_known = request.path.starts_with("/oauth/") || is_checked(&request.method, &request.path);
        assert!(is_known, "the table does not know {} {}", request.method, request.path);
    }
    for (method, path) in CALLS {
        // Ids are cut at their first underscore.
        let is_there = requests
            .iter()
            .any(|it| it.method == method && (it.path == path || it.path.starts_with(&format!("{path}_"))));
        assert!(is_there, "{method} {path} was not called");
    }
}
