//! Where style, scripts, icons and fonts are served.
//!
//! The binary knows the hash of each file and hands the addresses over once, at start;
//! in tests, which install none, plain names are good enough.

use std::collections::HashMap;
use std::sync::OnceLock;

static ADDRESSES: OnceLock<HashMap<String, String>> = OnceLock::new();

/// Hands over the addresses, by name (`icons.svg` → `/assets/icons.3f9c71d0.svg`). The
/// first call wins.
pub fn install(addresses: HashMap<String, String>) {
    // A second server in the same process serves the same files.
    let _ = ADDRESSES.set(addresses);
}

/// The address of a file, by its name below `public/`, or `app.css`.
pub fn asset(name: &str) -> String {
    ADDRESSES
        .get()
        .and_then(|addresses| addresses.get(name))
        .cloned()
        .unwrap_or_else(|| format!("/assets/{name}"))
}
