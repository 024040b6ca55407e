//! Which sources may contain markup that Leptos writes unescaped.

use std::path::{Path, PathBuf};

/// Raw markup, and the files that may have it.
const RAW: [(&str, &[&str]); 6] = [
    ("<textarea", &["components/fields/text_area.rs"]),
    ("inner_html", &["components/fields/text_area.rs", "layout/document.rs"]),
    ("<script", &["layout/document.rs"]),
    ("<style", &[]),
    ("<noscript", &[]),
    ("leptos_meta", &[]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The code of each source file: without comments and without the files of tests.
fn code() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let code = files.into_iter().map(|path| {
        let name = path.strip_prefix(&root).expect("below src").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("a source file");
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        // Unit tests stand at the end of their file.
        let code: Vec<&str> = lines.take_while(|line| !line.contains("mod tests {")).collect();
        (name, code.join("\n"))
    });
    code.filter(|(name, _)| !name.contains("/tests")).collect()
}

#[test]
fn raw_markup_is_confined_to_known_places() {
    let code = code();
    assert!(code.len() > 20, "the sources were not found");
    for (name, text) in code {
        for (markup, places) in RAW {
            assert!(!text.contains(markup) || places.contains(&name.as_str()), "{markup} in app/src/{name}");
        }
    }
}

#[test]
fn page_addresses_are_only_in_routes() {
    for (name, text) in code() {
        let may_spell = name == "app.rs" || name.starts_with("routes/");
        for start in [
            "\"/programs",
            "\"/affiliate",
            "\"/login",
            "\"/password",
            "\"/setup",
            "\"/invitation",
            "\"/account",
        ] {
            assert!(!text.contains(start) || may_spell, "{start} in app/src/{name}");
        }
    }
}

#[test]
fn every_icon_that_is_named_is_in_the_sprite() {
    let sprite = include_str!("../../../../public/icons.svg");
    for (file, text) in code() {
        for (at, start) in text.match_indices("<Icon name=\"") {
            let name = text[at + start.len()..].split('"').next().unwrap_or_default();
            assert!(sprite.contains(&format!("id=\"i-{name}\"")), "no icon {name}, in app/src/{file}");
        }
    }
}
