//! Signed receipts: issued to those who may see the earning, checked by anyone.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use connect::receipt_key::ReceiptPublicKey;
use connect::seal::SealingKey;
use domain::ids::{ConversionId, LinkId};
use domain::receipts::{LARGEST_RECEIPT, Receipt};
use engine::ledger::conversions::{self, Filter, Page};
use engine::ledger::receipts::{self, Signature, Unreadable};
use engine::worker;
use serde_json::Value;

use super::webhooks::{SECRET, charge, connect, deliver, signature};
use super::{BASE, Browser, Merchant, START, Site};

/// A payment of 100.00 USD that earned Mira 20.00 USD.
pub struct Sale {
    pub merchant: Merchant,
    pub conversion: ConversionId,
    pub email: String,
    pub link: LinkId,
    webhook: String,
}

pub async fn sale(site: &Site) -> Sale {
    let merchant = site.merchant("lumen").await;
    let (affiliate, link) = site.affiliate(&merchant, "mira").await;
    let webhook = connect(site, &merchant).await;
    let visit =
        engine::tracking::clicks::Visit { user_agent: "Mozilla/5.0 Firefox".into(), ..Default::default() };
    let click = engine::tracking::clicks::follow(&site.engine, "mira", &visit).await.unwrap().unwrap();
    receive(site, &webhook, &charge("evt_first", click.token.unwrap().as_str())).await;
    let (actor, program) = (&merchant.actor, &merchant.program.id);
    let rows = conversions::list(&site.engine, actor, program, &Filter::default(), &Page::First, 10).await;
    let conversion = rows.unwrap().remove(0).conversion.id;
    Sale { merchant, conversion, email: affiliate.email.to_string(), link: link.id, webhook }
}

async fn receive(site: &Site, webhook: &str, body: &[u8]) {
    let answer = deliver(site, webhook, Some(&signature(SECRET, body, START)), body).await;
    assert_eq!(answer.status, StatusCode::OK);
    worker::drain(&site.engine).await.unwrap();
}

impl Sale {
    /// The document as the affiliate downloads it.
    pub async fn document(&self, site: &Site) -> String {
        let path = app::routes::affiliate_program(&self.merchant.program.id).receipt_file(&self.conversion);
        let answer = Browser::signed_in(site, &self.email).await.get(&path).await;
        assert_eq!(answer.header("content-type"), "application/json");
        assert!(answer.header("content-disposition").starts_with("attachment; filename=\"receipt-cnv_"));
        answer.body
    }

    /// Half of the payment goes back to the buyer.
    async fn refund(&self, site: &Site) {
        let at = START.seconds() + 120;
        let body = format!(
            r#"{{"id":"evt_refund","object":"event","api_version":"2025-02-24.acacia","created":{at},"livemode":true,
            "type":"charge.refunded","data":{{"object":{{"id":"ch_evt_first","object":"charge","amount":10000,
            "amount_captured":10000,"amount_refunded":5000,"captured":true,"currency":"usd","created":{at},
            "customer":null,"invoice":null,"metadata":{{}},"payment_intent":"pi_evt_first","status":"succeeded",
            "billing_details":{{"email":"ana@buyers.example"}}}}}}}}"#
        );
        receive(site, &self.webhook, body.as_bytes()).await;
    }
}

/// Posts the form of the public check, with a file or a pasted text.
async fn post(site: &Site, field: &str, content: &[u8]) -> super::Answer {
    let name = if field == "file" { "; filename=\"receipt.json\"" } else { "" };
    let mut body =
        format!("--edge\r\nContent-Disposition: form-data; name=\"{field}\"{name}\r\n\r\n").into_bytes();
    body.extend(content);
    body.extend(b"\r\n--edge--\r\n");
    let request = Request::post(app::routes::RECEIPT)
        .header("host", "hg.test")
        .header("origin", BASE)
        .header("content-type", "multipart/form-data; boundary=edge");
    let answer = site.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(answer.header("set-cookie"), "");
    answer
}

#[tokio::test]
async fn anyone_can_check_what_an_affiliate_downloads() {
    let site = Site::new().await;
    let sale = sale(&site).await;
    let document = sale.document(&site).await;
    for field in ["file", "document"] {
        let page = post(&site, field, document.as_bytes()).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("Valid: signed by hg.test, unchanged"), "{}", page.body);
        assert!(page.body.contains("20.00 USD") && page.body.contains("a•••@•••"), "{}", page.body);
    }
    let changed = document.replace("\"commission\": 2000", "\"commission\": 9000");
    assert_ne!(changed, document);
    let page = post(&site, "document", changed.as_bytes()).await.body;
    assert!(page.contains("the document was changed after it was issued"), "{page}");
    assert!(page.contains("Not verified") && !page.contains("class=\"qr\""), "{page}");
    assert!(page.contains("&quot;commission&quot;: 9000") || page.contains("\"commission\": 9000"), "{page}");
    let start = site.get(app::routes::RECEIPT).await;
    assert_eq!((start.status, start.header("set-cookie")), (StatusCode::OK, ""));
}

