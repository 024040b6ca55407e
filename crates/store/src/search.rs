//! Words by which affiliates, links and promotion codes are found.

use domain::ids::ProgramId;
use domain::search::{Searched, stem};

use crate::db::{Batch, Conn, Result, args};

const PUT: Batch<5> = Batch {
    into: "INSERT INTO search_words (program_id, stem, kind, word, target_id)",
    then: "ON CONFLICT DO NOTHING",
};

/// Adds the words of one thing.
pub async fn put(
    conn: &mut Conn,
    program: &ProgramId,
    kind: Searched,
    target: &str,
    words: &[String],
) -> Result<()> {
    let rows =
        words.iter().map(|word| args![program, stem(word), kind.word(), word.as_str(), target]).collect();
    conn.run_batch(PUT, rows).await.map(drop)
}

/// The ids of what has a word that begins so, up to a number.
pub async fn find(
    conn: &mut Conn,
    program: &ProgramId,
    kind: Searched,
    beginning: &str,
    most: i64,
) -> Result<Vec<String>> {
    // Words are letters and digits, so that nothing in them is a wildcard.
    let sql = "SELECT DISTINCT target_id FROM search_words \
               WHERE program_id = $1 AND stem = $2 AND kind = $3 AND word LIKE $4 LIMIT $5";
    let args = args![program, stem(beginning), kind.word(), format!("{beginning}%"), most];
    conn.all(sql, &args, |row| row.get("target_id")).await
}
