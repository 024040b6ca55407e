//! The files of the `migrations` folder, compiled in.
//!
//! They are listed by hand rather than by `sqlx::migrate!`: sqlx's macros would compile
//! sqlx and SQLite a second time, for the compiler's own use.

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// Number, description and text of each file, in order.
const FILES: [(i64, &str, &str); 1] =
    [(1, "initial", include_str!("../../../../migrations/0001_initial.sql"))];

/// All migrations.
pub(super) fn migrator() -> Migrator {
    let migrations = FILES.map(|(number, description, sql)| {
        Migration::new(number, description.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_listed() {
        let mut found: Vec<String> = std::fs::read_dir("../../migrations")
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        found.sort();
        let listed: Vec<String> =
            FILES.iter().map(|(number, description, _)| format!("{number:04}_{description}.sql")).collect();
        assert_eq!(found, listed);
    }
}
