//! Joins the numbered files of `style/` into the one stylesheet that is served.

use std::path::Path;
use std::{env, fs};

#[expect(clippy::disallowed_methods, reason = "this is how a build script talks to cargo")]
fn main() {
    println!("cargo:rerun-if-changed=style");
    let mut files: Vec<_> = fs::read_dir("style")
        .expect("the folder style")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "css"))
        .collect();
    files.sort();
    let mut css = String::new();
    for file in files {
        css.push_str(&fs::read_to_string(&file).expect("a stylesheet"));
        css.push('\n');
    }
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("app.css"), without_comments(&css)).expect("a writable OUT_DIR");
}

/// Comments explain the source; the browser need not load them.
fn without_comments(css: &str) -> String {
    let mut rest = css;
    let mut kept = String::with_capacity(css.len());
    while let Some(start) = rest.find("/*") {
        kept.push_str(&rest[..start]);
        rest = rest[start..].find("*/").map_or("", |end| &rest[start + end + 2..]);
    }
    kept.push_str(rest);
    kept
}
