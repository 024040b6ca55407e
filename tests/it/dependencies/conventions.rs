//! Conventions of the sources that no lint checks.

use std::collections::BTreeSet;
use std::path::Path;

use super::source::{Source, root, rust_files, sources};

/// Only `app` contains the addresses of pages.
#[test]
fn no_page_address_is_spelled_below_the_app() {
    let routes: Vec<Source> = sources("app/src/routes");
    let addresses: BTreeSet<&str> = routes
        .iter()
        .flat_map(|source| &source.literals)
        .filter(|literal| literal.starts_with('/') && !literal.starts_with("/api/"))
        .map(|literal| literal.split('{').next().unwrap_or_default())
        .filter(|address| address.len() > 1)
        .collect();
    assert!(addresses.contains("/setup/") && addresses.contains("/programs"), "{addresses:?}");
    // A path of Stripe's API that one of our pages has too.
    let stripes = ("crates/engine/src/stripe/connections/key.rs", "/account");
    let mut wrong = Vec::new();
    for folder in ["crates/engine/src", "crates/store/src", "crates/connect/src", "crates/domain/src"] {
        for source in sources(folder) {
            for literal in &source.literals {
                let is_ours = addresses.iter().any(|address| literal.contains(address));
                if is_ours && (source.path.as_str(), literal.as_str()) != stripes {
                    wrong.push(format!("{}: {literal:?}", source.path));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_folder_has_a_mod_file() {
    let mut wrong = BTreeSet::new();
    for folder in ["src", "app/src", "crates", "tests"] {
        for file in rust_files(folder) {
            let parent = file.parent().expect("a folder");
            let inside = parent.strip_prefix(root()).expect("a folder of ours");
            // The roots of crates, and examples, are not modules.
            let is_root = ["src", "it", "tests", "examples", "benches"]
                .iter()
                .any(|name| inside.ends_with(name) && !inside.parent().is_some_and(is_below_source));
            if !is_root && !parent.join("mod.rs").exists() {
                wrong.insert(format!("{} has no mod.rs", inside.display()));
            }
            if file.with_extension("").is_dir() {
                wrong.insert(format!("{} is beside a folder of the same name", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

fn is_below_source(folder: &Path) -> bool {
    folder.iter().any(|name| name == "src")
}

/// A use case takes an actor, which stands for a permission, or its documentation says why
/// it needs none.
#[test]
fn every_use_case_takes_an_actor_or_says_why_it_needs_none() {
    let mut wrong = Vec::new();
    let mut with_actor = 0;
    for source in sources("crates/engine/src") {
        for (name, parameters, documentation) in public_functions(&source) {
            let has_actor = parameters.contains("Actor");
            with_actor += usize::from(has_actor);
            if has_actor == documentation.contains("Needs no actor: ") {
                wrong.push(format!("{}: {name}", source.path));
            }
        }
    }
    assert!(with_actor > 50, "{with_actor}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The name, parameters and documentation of each `pub async fn`.
fn public_functions(source: &Source) -> Vec<(String, String, String)> {
    let declaration: Vec<char> = "pub async fn ".chars().collect();
    let starts = (0..source.code.len()).filter(|at| source.code[*at..].starts_with(&declaration));
    starts
        .map(|start| {
            let rest: String = source.code[start + declaration.len()..].iter().collect();
            let (name, rest) = rest.split_once('(').expect("parameters");
            let (parameters, _) = rest.split_once(" -> ").unwrap_or((rest, ""));
            let parameters = parameters.split('{').next().unwrap_or_default();
            let before: String = source.text[..start].iter().collect();
            let mut lines: Vec<&str> = before.lines().rev().collect();
            if lines.first().is_some_and(|line| line.trim().is_empty()) {
                lines.remove(0);
            }
            let documentation: Vec<&str> = lines
                .into_iter()
                .map(str::trim)
                .take_while(|line| line.starts_with("///") || line.starts_with("#["))
                .map(|line| line.trim_start_matches("///").trim())
                .collect();
            let documentation: Vec<&str> = documentation.into_iter().rev().collect();
            (name.to_owned(), parameters.to_owned(), documentation.join(" "))
        })
        .collect()
}
