//! Reads Rust sources as far as the tests of dependencies need: imports and string literals,
//! without comments and test modules.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::lexer::{blank, is_name, test_module, tokens};

/// A module by the names of its path inside its crate; empty for the crate's root.
pub type Module = Vec<String>;

/// A source file.
pub struct Source {
    /// Its path from the root of the repository.
    pub path: String,
    /// The module that it is.
    pub module: Module,
    /// Its text, as characters.
    pub text: Vec<char>,
    /// Its code: as long as the text, with comments, the content of literals, and test
    /// modules replaced by spaces.
    pub code: Vec<char>,
    /// The string literals outside of test modules.
    pub literals: Vec<String>,
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder of the repository whose names end in `.rs`.
pub fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The sources of a crate, by its folder with `lib.rs` or `main.rs`. Files and folders named
/// `tests` are left out.
pub fn sources(folder: &str) -> Vec<Source> {
    let base = root().join(folder);
    let files = rust_files(folder).into_iter().filter(|file| {
        let path = file.strip_prefix(&base).expect("a file below the folder");
        !path.with_extension("").iter().any(|name| name == "tests")
    });
    files.map(|file| Source::read(&file, &base)).collect()
}

impl Source {
    fn read(file: &Path, base: &Path) -> Self {
        let inside = file.strip_prefix(base).expect("a file below the folder").with_extension("");
        let mut module: Module = inside.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        if module.last().is_some_and(|name| matches!(name.as_str(), "mod" | "lib" | "main")) {
            module.pop();
        }
        let text: Vec<char> = fs::read_to_string(file).expect("a source").chars().collect();
        let (mut code, literals) = blank(&text);
        let mut tests = Vec::new();
        while let Some(range) = test_module(&code) {
            code[range.0..range.1].fill(' ');
            tests.push(range);
        }
        let is_test = |at: usize| tests.iter().any(|(from, until)| (*from..*until).contains(&at));
        Self {
            path: file.strip_prefix(root()).expect("a file of ours").to_string_lossy().into_owned(),
            module,
            text,
            code,
            literals: literals.into_iter().filter(|(at, _)| !is_test(*at)).map(|(_, text)| text).collect(),
        }
    }

    /// The absolute paths, inside the crate, of everything that the source names by `use`,
    /// `crate::`, `super::` or `self::`.
    pub fn imports(&self, modules: &BTreeSet<Module>) -> BTreeSet<Module> {
        let tokens = tokens(&self.code);
        let mut found = BTreeSet::new();
        let mut here = self.module.clone();
        // Names of inline modules with the depth of braces at which each ends.
        let mut inline: Vec<usize> = Vec::new();
        let mut depth = 0_usize;
        let mut at = 0;
        while at < tokens.len() {
            let token = tokens[at].as_str();
            match token {
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    if inline.last() == Some(&depth) {
                        inline.pop();
                        here.pop();
                    }
                }
                "mod" if tokens.get(at + 2).is_some_and(|next| next == "{") => {
                    inline.push(depth);
                    here.push(tokens[at + 1].clone());
                    depth += 1;
                    at += 3;
                    continue;
                }
                "use" => {
                    let mut paths = Vec::new();
                    at = use_tree(&tokens, at + 1, &Module::new(), &mut paths);
                    for path in paths {
                        found.extend(absolute(&path, &here, modules, true));
                    }
                    continue;
                }
                "crate" | "super" | "self" if tokens.get(at + 1).is_some_and(|next| next == "::") => {
                    let mut path = vec![token.to_owned()];
                    while tokens.get(at + 1).is_some_and(|next| next == "::")
                        && tokens.get(at + 2).is_some_and(|next| is_name(next))
                    {
                        path.push(tokens[at + 2].clone());
                        at += 2;
                    }
                    found.extend(absolute(&path, &here, modules, false));
                }
                _ => {}
            }
            at += 1;
        }
        found
    }

