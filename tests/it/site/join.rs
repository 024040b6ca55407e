//! A program's public page, and its settings.

use axum::http::StatusCode;
use domain::programs::{ProgramChange, ProgramStatus};
use engine::programs;
use engine::programs::join_page;

use super::{Browser, Merchant, Site};

/// Switches a program's page on.
async fn switch_on(site: &Site, merchant: &Merchant) -> String {
    let page = domain::join_pages::JoinPage { is_on: true, ..Default::default() };
    join_page::change(&site.engine, &merchant.actor, &merchant.program.id, &page).await.unwrap();
    app::routes::join(&merchant.program.slug)
}

#[tokio::test]
async fn anyone_can_read_the_offer_and_gets_no_cookie() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let path = switch_on(&site, &merchant).await;
    let answer = site.get(&path).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("set-cookie"), "");
    assert_eq!(answer.header("cache-control"), "public, max-age=60");
    for text in [
        "Earn 20% of each payment for 12 months",
        "Program lumen",
        "by Company lumen",
        r#"<meta content="Earn 20% of each payment for 12 months with Program lumen" property="og:title">"#,
        r#"name="description""#,
        "http://hg.test/join/program-lumen",
        "50.00 USD",
    ] {
        assert!(answer.body.contains(text), "{text}: {}", answer.body);
    }
}

#[tokio::test]
async fn the_page_is_off_until_enabled_and_while_the_program_is_paused() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let path = app::routes::join(&merchant.program.slug);
    assert_eq!(site.get(&path).await.status, StatusCode::NOT_FOUND);
    switch_on(&site, &merchant).await;
    assert_eq!(site.get(&path).await.status, StatusCode::OK);
    let (actor, program) = (&merchant.actor, &merchant.program.id);
    for status in [ProgramStatus::Paused, ProgramStatus::Archived] {
        programs::change(&site.engine, actor, program, &ProgramChange::status(status)).await.unwrap();
        let answer = site.get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{status:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    assert_eq!(site.get("/join/nothing").await.status, StatusCode::NOT_FOUND);
}

/// The bytes of a preview: its size, and the color of its first pixel.
fn decoded(file: &[u8]) -> ((u32, u32), [u8; 3]) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().expect("a PNG file");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let frame = reader.next_frame(&mut pixels).expect("a picture");
    ((frame.width, frame.height), [pixels[0], pixels[1], pixels[2]])
}

#[tokio::test]
async fn the_page_has_a_preview_in_its_color_while_it_is_on() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let path = app::routes::join_image(&merchant.program.slug);
    assert_eq!(site.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get(&app::routes::join_image("nothing")).await.status, StatusCode::NOT_FOUND);
    let page = site.get(&switch_on(&site, &merchant).await).await.body;
    let tag = format!(r#"<meta content="http://hg.test{path}" property="og:image">"#);
    assert!(page.contains(&tag) && page.contains("summary_large_image"), "{page}");
    let (size, plain) = decoded(&site.bytes(&path).await);
    assert_eq!(size, (1_200, 630));
    let color = Some("#17605a".parse().unwrap());
    let settings = domain::join_pages::JoinPage { is_on: true, color, ..Default::default() };
    join_page::change(&site.engine, &merchant.actor, &merchant.program.id, &settings).await.unwrap();
    let (size, colored) = decoded(&site.bytes(&path).await);
    assert_eq!((size, colored), ((1_200, 630), [0x17, 0x60, 0x5a]));
    assert_ne!(plain, colored);
    let answer = site.get(&path).await;
    assert_eq!((answer.header("cache-control"), answer.header("set-cookie")), ("public, max-age=3600", ""));
}

#[tokio::test]
async fn the_merchant_sets_words_and_color() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let settings = app::routes::program(&merchant.program.id).settings().join_page();
    let program = merchant.program.id.as_str();
    let send = async |color: &str, introduction: &str| {
        let fields = [
            ("program", program),
            ("page[is_on]", "on"),
            ("page[color]", color),
            ("page[introduction]", introduction),
        ];
        let answer = browser.post("/do/join-page/change", &fields).await;
        assert_eq!(answer.location(), settings);
        browser.get(&settings).await.body
    };
    let page = send("teal", "Hello").await;
    assert!(page.contains("Enter a color such as #17605a") && page.contains(r#"value="teal""#), "{page}");
    let page = send("17605A", "One <b>\r\n\r\nTwo https://lumen.example/a.").await;
    assert!(page.contains("Join page saved.") && page.contains("#17605a"), "{page}");
    let public = site.get(&app::routes::join(&merchant.program.slug)).await.body.replace("<!>", "");
    assert!(public.contains("<p>One &lt;b&gt;</p>"), "{public}");
    let link = r#"<a href="https://lumen.example/a" rel="nofollow noopener">https://lumen.example/a</a>"#;
    assert!(public.contains(link), "{public}");
    assert!(public.contains(r#"<link rel="stylesheet" href="/colors/17605a.css">"#), "{public}");
    let css = site.get("/colors/17605a.css").await;
    assert_eq!(css.header("content-type"), "text/css; charset=utf-8");
    assert!(css.body.contains("--program: light-dark(#17605a"), "{}", css.body);
    assert_eq!(site.get("/colors/red.css").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_calculator_is_answered_by_the_server() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let path = switch_on(&site, &merchant).await;
    let page = site.get(&format!("{path}?customers=8&price=12.00")).await.body;
    assert!(page.contains("1,497.60") && page.contains("8 new customers each month"), "{page}");
    let page = site.get(&format!("{path}?customers=none&price=12.00")).await.body;
    assert!(page.contains("Enter a number from 1 to 10,000") && page.contains(r#"value="none""#), "{page}");
}
