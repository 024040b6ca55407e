//! The files of the `migrations` folder, compiled in, in order.
//!
//! They are listed here rather than by `sqlx::migrate!`: sqlx's macros would compile
//! sqlx and SQLite a second time, for the compiler's own use.

use std::borrow::Cow;

use sqlx::SqlStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// Version, name and text of each file. A file that is missing here is found by a test.
const FILES: [(i64, &str, &str); 1] =
    [(1, "initial", include_str!("../../../../migrations/0001_initial.sql"))];

/// All migrations.
pub(super) fn migrator() -> Migrator {
    let migration = |(version, name, text)| {
        let text = SqlStr::from_static(text);
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, text, false)
    };
    Migrator::with_migrations(FILES.map(migration).into())
}

/// The texts of all files.
pub(super) fn texts() -> impl Iterator<Item = &'static str> {
    FILES.into_iter().map(|(.., text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_listed() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
        let mut found: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        found.sort();
        assert_eq!(found, FILES.map(|(version, name, _)| format!("{version:04}_{name}.sql")));
    }
}