    /// The modules with a file of their own that the source imports from, except itself.
    pub fn uses(&self, modules: &BTreeSet<Module>) -> BTreeSet<Module> {
        let mut used = BTreeSet::new();
        for mut path in self.imports(modules) {
            while !modules.contains(&path) {
                path.pop();
            }
            used.insert(path);
        }
        used.remove(&self.module);
        used
    }
}

/// The modules of sources.
pub fn modules(sources: &[Source]) -> BTreeSet<Module> {
    sources.iter().map(|source| source.module.clone()).chain([Module::new()]).collect()
}

/// Reads the tree of a `use` from a place on, and returns the place behind it.
fn use_tree(tokens: &[String], mut at: usize, before: &Module, paths: &mut Vec<Module>) -> usize {
    let mut path = before.clone();
    loop {
        match tokens.get(at).map(String::as_str) {
            Some("::") => at += 1,
            Some("{") => {
                at += 1;
                while tokens[at] != "}" {
                    at = use_tree(tokens, at, &path, paths);
                    if tokens[at] == "," {
                        at += 1;
                    }
                }
                return at + 1;
            }
            Some("as") => {
                paths.push(path);
                return at + 2;
            }
            Some("*") => {
                paths.push(path);
                return at + 1;
            }
            Some(name) if is_name(name) => {
                // `{self, …}` names the module before the brace.
                if name != "self" || path.is_empty() {
                    path.push(name.to_owned());
                }
                at += 1;
            }
            _ => {
                paths.push(path);
                return at;
            }
        }
    }
}

/// The path from the crate's root; `None` for what is of another crate.
fn absolute(path: &Module, here: &Module, modules: &BTreeSet<Module>, is_use: bool) -> Option<Module> {
    let mut base = match path.first()?.as_str() {
        "crate" => return Some(path[1..].to_vec()),
        "super" | "self" => here.clone(),
        // `use child::Thing` in the module that declares the child.
        name if is_use => {
            let child = [here.as_slice(), &[name.to_owned()]].concat();
            return modules.contains(&child).then(|| [here.as_slice(), path].concat());
        }
        _ => return None,
    };
    let mut rest = path.as_slice();
    while let Some(("super" | "self", after)) =
        rest.split_first().map(|(first, after)| (first.as_str(), after))
    {
        if rest[0] == "super" {
            base.pop();
        }
        rest = after;
    }
    base.extend_from_slice(rest);
    Some(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(path: &str) -> Module {
        path.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    fn source(path: &str, text: &str) -> Source {
        let text: Vec<char> = text.chars().collect();
        let (mut code, _) = blank(&text);
        while let Some((from, until)) = test_module(&code) {
            code[from..until].fill(' ');
        }
        Source { path: path.to_owned(), module: module(path), text, code, literals: Vec::new() }
    }

    #[test]
    fn imports_of_every_form_are_found() {
        let text = r##"
            //! use crate::comment::No;
            mod child;
            pub(super) use child::One;
            use std::fmt;
            use crate::{a::{self, b::Two}, c as see};
            use super::sibling::{Three, four::*};
            const TEXT: &str = "use crate::text::No;";
            const RAW: &str = r#"use crate::raw::No; " "#;
            const BRACE: char = '{';
            fn f<'a>(x: &'a str) { crate::inline::g::<u8>(x); self.method() }
            pub mod rows { use super::Five; use super::super::Six; }
            fn g() { super::seven() }
            #[cfg(test)]
            mod tests { use crate::test::No; }
        "##;
        let modules = BTreeSet::from([module("room::file::child")]);
        let found: Vec<String> =
            source("room::file", text).imports(&modules).iter().map(|path| path.join("::")).collect();
        let expected = [
            "a",
            "a::b::Two",
            "c",
            "inline::g",
            "room::Six",
            "room::file::Five",
            "room::file::child::One",
            "room::seven",
            "room::sibling::Three",
            "room::sibling::four",
        ];
        assert_eq!(found, expected);
    }
}
