//! Many rows in one statement: the one thing whose text differs between the databases.
//!
//! A list of unknown length has no static text, and one statement a row costs a crossing
//! to the connection's thread each. So a batch travels as one JSON parameter, an array of
//! arrays, and the database takes it apart: SQLite by `json_each`, Postgres by
//! `jsonb_array_elements`.

use serde_json::Value as Json;

use super::{Conn, Driver, Result, Row, Value};

/// One statement over a batch, in both dialects. `$1` is the batch.
#[derive(Clone, Copy)]
pub struct Batch {
    /// With `json_each($1)` and `value->>0`.
    pub sqlite: &'static str,
    /// With `jsonb_array_elements($1::jsonb)`.
    pub postgres: &'static str,
}

impl Conn {
    fn text_of(&mut self, batch: Batch) -> &'static str {
        match self.driver() {
            Driver::Sqlite(_) => batch.sqlite,
            Driver::Postgres(_) => batch.postgres,
        }
    }

    /// Runs a statement over many rows.
    pub async fn run_batch(&mut self, batch: Batch, rows: &[Json]) -> Result<u64> {
        let sql = self.text_of(batch);
        self.run(sql, &[Value::Text(Some(Json::Array(rows.to_vec()).to_string()))]).await
    }

    /// Runs a statement over many rows and reads what it returns.
    pub async fn all_batch<T>(
        &mut self,
        batch: Batch,
        rows: &[Json],
        row: fn(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let sql = self.text_of(batch);
        self.all(sql, &[Value::Text(Some(Json::Array(rows.to_vec()).to_string()))], row).await
    }
}
