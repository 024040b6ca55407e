//! Uploaded files and texts for affiliates, and the logo of a program: received, served, seen by whom.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use domain::affiliates::{AffiliateStatus, StatusReason};
use domain::clock::DAY_MS;
use domain::files::{FilePurpose, LARGEST_FILE, LARGEST_LOGO, MOST_BYTES};
use domain::resources::MOST_RESOURCES;
use engine::programs::files::Upload;
use engine::programs::resources::{self, ResourceRow};
use engine::programs::{affiliates, logos};
use engine::retention;

use super::{Browser, Merchant, Site};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

/// A PNG of a size, or what looks like one.
fn png_of(size: usize) -> Vec<u8> {
    let mut bytes = PNG.to_vec();
    bytes.extend((bytes.len()..size).map(|at| u8::try_from(at % 251).unwrap()));
    bytes
}

fn upload_path(merchant: &Merchant) -> String {
    app::routes::program(&merchant.program.id).upload_resource()
}

async fn rows(site: &Site, merchant: &Merchant) -> Vec<ResourceRow> {
    resources::list(&site.engine, &merchant.actor, &merchant.program.id, "", 200).await.unwrap()
}

/// Uploads a file and gives what the page says afterwards.
async fn upload(browser: &Browser<'_>, merchant: &Merchant, name: &str, content: &[u8]) -> String {
    let answer = browser.upload_with(&upload_path(merchant), &[], Some((name, content))).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    browser.get(answer.location()).await.body
}

async fn content(site: &Site, row: &ResourceRow) -> Vec<u8> {
    let file = row.file.as_ref().expect("a file");
    let mut bytes = Vec::new();
    for number in 0.. {
        match engine::programs::files::piece(&site.engine, file, number).await.unwrap() {
            Some(piece) => bytes.extend(piece),
            None => return bytes,
        }
    }
    bytes
}

#[tokio::test]
async fn a_large_file_arrives_whole_in_pieces() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let largest = png_of(usize::try_from(LARGEST_FILE).unwrap());
    let page = upload(&browser, &merchant, "Banner 728×90.PNG", &largest).await;
    assert!(page.contains("Banner 728×90.png uploaded.") && page.contains("PNG, 10.0 MB"), "{page}");
    let rows = rows(&site, &merchant).await;
    assert_eq!(rows.len(), 1);
    assert!(content(&site, &rows[0]).await == largest, "the content differs");
    let file = rows[0].file.as_ref().unwrap();
    assert_eq!((file.size, file.sha256.len()), (LARGEST_FILE, 64));
}

#[tokio::test]
async fn files_that_are_not_accepted_are_refused_with_a_reason() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let too_large = png_of(usize::try_from(LARGEST_FILE).unwrap() + 1);
    for (name, bytes, says) in [
        ("a.png", &b""[..], "Choose a file."),
        (
            "a.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            "SVG files can contain scripts",
        ),
        ("a.png", b"<!doctype html><script>alert(1)</script>", "Upload a PNG, JPEG, WebP, PDF or ZIP file."),
        ("a.gif", b"GIF89a", "Upload a PNG, JPEG, WebP, PDF or ZIP file."),
        ("a.png", &too_large, "This file is larger than 10 MB."),
        ("a.png", &too_large.repeat(3), "This file is larger than 10 MB."),
    ] {
        let page = upload(&browser, &merchant, name, bytes).await;
        assert!(page.contains(says), "{name} {says}: {page}");
    }
    assert!(rows(&site, &merchant).await.is_empty());
}

