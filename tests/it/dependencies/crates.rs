//! Which crate depends on which, and which of them may use a heavy dependency.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Ours, and what each may use of ours. Dev-dependencies of tests are not counted.
const CRATES: [(&str, &str, &[&str]); 7] = [
    ("Cargo.toml", "honeyguide", &["app", "connect", "domain", "engine", "sandbox", "store"]),
    ("app/Cargo.toml", "app", &["domain", "engine"]),
    ("crates/engine/Cargo.toml", "engine", &["connect", "domain", "store"]),
    ("crates/store/Cargo.toml", "store", &["domain"]),
    ("crates/connect/Cargo.toml", "connect", &["domain"]),
    ("crates/sandbox/Cargo.toml", "sandbox", &["domain"]),
    ("crates/domain/Cargo.toml", "domain", &[]),
];

/// Heavy dependencies and the only crates that may name each.
const OWNERS: [(&str, &[&str]); 7] = [
    ("sqlx", &["store"]),
    ("argon2", &["engine"]),
    ("hmac", &["connect", "sandbox"]),
    ("ring", &["connect"]),
    ("leptos", &["app", "honeyguide"]),
    ("utoipa", &["honeyguide"]),
    ("reqwest", &["sandbox", "connect"]),
];

fn dependencies(manifest: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest);
    let text = fs::read_to_string(&path).expect("a manifest");
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[dependencies]";
        } else if inside && !line.is_empty() && !line.starts_with('#') {
            let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
            names.insert(name.to_owned());
        }
    }
    names
}

#[test]
fn crates_use_only_the_crates_they_may() {
    let ours: BTreeSet<&str> = CRATES.iter().map(|(_, name, _)| *name).collect();
    for (manifest, user, allowed) in CRATES {
        let used: Vec<String> =
            dependencies(manifest).into_iter().filter(|name| ours.contains(name.as_str())).collect();
        let unexpected: Vec<&String> = used.iter().filter(|name| !allowed.contains(&name.as_str())).collect();
        assert!(unexpected.is_empty(), "{user} must not use {unexpected:?}");
    }
}

#[test]
fn heavy_dependencies_have_one_owner() {
    for (dependency, owners) in OWNERS {
        for (manifest, user, _) in CRATES {
            if dependencies(manifest).contains(dependency) {
                assert!(owners.contains(&user), "{user} must not use {dependency}; it belongs to {owners:?}");
            }
        }
    }
}

#[test]
fn every_crate_is_in_the_list() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates = fs::read_dir(root.join("crates")).expect("the folder crates");
    for entry in crates {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        assert!(
            CRATES.iter().any(|(_, known, _)| *known == name),
            "crates/{name} is not in the list of crates"
        );
    }
}

/// The exception in `deny.toml` holds as long as only Leptos's own crates use `paste`.
#[test]
fn only_crates_of_leptos_use_the_unmaintained_paste() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lock = fs::read_to_string(root.join("Cargo.lock")).expect("a lock file");
    let name =
        |package: &str| package.lines().find_map(|line| line.strip_prefix("name = ").map(str::to_owned));
    let users: BTreeSet<String> = lock
        .split("[[package]]")
        .filter(|package| package.contains("\n \"paste\",\n"))
        .filter_map(name)
        .map(|name| name.trim_matches('"').to_owned())
        .collect();
    let leptos = ["either_of", "leptos", "reactive_graph", "reactive_stores", "tachys"];
    assert_eq!(users, leptos.map(str::to_owned).into(), "look at deny.toml again");
    let deny = fs::read_to_string(root.join("deny.toml")).expect("the exceptions");
    assert!(deny.contains("RUSTSEC-2024-0436"));
}