#[tokio::test]
async fn the_code_on_the_sheet_leads_to_the_check_of_the_same_receipt() {
    let site = Site::new().await;
    let sale = sale(&site).await;
    let routes = app::routes::affiliate_program(&sale.merchant.program.id);
    let own = Browser::signed_in(&site, &sale.email).await.get(&routes.receipt(&sale.conversion)).await.body;
    let path = app::routes::program(&sale.merchant.program.id).receipt(&sale.conversion);
    let owner = Browser::signed_in(&site, &sale.merchant.email).await.get(&path).await.body;
    for page in [own, owner] {
        let start = page.find("http://hg.test/receipt?r=").expect("a code");
        let url = page[start..].split('"').next().unwrap();
        let checked = site.get(url.strip_prefix(BASE).unwrap()).await;
        assert!(checked.body.contains("Valid: signed by hg.test, unchanged"), "{}", checked.body);
        let damaged = site.get(&url[BASE.len()..url.len() - 20]).await;
        assert!(damaged.body.contains("Not a receipt"), "{}", damaged.body);
    }
}

#[tokio::test]
async fn an_old_receipt_stays_valid_and_shows_what_it_said_then() {
    let site = Site::new().await;
    let sale = sale(&site).await;
    let old = sale.document(&site).await;
    sale.refund(&site).await;
    let new = sale.document(&site).await;
    assert!(new.contains("\"reverse\"") && new.contains("\"commission\": 1000"), "{new}");
    let page = post(&site, "file", old.as_bytes()).await.body;
    assert!(page.contains("Valid: signed by") && page.contains("20.00 USD"), "{page}");
    assert!(!page.contains("10.00 USD") && !page.contains("Reversed"), "{page}");
    let page = post(&site, "file", new.as_bytes()).await.body;
    assert!(page.contains("Valid: signed by") && page.contains("10.00 USD"), "{page}");
}

/// Whatever one character of a document becomes, it is no valid receipt, unless it says the same.
#[tokio::test]
async fn no_changed_character_is_valid() {
    let site = Site::new().await;
    let sale = sale(&site).await;
    sale.refund(&site).await;
    let document = sale.document(&site).await;
    let key = receipts::keys(&site.engine).await.unwrap()[0];
    let says: Value = serde_json::from_str(&document).unwrap();
    assert!(receipts::check_with(key, &document).unwrap().is_valid());
    let mut changed = 0;
    for (at, old) in document.char_indices() {
        for new in ['0', 'Z', '"'].into_iter().filter(|new| *new != old) {
            let mut other = document.clone();
            other.replace_range(at..at + old.len_utf8(), &new.to_string());
            let is_same = serde_json::from_str::<Value>(&other).is_ok_and(|value| value == says);
            let valid = receipts::check_with(key, &other).is_ok_and(|check| check.is_valid());
            assert_eq!(valid, is_same, "{new:?} at {at}: {other}");
            changed += usize::from(!is_same);
        }
    }
    assert!(changed > 3_000, "{changed}");
}

#[tokio::test]
async fn receipts_outlive_a_change_of_the_secret_key() {
    let site = Site::new().await;
    let document = sale(&site).await.document(&site).await;
    let older = SealingKey::new(b"the key before").receipts().clone();
    let mut receipt = Receipt::read(&document).unwrap().receipt;
    receipt.key_id = older.public().id();
    receipt.signature = older.sign(&receipt.signed_bytes());
    let check = async || receipts::check(&site.engine, &receipt.document()).await.unwrap().unwrap();
    assert_eq!(check().await.signature, Signature::UnknownKey);
    let mut tx = site.engine.db().begin().await.unwrap();
    let (id, key) = (older.public().id(), older.public().base64());
    store::receipt_keys::put_first(&mut tx, &id, &key, START).await.unwrap();
    tx.commit().await.unwrap();
    assert!(check().await.is_valid());

    let published = site.get(app::routes::RECEIPT_KEYS).await;
    let published: Value = serde_json::from_str(&published.body).unwrap();
    let keys = published["keys"].as_array().unwrap();
    let read = |key: &Value| ReceiptPublicKey::parse(key["publicKey"].as_str().unwrap());
    assert_eq!(read(&keys[0]), Some(receipts::keys(&site.engine).await.unwrap()[0]));
    assert_eq!(read(&keys[1]), Some(older.public()));
}

#[tokio::test]
async fn what_is_no_receipt_is_refused_in_words() {
    let site = Site::new().await;
    let refused = async |field: &str, content: &[u8], why: &str| {
        let page = post(&site, field, content).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains(why), "{why}: {}", page.body);
    };
    refused("document", b"", "Choose a file, or paste the document.").await;
    refused("document", b"hello", "it is not complete JSON").await;
    refused("document", b"{\"format\": \"honeyguide-receipt/9\"}", "does not know").await;
    refused("file", b"\xff\xfe", "it is not text").await;
    refused("file", &vec![b' '; LARGEST_RECEIPT + 1], "larger than any receipt").await;
    refused("file", &vec![b' '; 300 * 1024], "larger than any receipt").await;
    let checked = receipts::check(&site.engine, "{}").await.unwrap();
    assert_eq!(checked, Err(Unreadable::NotAReceipt));
}

#[tokio::test]
async fn checks_of_one_network_are_limited_and_other_pages_are_not() {
    let site = Site::new().await;
    let mut limited = 0;
    for _ in 0..80 {
        let answer = site.get(app::routes::RECEIPT).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert_ne!(answer.header("retry-after"), "");
            limited += 1;
        }
    }
    assert!((1..=20).contains(&limited), "{limited}");
    assert_ne!(site.get(app::routes::SIGN_IN).await.status, StatusCode::TOO_MANY_REQUESTS);
}
