//! The HTML document around a page: title, policy, theme, style and scripts.

use std::sync::{Arc, Mutex, PoisonError};

use engine::Engine;
use futures::StreamExt;
use html_escape::encode_text;
use http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use crate::components::assets::asset;
use crate::request::theme::Theme;

/// The product's name, which ends every title that has no program's name.
const PRODUCT: &str = "Honeyguide";

/// The scripts, each of which makes one thing nicer; every page works without them.
const SCRIPTS: [&str; 7] = [
    "js/copy.mjs",
    "js/forms.mjs",
    "js/live.mjs",
    "js/menus.mjs",
    "js/print.mjs",
    "js/search.mjs",
    "js/share.mjs",
];

/// What a public page says to search engines and link previews, and its colors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// "Earn 25% of each payment for 12 months"
    pub title: String,
    /// One sentence.
    pub description: String,
    /// The page's address, whole.
    pub url: String,
    /// The address of a picture of 1200 × 630 pixels, whole.
    pub image: String,
    /// The address of a stylesheet with the program's colors.
    pub stylesheet: Option<String>,
}

/// The head of the page being rendered. A page sets it, also after loading; the document is
/// written around the finished page and reads it.
#[derive(Clone, Default)]
pub struct DocumentHead(Arc<Mutex<(String, Option<Preview>)>>);

impl DocumentHead {
    fn with<T>(&self, change: impl FnOnce(&mut (String, Option<Preview>)) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// "Conversions · Lumen Partners"; begins with "Error: " when a form has problems.
    pub fn set(&self, title: impl Into<String>) {
        let title = title.into();
        self.with(|head| head.0 = title);
    }

    /// Makes the page one that can be shared.
    fn set_preview(&self, preview: Preview) {
        self.with(|head| head.1 = Some(preview));
    }

    /// What a page has set; the title is the name of the product when it has set none.
    pub fn get(&self) -> (String, Option<Preview>) {
        let (title, preview) = self.with(|head| head.clone());
        (if title.is_empty() { PRODUCT.to_owned() } else { title }, preview)
    }
}

/// The policy of our pages. Only pages that Leptos renders need a nonce: it appends two
/// small inline scripts to them.
pub fn content_security_policy(nonce: Option<&str>) -> String {
    // Browsers check `form-action` against the last address of a chain of redirects, too.
    let origin = use_context::<Engine>()
        .and_then(|engine| engine::stripe::connections::setup(&engine).authorize_origin);
    let authorize = origin.map(|origin| format!(" {origin}")).unwrap_or_default();
    let scripts = nonce.map_or_else(|| "'self'".to_owned(), |nonce| format!("'self' 'nonce-{nonce}'"));
    format!(
        "default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; form-action 'self' https://connect.stripe.com https://marketplace.stripe.com{authorize}; \
         base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    )
}

/// The document of a routed page: renders the page first, waits for its data, then writes
/// the head, so that the title is known by then.
pub fn document<V: IntoView + 'static>(app: impl FnOnce() -> V + Send + 'static) -> impl IntoView {
    let head = DocumentHead::default();
    provide_context(head.clone());
    if let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) {
        let policy = content_security_policy(Some(&nonce));
        response.insert_header(
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_str(&policy).expect("a nonce is ASCII"),
        );
    }
    let theme = Theme::of_request();
    Suspend::new(async move {
        let body = app().into_any().to_html_stream_in_order().collect::<String>().await;
        let (title, preview) = head.get();
        page(&title, preview, theme, body)
    })
}

/// The document of a page that needs no data: errors, refusals. Rendered at once.
pub fn plain_document(title: &str, theme: Theme, body: impl IntoView + 'static) -> impl IntoView {
    page(&with_product(title), None, theme, body.into_any().to_html())
}

fn page(title: &str, preview: Option<Preview>, theme: Theme, body: String) -> impl IntoView + use<> {
    let scripts = SCRIPTS.map(|name| view! { <script type="module" src=asset(name)></script> });
    // As children of <title> a text would be followed by a literal `<!>`.
    let title = encode_text(title).into_owned();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.attribute()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content=theme.attribute().unwrap_or("light dark")/>
                <title inner_html=title></title>
                <link rel="icon" href=asset("mark.svg") type="image/svg+xml"/>
                <link rel="preload" href=asset("fonts/inter-latin-variable.woff2") r#as="font" type="font/woff2" crossorigin="anonymous"/>
                <link rel="stylesheet" href=asset("app.css")/>
                {preview.map(meta)}
                {scripts.into_iter().collect_view()}
            </head>
            <body inner_html=body></body>
        </html>
    }
}

