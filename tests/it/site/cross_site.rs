//! Forms are taken from our own pages only: the table of `Origin` and `Sec-Fetch-Site`.

use axum::body::Body;
use axum::http::Request;

use super::Site;

type Headers = &'static [(&'static str, &'static str)];

/// What a request says, and whether a form is taken from it.
const TABLE: [(&str, Headers, bool); 9] = [
    ("nothing at all: no browser", &[], false),
    ("same origin", &[("sec-fetch-site", "same-origin")], true),
    ("typed into the address bar", &[("sec-fetch-site", "none")], true),
    ("a subdomain", &[("sec-fetch-site", "same-site"), ("origin", "http://evil.hg.test")], false),
    ("another site", &[("sec-fetch-site", "cross-site"), ("origin", "http://evil.test")], false),
    ("an old browser on our own page", &[("origin", "http://hg.test")], true),
    ("an old browser elsewhere", &[("origin", "http://evil.test")], false),
    ("an opaque origin, old browser", &[("origin", "null")], false),
    ("an opaque origin on our own page", &[("origin", "null"), ("sec-fetch-site", "same-origin")], true),
];

#[tokio::test]
async fn forms_from_other_sites_are_refused() {
    let site = Site::new().await;
    site.merchant("lumen").await;
    for (what, headers, taken) in TABLE {
        let mut request = Request::post("/do/session/start")
            .header("host", "hg.test")
            .header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = site.send(request.body(Body::from("email=a&password=b")).unwrap()).await;
        let expected = if taken { 303 } else { 403 };
        assert_eq!(answer.status.as_u16(), expected, "{what}");
        if !taken {
            assert!(answer.body.contains("<h1"), "{what}: a page for people");
        }
    }
}

#[tokio::test]
async fn a_forged_message_in_the_address_is_dropped() {
    let site = Site::new().await;
    let answer = site.get("/login?__path=x&__err=QWNjb3VudCBjbG9zZWQ").await;
    assert_eq!(answer.status.as_u16(), 303);
    assert_eq!(answer.location(), "/login");
}

#[tokio::test]
async fn an_unknown_form_is_answered_with_a_page() {
    let site = Site::new().await;
    site.merchant("lumen").await;
    let request = Request::post("/do/session/start")
        .header("host", "hg.test")
        .header("origin", super::BASE)
        .header("content-type", "application/x-www-form-urlencoded");
    let answer = site.send(request.body(Body::from("email=a&email=b")).unwrap()).await;
    assert_eq!(answer.status.as_u16(), 400);
    assert!(answer.body.contains("<h1"));
    assert!(!answer.body.contains("Deserialization"), "nothing internal is shown");
    let unknown = Request::post("/do/no/such").header("host", "hg.test").header("origin", super::BASE);
    assert_eq!(site.send(unknown.body(Body::empty()).unwrap()).await.status.as_u16(), 404);
}

#[tokio::test]
async fn every_response_has_the_security_headers() {
    let site = Site::new().await;
    site.merchant("lumen").await;
    for path in ["/login", "/no-such-page"] {
        let answer = site.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
}
