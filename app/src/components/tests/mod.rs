//! The components together: whole sample pages, checked for their structure, and
//! regressions of the places where hostile text could break out.
//!
//! `SAMPLE_PAGES=folder cargo test -p app sample_pages` also writes the pages as files, with the
//! joined stylesheet, to look at.

mod hostile;
mod merchant_pages;
mod settings_pages;
mod site_pages;
mod sources;
mod structure;

use std::path::PathBuf;

use leptos::prelude::*;
use scraper::{Html, Selector};

use crate::layout::document::plain_document;
use crate::request::theme::Theme;

/// Renders one component as a fragment.
fn render(view: impl FnOnce() -> AnyView) -> Html {
    Html::parse_fragment(&Owner::new().with(|| view().to_html()))
}

/// Renders a whole page.
fn render_page(title: &str, theme: Theme, view: impl FnOnce() -> AnyView) -> String {
    Owner::new().with(|| plain_document(title, theme, view()).into_any().to_html())
}

fn select(selector: &str) -> Selector {
    Selector::parse(selector).expect("a selector")
}

/// Makes a page.
type Page = fn() -> AnyView;

/// The pages that are checked, by their names.
fn sample_pages() -> Vec<(&'static str, String)> {
    let pages: [(&'static str, Page); 7] = [
        ("overview", merchant_pages::overview),
        ("conversions", merchant_pages::conversions),
        ("conversion", merchant_pages::conversion),
        ("terms", settings_pages::terms),
        ("stripe", settings_pages::stripe),
        ("affiliate", site_pages::affiliate_home),
        ("login", site_pages::login),
    ];
    pages.into_iter().map(|(name, page)| (name, render_page(name, Theme::System, page))).collect()
}

/// Writes the sample pages where `SAMPLE_PAGES` says, with what they load beside them.
fn write_sample_pages(pages: &[(&'static str, String)]) {
    let Some(folder) = std::env::var_os("SAMPLE_PAGES").map(PathBuf::from) else { return };
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut style: Vec<PathBuf> = std::fs::read_dir(root.join("style"))
        .expect("style/")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    style.sort();
    let style: String = style.iter().map(|path| std::fs::read_to_string(path).expect("a partial")).collect();
    std::fs::create_dir_all(folder.join("assets")).expect("a folder");
    std::fs::write(folder.join("assets/app.css"), style).expect("a stylesheet");
    for (name, html) in pages {
        std::fs::write(folder.join(format!("{name}.html")), html).expect("a page");
    }
}
