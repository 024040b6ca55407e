//! The length of SQLite's write-ahead log.

use store::db::{LARGEST_IDLE_LOG, Value};
use store::testing::TestDb;

/// A reader that stays open lets SQLite's log grow; after it, the log goes back to its limit.
#[tokio::test]
async fn the_write_ahead_log_shrinks_to_its_limit_after_load() {
    let db = TestDb::new().await;
    let mut conn = db.db.write().await.unwrap();
    conn.run("CREATE TABLE scratch (value TEXT)", &[]).await.unwrap();
    drop(conn);
    let Some(idle) = db.db.log_bytes().await.unwrap() else { return };
    assert!(idle <= LARGEST_IDLE_LOG);
    let write = async |rows: usize| {
        let value = Value::from("x".repeat(512 * 1024));
        for _ in 0..rows {
            let mut conn = db.db.write().await.unwrap();
            conn.run("INSERT INTO scratch (value) VALUES ($1)", std::slice::from_ref(&value)).await.unwrap();
        }
    };
    let mut reader = db.db.read().await.unwrap();
    reader.run("BEGIN", &[]).await.unwrap();
    reader.scalar::<i64>("SELECT count(*) FROM scratch", &[]).await.unwrap();
    write(60).await;
    db.db.checkpoint().await.unwrap();
    let loaded = db.db.log_bytes().await.unwrap().unwrap();
    assert!(loaded > LARGEST_IDLE_LOG, "{loaded}");
    reader.run("COMMIT", &[]).await.unwrap();
    drop(reader);
    db.db.checkpoint().await.unwrap();
    write(1).await;
    let after = db.db.log_bytes().await.unwrap().unwrap();
    assert!(after <= LARGEST_IDLE_LOG, "{after}");
}