#[tokio::test]
async fn a_file_is_served_so_that_nothing_in_it_runs() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (mira, _) = site.affiliate(&merchant, "mira").await;
    let owner = Browser::signed_in(&site, &merchant.email).await;
    let affiliate = Browser::signed_in(&site, mira.email.as_str()).await;
    // What a browser says of the name and the type does not count.
    upload(&owner, &merchant, "page\u{202e}.html", b"%PDF-1.7 <script>alert(1)</script>").await;
    let row = rows(&site, &merchant).await.remove(0);
    assert_eq!(row.resource.title, "page.pdf");
    let (program, id) = (&merchant.program.id, &row.resource.id);
    for (browser, path) in [
        (&owner, app::routes::program(program).resource_file(id)),
        (&affiliate, app::routes::affiliate_program(program).resource_file(id)),
    ] {
        let answer = browser.get(&path).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (StatusCode::OK, "%PDF-1.7 <script>alert(1)</script>")
        );
        for (name, value) in [
            ("content-type", "application/pdf"),
            ("content-disposition", "attachment; filename=\"page.pdf\"; filename*=UTF-8''page.pdf"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            ("x-frame-options", "DENY"),
            ("cache-control", "private, no-cache"),
        ] {
            assert_eq!(answer.header(name), value, "{path} {name}");
        }
        let etag = answer.header("etag").to_owned();
        let again = browser.get_with(&path, &[("if-none-match", &etag)]).await;
        assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
        assert_eq!(again.header("etag"), etag);
        let other = browser.get_with(&path, &[("if-none-match", "\"other\"")]).await;
        assert_eq!(other.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_file_with_the_same_name_takes_the_place_of_the_one_before() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    upload(&browser, &merchant, "banner.png", &png_of(700_000)).await;
    let before = rows(&site, &merchant).await.remove(0);
    upload(&browser, &merchant, "banner.png", &png_of(300)).await;
    let after = rows(&site, &merchant).await;
    assert_eq!((after.len(), &after[0].resource.id), (1, &before.resource.id));
    assert_eq!(content(&site, &after[0]).await, png_of(300));
    assert_eq!(content(&site, &before).await, b"", "its pieces are deleted");
}

#[tokio::test]
async fn files_and_texts_of_a_program_are_limited() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let put = async |name: &str, size: i64| {
        let mut upload = Upload::begin(engine, actor, program, FilePurpose::Resource, name).await.unwrap();
        upload.write(&png_of(usize::try_from(size).unwrap())).await.unwrap();
        resources::put_file(engine, actor, program, upload).await
    };
    for number in 0..MOST_BYTES / LARGEST_FILE {
        put(&format!("{number}.png"), LARGEST_FILE).await.unwrap();
    }
    let refused = put("one-more.png", 100).await.unwrap_err();
    assert!(
        format!("{refused:?}").contains("All files of a program can have 100 MB together"),
        "{refused:?}"
    );
    // Replacing one makes room.
    put("0.png", 100).await.unwrap();
    put("one-more.png", 100).await.unwrap();
    let text = |title: &str| domain::resources::TextDraft {
        title: domain::resources::ResourceTitle::parse(title).unwrap(),
        text: domain::resources::Template::parse("x").unwrap(),
    };
    let present = i64::try_from(rows(&site, &merchant).await.len()).unwrap();
    for number in present..MOST_RESOURCES {
        resources::add_text(engine, actor, program, &text(&number.to_string())).await.unwrap();
    }
    assert!(resources::add_text(engine, actor, program, &text("more")).await.is_err());
    assert!(put("more.png", 100).await.is_err());
}

#[tokio::test]
async fn an_upload_that_broke_off_is_deleted_after_a_day() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let mut upload = Upload::begin(engine, actor, program, FilePurpose::Resource, "a.png").await.unwrap();
    upload.write(&png_of(700_000)).await.unwrap();
    drop(upload);
    let files = async || -> i64 {
        let mut conn = engine.db().read().await.unwrap();
        conn.scalar("SELECT count(*) FROM file_pieces", &[]).await.unwrap()
    };
    assert_eq!(files().await, 2);
    retention::run(engine).await.unwrap();
    assert_eq!(files().await, 2, "it may still be going on");
    site.advance(DAY_MS + 1);
    retention::run(engine).await.unwrap();
    assert_eq!(files().await, 0);
}