fn meta(preview: Preview) -> impl IntoView {
    let property =
        |name: &'static str, content: String| view! { <meta content=content/> }.attr("property", name);
    let alt = preview.title.clone();
    let stylesheet = preview.stylesheet.map(|href| view! { <link rel="stylesheet" href=href/> });
    view! {
        <meta name="description" content=preview.description.clone()/>
        {property("og:type", "website".to_owned())}
        {property("og:title", preview.title)}
        {property("og:description", preview.description)}
        {property("og:url", preview.url)}
        {property("og:image", preview.image)}
        {property("og:image:width", "1200".to_owned())}
        {property("og:image:height", "630".to_owned())}
        {property("og:image:alt", alt)}
        <meta name="twitter:card" content="summary_large_image"/>
        {stylesheet}
    }
}

/// Sets the head of a page that anyone may see and share.
pub fn public_head(title: &str, has_errors: bool, preview: Preview) {
    set_title(title, has_errors);
    if let Some(head) = use_context::<DocumentHead>() {
        head.set_preview(preview);
    }
}

/// Sets the title of a page above programs: "Sign in · Honeyguide". It begins with "Error: "
/// when a form of the page has problems.
pub fn title(part: &str, has_errors: bool) {
    set_title(&with_product(part), has_errors);
}

/// Sets the title of a program's page: "Conversions · Lumen Partners".
pub(super) fn program_title(part: &str, program: &str, has_errors: bool) {
    set_title(&format!("{part} · {program}"), has_errors);
}

fn set_title(title: &str, has_errors: bool) {
    let prefix = if has_errors { "Error: " } else { "" };
    if let Some(page) = use_context::<DocumentHead>() {
        page.set(format!("{prefix}{title}"));
    }
}

fn with_product(part: &str) -> String {
    if part.contains(PRODUCT) { part.to_owned() } else { format!("{part} · {PRODUCT}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "</title><script>alert(1)</script>";

    fn html_of(view: impl FnOnce() -> AnyView) -> String {
        Owner::new().with(|| view().to_html())
    }

    #[test]
    fn a_title_cannot_leave_its_element() {
        let html =
            html_of(|| plain_document(HOSTILE, Theme::System, view! { <h1>"Not found"</h1> }).into_any());
        let page = scraper::Html::parse_document(&html);
        let select = |what| scraper::Selector::parse(what).unwrap();
        let titles: Vec<String> = page.select(&select("title")).map(|title| title.text().collect()).collect();
        assert_eq!(titles, [format!("{HOSTILE} · Honeyguide")]);
        assert_eq!(page.select(&select("script:not([src])")).count(), 0);
        assert_eq!(page.select(&select("body > h1")).count(), 1);
        assert!(html.starts_with("<!DOCTYPE html>"), "{html}");
    }

    #[tokio::test]
    async fn a_page_may_set_its_title_after_loading() {
        // Another test may have been first; either way there is an executor now.
        let _ = any_spawner::Executor::init_tokio();
        let owner = Owner::new();
        let html = owner
            .with(|| {
                ScopedFuture::new(async {
                    document(|| {
                        Suspend::new(async {
                            tokio::task::yield_now().await;
                            expect_context::<DocumentHead>().set("Conversions · <Lumen>");
                            view! { <h1>"Conversions"</h1> }
                        })
                    })
                    .into_any()
                    .to_html_stream_in_order()
                    .collect::<String>()
                    .await
                })
            })
            .await;
        assert!(html.contains("<title>Conversions · &lt;Lumen&gt;</title>"), "{html}");
        let page = scraper::Html::parse_document(&html);
        let heading: String =
            page.select(&scraper::Selector::parse("h1").unwrap()).flat_map(|h1| h1.text()).collect();
        assert_eq!(heading, "Conversions");
    }

    #[test]
    fn the_document_has_the_theme() {
        let html = html_of(|| plain_document("x", Theme::Dark, ()).into_any());
        assert!(html.contains(r#"data-theme="dark""#), "{html}");
    }

    #[test]
    fn only_a_nonce_lets_an_inline_script_run() {
        assert!(content_security_policy(None).contains("script-src 'self';"));
        assert!(content_security_policy(Some("abc")).contains("script-src 'self' 'nonce-abc';"));
    }
}
