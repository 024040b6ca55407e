//! Cycles and forbidden imports between the modules of a crate.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Module, Source, modules, sources};

/// Crates whose modules form no cycle.
const WITHOUT_CIRCLES: [&str; 7] = [
    "app/src",
    "crates/connect/src",
    "crates/domain/src",
    "crates/engine/src",
    "crates/sandbox/src",
    "crates/store/src",
    "src",
];

/// What a module uses beside itself in the same folder, with a file that does so.
type Dependencies = BTreeMap<String, BTreeMap<String, String>>;

/// The dependencies between the entries of each folder. A folder is one with everything in it. A
/// `mod.rs` and what is below it belong together: they are one entry of the folder above.
fn dependencies_by_folder(sources: &[Source]) -> BTreeMap<Module, Dependencies> {
    let modules = modules(sources);
    let mut folders: BTreeMap<Module, Dependencies> = BTreeMap::new();
    for source in sources {
        for used in source.uses(&modules) {
            let shared = source.module.iter().zip(&used).take_while(|(a, b)| a == b).count();
            let (Some(from), Some(to)) = (source.module.get(shared), used.get(shared)) else { continue };
            let dependencies = folders.entry(source.module[..shared].to_vec()).or_default();
            dependencies.entry(from.clone()).or_default().insert(to.clone(), source.path.clone());
        }
    }
    folders
}

/// A way from a module back to itself, if there is one.
fn cycle(dependencies: &Dependencies) -> Option<Vec<String>> {
    fn walk(
        dependencies: &Dependencies,
        way: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        let here = way.last()?.clone();
        for next in dependencies.get(&here).into_iter().flat_map(BTreeMap::keys) {
            if let Some(start) = way.iter().position(|name| name == next) {
                return Some([&way[start..], std::slice::from_ref(next)].concat());
            }
            if !done.contains(next) {
                way.push(next.clone());
                if let Some(found) = walk(dependencies, way, done) {
                    return Some(found);
                }
                way.pop();
            }
        }
        done.insert(here);
        None
    }
    let mut done = BTreeSet::new();
    dependencies.keys().find_map(|start| walk(dependencies, &mut vec![start.clone()], &mut done))
}

#[test]
fn modules_have_no_cycle() {
    let mut found = Vec::new();
    for folder in WITHOUT_CIRCLES {
        for (inside, dependencies) in dependencies_by_folder(&sources(folder)) {
            if let Some(cycle) = cycle(&dependencies) {
                let files: Vec<&String> =
                    cycle.windows(2).map(|pair| &dependencies[&pair[0]][&pair[1]]).collect();
                found.push(format!("{folder} {}: {} by {files:?}", inside.join("/"), cycle.join(" -> ")));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_cycle_is_found() {
    let dependencies = |pairs: &[(&str, &str)]| {
        let mut dependencies = Dependencies::new();
        for (from, to) in pairs {
            dependencies.entry((*from).to_owned()).or_default().insert((*to).to_owned(), String::new());
        }
        dependencies
    };
    assert_eq!(cycle(&dependencies(&[("a", "b"), ("a", "c"), ("b", "c")])), None);
    let found = cycle(&dependencies(&[("a", "b"), ("b", "c"), ("c", "d"), ("d", "b")]));
    assert_eq!(found.unwrap(), ["b", "c", "d", "b"]);
}

#[test]
fn store_modules_use_the_database_layer_and_not_each_other() {
    let sources = sources("crates/store/src");
    let modules = modules(&sources);
    let mut wrong = Vec::new();
    for source in &sources {
        let Some(name) = source.module.first() else { continue };
        // What is added up is used wherever it is stored or read.
        if name == "sums" {
            continue;
        }
        let others = source.uses(&modules).into_iter();
        let others: Vec<String> = others
            .filter(|used| used.first().is_some_and(|used| used != "db" && used != "sums" && used != name))
            .map(|used| used.join("::"))
            .collect();
        if !others.is_empty() {
            wrong.push(format!("{} uses {}", source.path, others.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A page may use what stands above it, its own parts, and helpers of its section that are
/// not pages themselves.
#[test]
fn pages_do_not_import_pages() {
    const PAGES: &str = "pages";
    let sources = sources("app/src");
    let modules = modules(&sources);
    let page_function = [PAGES.to_owned(), "page".to_owned()];
    let pages: BTreeSet<&Module> = sources
        .iter()
        .filter(|source| source.module.first().is_some_and(|first| first == PAGES))
        .filter(|source| source.imports(&modules).iter().any(|path| path[..] == page_function))
        .map(|source| &source.module)
        .collect();
    let mut wrong = Vec::new();
    for source in sources.iter().filter(|source| source.module.first().is_some_and(|it| it == PAGES)) {
        for used in source.uses(&modules) {
            let is_above = source.module.starts_with(&used);
            let is_part = used.starts_with(&source.module);
            let section = source.module.len().saturating_sub(1);
            let is_beside = section > 1 && used.starts_with(&source.module[..section]);
            // A module above that is itself a page shares with its parts.
            let is_other_page =
                pages.iter().any(|page| used.starts_with(page) && !source.module.starts_with(page));
            let is_page = used.first().is_some_and(|first| first == PAGES);
            if is_page && !is_above && !is_part && (!is_beside || is_other_page) {
                wrong.push(format!("{} uses {}", source.path, used.join("::")));
            }
        }
    }
    assert!(!pages.is_empty());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
