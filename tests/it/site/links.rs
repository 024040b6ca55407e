//! An affiliate's links: what each brought, trying one, putting one away, and its code as a picture.

use axum::http::StatusCode;
use engine::tracking::clicks::{Visit, follow};

use super::receipts::sale;
use super::{Browser, Site};

#[tokio::test]
async fn a_link_shows_what_it_brought() {
    let site = Site::new().await;
    let sale = sale(&site).await;
    let browser = Browser::signed_in(&site, &sale.email).await;
    let routes = app::routes::affiliate_program(&sale.merchant.program.id);
    let page = browser.get(&routes.links()).await.body;
    for text in ["/r/mira", "New customers", "100.0%", "20.00"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let page = browser.get(&routes.link(&sale.link)).await.body;
    for text in ["1, 100.0% of clicks", "20.00 USD", "100.00 USD", "class=\"qr\""] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let problems = engine::ledger::verify::ledger(&site.engine).await.unwrap().problems;
    assert_eq!(problems, Vec::<String>::new());
}

#[tokio::test]
async fn an_archived_link_keeps_working() {
    let site = Site::new().await;
    let sale = sale(&site).await;
    let browser = Browser::signed_in(&site, &sale.email).await;
    let routes = app::routes::affiliate_program(&sale.merchant.program.id);
    let send = async |archive: &str| {
        let fields = [
            ("program", sale.merchant.program.id.as_str()),
            ("link", sale.link.as_str()),
            ("archive", archive),
        ];
        let answer = browser.post("/do/own-link/archive", &fields).await;
        assert_eq!(answer.location(), routes.links());
        browser.get(&routes.links()).await.body
    };
    let page = send("yes").await;
    assert!(page.contains("They keep working") && page.contains("No links yet"), "{page}");
    let visit = Visit { user_agent: "Mozilla/5.0 Firefox/2".into(), ..Default::default() };
    let redirect = follow(&site.engine, "mira", &visit).await.unwrap().unwrap();
    assert!(redirect.token.is_some());
    let page = send("no").await;
    assert!(!page.contains("They keep working"), "{page}");
}

#[tokio::test]
async fn the_tester_says_where_an_address_leads_and_whether_it_counts() {
    let site = Site::new().await;
    let sale = sale(&site).await;
    let other = site.affiliate(&sale.merchant, "kenji").await;
    assert_eq!(other.1.code.as_str(), "kenji");
    let browser = Browser::signed_in(&site, &sale.email).await;
    let routes = app::routes::affiliate_program(&sale.merchant.program.id);
    let tried = async |address: &str| {
        let query = url::form_urlencoded::byte_serialize(address.as_bytes()).collect::<String>();
        let answer = browser.get(&format!("{}?try={query}", routes.links())).await;
        assert_eq!(answer.status, StatusCode::OK);
        answer.body
    };
    for address in ["http://hg.test/r/mira", "https://lumen.example/pricing?via=mira"] {
        let page = tried(address).await;
        assert!(page.contains("A click on it counts") && page.contains("lumen.example"), "{page}");
    }
    for (address, why) in [
        ("mira", "not a web address"),
        ("https://elsewhere.example/?via=mira", "neither one of your links nor a page on"),
        ("https://lumen.example/pricing", "It has no code"),
        ("http://hg.test/r/kenji", "Its code is none of yours"),
        ("http://hg.test/r/nobody", "Its code is none of yours"),
    ] {
        let page = tried(address).await;
        assert!(page.contains("A click on it does not count") && page.contains(why), "{address}: {page}");
    }
    let change = domain::programs::ProgramChange::status(domain::programs::ProgramStatus::Paused);
    let (actor, program) = (&sale.merchant.actor, &sale.merchant.program.id);
    engine::programs::change(&site.engine, actor, program, &change).await.unwrap();
    assert!(tried("http://hg.test/r/mira").await.contains("The program is not running"));
}

#[tokio::test]
async fn a_code_is_a_picture_of_the_link() {
    let site = Site::new().await;
    let sale = sale(&site).await;
    let browser = Browser::signed_in(&site, &sale.email).await;
    let routes = app::routes::affiliate_program(&sale.merchant.program.id);
    let svg = browser.get(&routes.link_code(&sale.link, "svg")).await;
    assert_eq!(svg.header("content-type"), "image/svg+xml");
    assert!(svg.header("content-disposition").contains("mira-qr.svg"));
    let code = app::components::Qr::of_link("http://hg.test/r/mira").unwrap();
    assert_eq!(svg.body, code.svg());
    let png = browser.get(&routes.link_code(&sale.link, "png")).await;
    assert_eq!((png.status, png.header("content-type")), (StatusCode::OK, "image/png"));
}
