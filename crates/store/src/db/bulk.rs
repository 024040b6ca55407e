//! Writing very many rows into a new database: indexes are made once at the end, which is
//! several times faster than keeping them. Only for sample data.

use std::sync::PoisonError;

use super::{Conn, Db, Pools, Result};

impl Db {
    /// Drops the indexes of some tables, and lets SQLite write without waiting for the disk.
    pub async fn begin_bulk(&self, tables: &[&str]) -> Result<()> {
        let mut conn = self.write().await?;
        for (name, _) in indexes(tables) {
            conn.run(kept(format!("DROP INDEX {name}")), &[]).await?;
        }
        self.tune(&mut conn, ["PRAGMA synchronous = OFF", "PRAGMA cache_size = -600000"]).await
    }

    /// Makes the indexes again and gathers statistics for the planner.
    pub async fn end_bulk(&self, tables: &[&str]) -> Result<()> {
        let mut conn = self.write().await?;
        for (_, sql) in indexes(tables) {
            conn.run(sql, &[]).await?;
        }
        if matches!(self.0, Pools::Postgres(_)) {
            conn.run("ANALYZE", &[]).await?;
        }
        self.tune(&mut conn, ["PRAGMA synchronous = FULL", "PRAGMA cache_size = -2000"]).await?;
        drop(conn);
        self.gather_statistics().await
    }

    async fn tune(&self, conn: &mut Conn, pragmas: [&'static str; 2]) -> Result<()> {
        if self.is_ours_alone() {
            for pragma in pragmas {
                conn.run(pragma, &[]).await?;
            }
        }
        Ok(())
    }
}

/// The names and texts of the indexes of some tables, as the migrations make them. What a
/// constraint needs is no index of its own there.
fn indexes(tables: &[&str]) -> Vec<(&'static str, &'static str)> {
    let texts = super::migrations::texts().flat_map(|text| text.split(';'));
    let statements = texts.filter_map(|sql| sql.find("CREATE INDEX ").map(|at| sql[at..].trim()));
    let named = statements.filter_map(|sql| {
        let (name, rest) = sql.strip_prefix("CREATE INDEX ")?.split_once(" ON ")?;
        let table = rest.split(' ').next()?;
        tables.contains(&table).then_some((name, sql))
    });
    named.collect()
}

/// Keeps a text for good: there is one for each index.
fn kept(text: String) -> &'static str {
    static TEXTS: std::sync::Mutex<std::collections::BTreeSet<&'static str>> =
        std::sync::Mutex::new(std::collections::BTreeSet::new());
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = texts.get(text.as_str()) {
        return known;
    }
    let text: &'static str = text.leak();
    texts.insert(text);
    text
}
