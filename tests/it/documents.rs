//! What the documents name exists: every file and every test.

use std::fs;
use std::path::{Path, PathBuf};

const DOCUMENTS: [&str; 4] = ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "docs/stripe-platform.md"];
/// The folders whose files the documents name.
const FOLDERS: [&str; 9] =
    ["app/", "crates/", "end2end/", "examples/", "migrations/", "public/", "script/", "src/", "tests/"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The code spans of a document, outside of its code blocks.
fn spans(document: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(document)).expect("a document");
    let prose: Vec<&str> = text.split("\n```").step_by(2).collect();
    prose.join("\n").split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether a code span names a file or a folder, and not a pattern of one.
fn is_path(span: &str) -> bool {
    FOLDERS.iter().any(|folder| span.starts_with(folder) && span.len() > folder.len())
        && !span.contains([' ', '{', '*', '<', '…'])
}

/// Whether a code span is the name of a test: a sentence in snake case.
fn is_test_name(span: &str) -> bool {
    span.matches('_').count() >= 3
        && span.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_file_that_a_document_names_exists() {
    for document in DOCUMENTS {
        for path in spans(document).iter().filter(|span| is_path(span)) {
            assert!(root().join(path).exists(), "{document} names {path}, which does not exist");
        }
    }
}

/// A link to a file of the project leads to one, from wherever the document is.
#[test]
fn every_link_between_documents_resolves() {
    let mut links = 0;
    for document in DOCUMENTS {
        let text = fs::read_to_string(root().join(document)).expect("a document");
        let folder = root().join(document).parent().expect("a folder").to_owned();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            if !target.contains("://") && !target.is_empty() {
                links += 1;
                assert!(folder.join(target).exists(), "{document} links to {target}, which does not exist");
            }
        }
    }
    assert!(links > 3, "no document links to another");
}

/// The settings that the platform's page names are those of the program.
#[test]
fn the_page_about_platforms_names_real_settings_and_the_real_address() {
    let page = fs::read_to_string(root().join("docs/stripe-platform.md")).expect("a document");
    assert!(page.contains(app::routes::STRIPE_CALLBACK));
    let table = fs::read_to_string(root().join("README.md")).expect("a document");
    let names: Vec<&str> = page
        .split(|c: char| !(c.is_ascii_uppercase() || c == '_'))
        .filter(|word| word.starts_with("STRIPE_"))
        .collect();
    assert!(names.len() > 5, "{names:?}");
    for name in names {
        assert!(table.contains(&format!("| `{name}` |")), "{name} is no setting");
    }
}

#[test]
fn every_test_that_a_document_names_exists() {
    let mut files = Vec::new();
    for folder in ["app/src", "crates", "src", "tests"] {
        rust_files(&root().join(folder), &mut files);
    }
    let code: String = files.iter().map(|file| fs::read_to_string(file).expect("a source file")).collect();
    let mut names = 0;
    for document in DOCUMENTS {
        for name in spans(document).iter().filter(|span| is_test_name(span)) {
            names += 1;
            assert!(code.contains(&format!("fn {name}(")), "{document} names {name}, which is no function");
        }
    }
    assert!(names > 5, "no document names its tests");
}