#[tokio::test]
async fn texts_have_the_link_of_the_affiliate_who_looks() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (mira, _) = site.affiliate(&merchant, "mira").await;
    let (noah, _) = site.affiliate(&merchant, "noah").await;
    let owner = Browser::signed_in(&site, &merchant.email).await;
    let program = merchant.program.id.to_string();
    let save = async |id: &str, title: &str, text: &str| {
        let fields =
            [("program", program.as_str()), ("resource", id), ("text[title]", title), ("text[text]", text)];
        let answer = owner.post("/do/resources/text", &fields).await;
        owner.get(answer.location()).await.body
    };
    let page = save("", "A post", "Hello {{name}}").await;
    assert!(page.contains("{{name}} cannot be filled in. Use {{link}} and {{code}}"), "{page}");
    assert!(page.contains("Hello {{name}}"), "what was typed stays: {page}");
    let page = save("", "A post", "Read {{link}} & use <b>{{code}}</b>").await;
    assert!(page.contains("Text saved.") && page.contains("A post"), "{page}");
    assert!(save("", "A post", "Another").await.contains("There is a text with this title"));

    let path = app::routes::affiliate_program(&merchant.program.id).resources();
    for (affiliate, code, other) in [(&mira, "mira", "noah"), (&noah, "noah", "mira")] {
        let browser = Browser::signed_in(&site, affiliate.email.as_str()).await;
        let page = browser.get(&path).await.body;
        let text = format!("Read http://hg.test/r/{code} &amp; use &lt;b&gt;{code}&lt;/b&gt;");
        assert!(page.contains(&text), "{page}");
        assert!(!page.contains(&format!("/r/{other}")), "{page}");
    }
    let id = rows(&site, &merchant).await[0].resource.id.to_string();
    assert!(save(&id, "A letter", "{{code}}").await.contains("A letter"));
    let fields = [("program", program.as_str()), ("resource", id.as_str())];
    let answer = owner.post("/do/resources/delete", &fields).await;
    assert!(owner.get(answer.location()).await.body.contains("A letter deleted."));
    let browser = Browser::signed_in(&site, mira.email.as_str()).await;
    assert!(browser.get(&path).await.body.contains("No resources yet"));
}

#[tokio::test]
async fn only_active_affiliates_of_the_program_see_its_files() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let other = site.merchant("other").await;
    let (mira, _) = site.affiliate(&merchant, "mira").await;
    let (stranger, _) = site.affiliate(&other, "stranger").await;
    let owner = Browser::signed_in(&site, &merchant.email).await;
    upload(&owner, &merchant, "banner.png", &png_of(300)).await;
    let id = rows(&site, &merchant).await[0].resource.id.clone();
    let (program, others) = (&merchant.program.id, &other.program.id);
    let of_company = app::routes::program(program).resource_file(&id);
    let of_affiliate = app::routes::affiliate_program(program).resource_file(&id);
    let mixed = [
        app::routes::program(others).resource_file(&id),
        app::routes::affiliate_program(others).resource_file(&id),
    ];
    for (email, paths) in [
        (other.email.as_str(), vec![&of_company, &of_affiliate, &mixed[0]]),
        (stranger.email.as_str(), vec![&of_company, &of_affiliate, &mixed[1]]),
        (mira.email.as_str(), vec![&of_company]),
    ] {
        let browser = Browser::signed_in(&site, email).await;
        for path in paths {
            assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{email} at {path}");
        }
        let answer = browser.upload(&upload_path(&merchant), PNG).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{email} uploads");
    }
    for path in [&of_company, &of_affiliate] {
        assert_eq!(site.get(path).await.location(), "/login");
    }
    assert_eq!(Browser::new(&site).upload(&upload_path(&merchant), PNG).await.location(), "/login");

    let browser = Browser::signed_in(&site, mira.email.as_str()).await;
    assert_eq!(browser.get(&of_affiliate).await.status, StatusCode::OK);
    let reason = StatusReason::parse("Bids on our name").unwrap();
    let (engine, actor) = (&site.engine, &merchant.actor);
    let suspended = AffiliateStatus::Suspended;
    affiliates::set_status(engine, actor, program, &mira.id, suspended, reason.as_ref()).await.unwrap();
    assert_eq!(browser.get(&of_affiliate).await.status, StatusCode::NOT_FOUND);
    let page = browser.get(&app::routes::affiliate_program(program).resources()).await.body;
    assert!(!page.contains("banner.png"), "{page}");
}

