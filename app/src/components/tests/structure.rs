//! The structure that every page must have: headings, labels, tables, references.

use std::collections::BTreeSet;

use scraper::Html;

use super::{sample_pages, select, write_sample_pages};

fn pages() -> Vec<(&'static str, Html)> {
    sample_pages().into_iter().map(|(name, html)| (name, Html::parse_document(&html))).collect()
}

#[test]
fn sample_pages_have_one_h1_and_headings_in_order() {
    let written = sample_pages();
    write_sample_pages(&written);
    for (name, html) in written {
        let page = Html::parse_document(&html);
        assert_eq!(page.select(&select("h1")).count(), 1, "{name}");
        let mut level = 1;
        for heading in page.select(&select("main h1, main h2, main h3, main h4")) {
            let next: u32 = heading.value().name()[1..].parse().unwrap();
            assert!(next <= level + 1, "{name}: h{level} is followed by {}", heading.html());
            level = next;
        }
    }
}

#[test]
fn ids_are_unique_and_references_resolve() {
    for (name, page) in pages() {
        let mut ids = BTreeSet::new();
        for element in page.select(&select("[id]")) {
            assert!(
                ids.insert(element.value().id().unwrap()),
                "{name}: two elements #{:?}",
                element.value().id()
            );
        }
        for attribute in ["aria-labelledby", "aria-describedby", "for", "popovertarget", "data-copy"] {
            for element in page.select(&select(&format!("[{attribute}]"))) {
                for id in element.value().attr(attribute).unwrap().split_whitespace() {
                    assert!(ids.contains(id), "{name}: {attribute}={id} leads nowhere");
                }
            }
        }
        for link in page.select(&select(r##"a[href^="#"]"##)) {
            let id = &link.value().attr("href").unwrap()[1..];
            assert!(ids.contains(id), "{name}: #{id} leads nowhere");
        }
    }
}

#[test]
fn every_input_has_a_label() {
    for (name, page) in pages() {
        let labeled: BTreeSet<_> =
            page.select(&select("label[for]")).filter_map(|label| label.value().attr("for")).collect();
        let wrapped: BTreeSet<_> =
            page.select(&select("label input")).filter_map(|input| input.value().id()).collect();
        for input in page.select(&select("input:not([type=hidden]), select, textarea")) {
            let id = input.value().id().unwrap_or_else(|| panic!("{name}: no id: {}", input.html()));
            assert!(labeled.contains(id) || wrapped.contains(id), "{name}: no label: {}", input.html());
        }
    }
}

#[test]
fn tables_have_captions_heads_and_row_heads() {
    for (name, page) in pages() {
        for table in page.select(&select("table")) {
            let caption: String =
                table.select(&select("caption")).flat_map(|caption| caption.text()).collect();
            assert!(!caption.trim().is_empty(), "{name}: a table without a caption");
            for row in table.select(&select("tbody tr")) {
                assert_eq!(row.select(&select(r#"th[scope="row"]"#)).count(), 1, "{name}: {}", row.html());
            }
        }
    }
}

#[test]
fn every_svg_is_named_or_hidden() {
    for (name, page) in pages() {
        for drawing in page.select(&select("svg")) {
            let hidden = drawing.value().attr("aria-hidden") == Some("true");
            let named = drawing.value().attr("aria-label").is_some_and(|label| !label.is_empty());
            assert!(hidden != named, "{name}: {}", drawing.html());
        }
    }
}

#[test]
fn a_chart_comes_before_its_numbers() {
    let pages = pages();
    let (_, overview) = pages.iter().find(|(name, _)| *name == "overview").unwrap();
    let figure = overview.select(&select("figure.chart")).next().unwrap();
    assert_eq!(figure.select(&select("details table tbody tr")).count(), 30);
    let newest: Vec<_> =
        figure.select(&select("tbody tr:first-child > *")).flat_map(|cell| cell.text()).collect();
    assert_eq!(newest, ["21 Nov", "114.00", "264.00"]);
}

#[test]
fn nothing_needs_an_inline_style_or_script() {
    for (name, page) in pages() {
        assert_eq!(page.select(&select("[style], style, script:not([src])")).count(), 0, "{name}");
        for element in page.select(&select("*")) {
            let handlers: Vec<_> =
                element.value().attrs().filter(|(attribute, _)| attribute.starts_with("on")).collect();
            assert!(handlers.is_empty(), "{name}: {handlers:?}");
        }
    }
}

#[test]
fn every_symbol_is_in_the_sprite() {
    let sprite = include_str!("../../../../public/icons.svg");
    for cell in super::super::Cell::ALL {
        assert!(sprite.contains(&format!(r#"id="{}""#, cell.symbol())), "{cell:?}");
    }
    for (name, page) in pages() {
        for symbol in page.select(&select("use")) {
            let (_, id) = symbol.value().attr("href").unwrap().split_once('#').unwrap();
            assert!(sprite.contains(&format!(r#"id="{id}""#)), "{name}: {id}");
        }
    }
}