async fn upload_logo(browser: &Browser<'_>, merchant: &Merchant, content: &[u8]) -> String {
    let path = app::routes::program(&merchant.program.id).settings().upload_logo();
    let answer = browser.upload_with(&path, &[], Some(("logo.png", content))).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    browser.get(answer.location()).await.body
}

#[tokio::test]
async fn a_logo_is_on_the_public_page_until_it_is_removed() {
    let site = Site::new().await;
    let merchant = super::applications::merchant(&site, false).await;
    let owner = Browser::signed_in(&site, &merchant.email).await;
    for (content, says) in [
        (&b"%PDF-1.7"[..], "Upload a PNG, JPEG or WebP picture."),
        (&png_of(usize::try_from(LARGEST_LOGO).unwrap() + 1), "This picture is larger than 256 KB."),
        (b"<svg/>", "SVG files can contain scripts"),
    ] {
        let page = upload_logo(&owner, &merchant, content).await;
        assert!(page.contains(says), "{says}: {page}");
    }
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    assert!(logos::of_program(engine, actor, program).await.unwrap().is_none());
    assert!(upload_logo(&owner, &merchant, &png_of(900)).await.contains("Logo saved."));
    let first = logos::of_program(engine, actor, program).await.unwrap().unwrap();
    let join = app::routes::join(&merchant.program.slug);
    let src = app::routes::logo(&first.id);
    assert!(site.get(&join).await.body.contains(&src));
    let answer = site.get(&src).await;
    for (name, value) in [
        ("content-type", "image/png"),
        ("content-disposition", ""),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "public, max-age=86400"),
        ("set-cookie", ""),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    let request = Request::get(&src).header("if-none-match", answer.header("etag"));
    let again = site.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert_eq!(site.bytes(&src).await, png_of(900));

    upload_logo(&owner, &merchant, &png_of(901)).await;
    assert_eq!(site.get(&src).await.status, StatusCode::NOT_FOUND, "it was replaced");
    let answer = owner.post("/do/join-page/remove-logo", &[("program", program.as_str())]).await;
    assert!(owner.get(answer.location()).await.body.contains("Logo removed."));
    assert!(!site.get(&join).await.body.contains("/logos/"));
}

#[tokio::test]
async fn a_logo_is_set_by_members_of_the_company_only() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let other = site.merchant("other").await;
    let (mira, _) = site.affiliate(&merchant, "mira").await;
    let owner = Browser::signed_in(&site, &merchant.email).await;
    // A file for affiliates is no logo that anyone may see.
    upload(&owner, &merchant, "banner.png", &png_of(300)).await;
    let file = rows(&site, &merchant).await.remove(0).file.unwrap();
    assert_eq!(site.get(&app::routes::logo(&file.id)).await.status, StatusCode::NOT_FOUND);
    let path = app::routes::program(&merchant.program.id).settings().upload_logo();
    for email in [other.email.as_str(), mira.email.as_str()] {
        let browser = Browser::signed_in(&site, email).await;
        assert_eq!(browser.upload(&path, PNG).await.status, StatusCode::NOT_FOUND, "{email}");
    }
    assert_eq!(Browser::new(&site).upload(&path, PNG).await.location(), "/login");
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    assert!(logos::of_program(engine, actor, program).await.unwrap().is_none());
}
