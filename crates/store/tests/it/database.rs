//! The guarantees of the database layer, on either database.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::clock::Timestamp;
use store::db::{Batch, Column, Conflict, Conn, Db, DbError, GroupCommit, NotStored, Row, Value, again};
use store::testing::TestDb;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::fixture::{Fixture, NOW, account};

fn text(row: &Row) -> Result<String, DbError> {
    row.get("value")
}

async fn scratch() -> (TestDb, Conn) {
    let db = TestDb::new().await;
    let mut conn = db.db.write().await.unwrap();
    let sql = "CREATE TABLE scratch (name TEXT PRIMARY KEY, value TEXT, number BIGINT, yes BOOLEAN)";
    conn.run(sql, &[]).await.unwrap();
    (db, conn)
}

async fn through<T: Column + Into<Value> + Clone>(conn: &mut Conn, sql: &'static str, value: &T) -> T {
    conn.scalar(sql, &[value.clone().into()]).await.unwrap()
}

#[tokio::test]
async fn every_kind_of_value_is_read_as_it_was_written() {
    let (_db, mut conn) = scratch().await;
    let (texts, numbers) = ("SELECT CAST($1 AS TEXT)", "SELECT CAST($1 AS BIGINT)");
    for value in ["", "ü\n'\";--", "x"] {
        assert_eq!(through(&mut conn, texts, &value.to_owned()).await, value);
    }
    assert_eq!(through(&mut conn, texts, &None::<String>).await, None);
    for value in [0, -1, i64::MAX, i64::MIN] {
        assert_eq!(through(&mut conn, numbers, &value).await, value);
    }
    assert_eq!(through(&mut conn, numbers, &None::<i64>).await, None);
    assert_eq!(through(&mut conn, numbers, &Some(NOW)).await, Some(NOW));
    let sql = "INSERT INTO scratch (name, yes) VALUES ($1, $2)";
    for (name, value) in [("true", Some(true)), ("false", Some(false)), ("null", None)] {
        conn.run(sql, &[name.into(), value.into()]).await.unwrap();
        let stored =
            conn.scalar::<Option<bool>>("SELECT yes FROM scratch WHERE name = $1", &[name.into()]).await;
        assert_eq!(stored.unwrap(), value);
    }
}

#[tokio::test]
async fn null_is_refused_unless_an_option_asks_for_it() {
    let (_db, mut conn) = scratch().await;
    conn.run("INSERT INTO scratch (name) VALUES ('a')", &[]).await.unwrap();
    let (value, number, yes) =
        ("SELECT value FROM scratch", "SELECT number FROM scratch", "SELECT yes FROM scratch");
    assert!(conn.scalar::<String>(value, &[]).await.is_err());
    assert!(conn.scalar::<i64>(number, &[]).await.is_err());
    assert!(conn.scalar::<bool>(yes, &[]).await.is_err());
    assert!(conn.scalar::<Timestamp>(number, &[]).await.is_err());
    assert_eq!(conn.scalar::<Option<String>>(value, &[]).await.unwrap(), None);
    assert_eq!(conn.scalar::<Option<i64>>(number, &[]).await.unwrap(), None);
    assert_eq!(conn.scalar::<Option<bool>>(yes, &[]).await.unwrap(), None);
    assert_eq!(conn.scalar::<Option<Timestamp>>(number, &[]).await.unwrap(), None);
}

/// A handler is dropped when its client goes away, wherever it waits.
#[tokio::test]
async fn a_canceled_begin_does_not_roll_back_other_writes() {
    let (db, conn) = scratch().await;
    drop(conn);
    let mut elsewhere = db.db.read().await.unwrap();
    for step in 0..1_000_u64 {
        let _ = tokio::time::timeout(Duration::from_micros(step % 50 * 5), db.db.begin()).await;
        let mut conn = db.db.write().await.unwrap();
        conn.run_one("INSERT INTO scratch (name) VALUES ($1)", &[step.to_string().into()]).await.unwrap();
        let committed: i64 = elsewhere.scalar("SELECT count(*) FROM scratch", &[]).await.unwrap();
        assert_eq!(committed, i64::try_from(step).unwrap() + 1);
    }
}

#[tokio::test]
async fn statements_report_how_many_rows_they_changed() {
    let (_db, mut conn) = scratch().await;
    let put = "INSERT INTO scratch (name, value) VALUES ($1, $1)";
    for name in ["a", "b"] {
        conn.run_one(put, &[name.into()]).await.unwrap();
    }
    let all = "SELECT value FROM scratch ORDER BY name";
    assert_eq!(conn.all(all, &[], text).await.unwrap(), ["a", "b"]);
    assert_eq!(conn.first(all, &[], text).await.unwrap().as_deref(), Some("a"));
    assert!(conn.one(all, &[], text).await.is_err());
    assert!(conn.scalar::<String>(all, &[]).await.is_err());
    let one = "SELECT value FROM scratch WHERE name = $1";
    assert_eq!(conn.one(one, &["b".into()], text).await.unwrap(), "b");
    assert!(conn.one(one, &["c".into()], text).await.is_err());
    assert_eq!(conn.first(one, &["c".into()], text).await.unwrap(), None);
    assert_eq!(conn.run("UPDATE scratch SET number = 1", &[]).await.unwrap(), 2);
    assert!(conn.run_one("UPDATE scratch SET number = 1", &[]).await.is_err());
    assert!(conn.scalar::<domain::ids::LinkId>(one, &["a".into()]).await.is_err(), "a is not an id");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_thing_recorded_by_eight_at_once_is_there_once() {
    let fixture = Fixture::new().await;
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let db = fixture.db.db.clone();
        let account = account(&fixture.random, "ann@buyers.example");
        tasks.spawn(async move {
            again(|| async {
                let mut tx = db.begin().await?;
                let new = store::accounts::put(&mut tx, &account, NOW).await?;
                tx.commit().await?;
                Ok::<bool, DbError>(new)
            })
            .await
        });
    }
    let outcomes = tasks.join_all().await;
    assert_eq!(outcomes.into_iter().filter(|new| *new.as_ref().unwrap()).count(), 1);
}

/// Pays 300 if at least that is left. Reads before it writes, so it holds only where
/// transactions are serial: at READ COMMITTED all eight pay.
async fn pay(db: &Db, readers: &Barrier) -> Result<bool, DbError> {
    let mut tx = db.begin().await?;
    let left: i64 =
        tx.scalar("SELECT CAST(1000 - coalesce(sum(number), 0) AS BIGINT) FROM scratch", &[]).await?;
    if left < 300 {
        return Ok(false);
    }
    // Until all have read the same sum. On SQLite only one can at a time.
    let _ = tokio::time::timeout(Duration::from_millis(50), readers.wait()).await;
    let sql = "INSERT INTO scratch (name, number) VALUES ($1, 300)";
    let name = format!("{left} {:p}", &raw const tx);
    tx.run(sql, &[name.into()]).await?;
    tx.commit().await?;
    Ok(true)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_payers_at_once_never_pay_more_than_is_due() {
    let (db, conn) = scratch().await;
    drop(conn);
    let mut tasks = JoinSet::new();
    let readers = Arc::new(Barrier::new(8));
    for _ in 0..8 {
        let (db, readers) = (db.db.clone(), Arc::clone(&readers));
        tasks.spawn(async move { again(|| pay(&db, &readers)).await });
    }
    let paid = tasks.join_all().await.into_iter().filter(|paid| *paid.as_ref().unwrap()).count();
    assert_eq!(paid, 3);
    let sql = "SELECT CAST(sum(number) AS BIGINT) FROM scratch";
    assert_eq!(db.db.read().await.unwrap().scalar::<i64>(sql, &[]).await.unwrap(), 900);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_jobs_and_eight_workers_make_two_hundred_claims() {
    let fixture = Fixture::new().await;
    let mut tx = fixture.db.db.begin().await.unwrap();
    for number in 0..200 {
        let id = domain::ids::JobId::new(NOW, &fixture.random);
        let new = store::jobs::NewJob {
            id: &id,
            kind: domain::jobs::JobKind::Reevaluate,
            payload: &number.to_string(),
            deduplication_key: None,
            run_at: NOW,
            created_at: NOW,
        };
        store::jobs::put(&mut tx, &new).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut workers = JoinSet::new();
    for _ in 0..8 {
        let db = fixture.db.db.clone();
        workers.spawn(async move {
            let mut claimed = Vec::new();
            loop {
                let mut conn = db.write().await.unwrap();
                let jobs = store::jobs::claim(&mut conn, domain::jobs::Queue::Local, NOW, 3).await.unwrap();
                // No job may only mean that the race for it was lost.
                let free = "SELECT count(*) FROM jobs WHERE leased_until = 0";
                if jobs.is_empty() && conn.scalar::<i64>(free, &[]).await.unwrap() == 0 {
                    return claimed;
                }
                claimed.extend(jobs.into_iter().map(|job| job.payload));
            }
        });
    }
    let mut claimed: Vec<String> = workers.join_all().await.into_iter().flatten().collect();
    assert_eq!(claimed.len(), 200);
    claimed.sort();
    claimed.dedup();
    assert_eq!(claimed.len(), 200);
}

#[tokio::test]
async fn a_dropped_transaction_leaves_nothing_behind() {
    let (db, conn) = scratch().await;
    drop(conn);
    let mut tx = db.db.begin().await.unwrap();
    tx.run("INSERT INTO scratch (name) VALUES ('a')", &[]).await.unwrap();
    drop(tx);
    let count = "SELECT count(*) FROM scratch";
    let mut tx = db.db.begin().await.unwrap();
    assert_eq!(tx.scalar::<i64>(count, &[]).await.unwrap(), 0);
    tx.run("INSERT INTO scratch (name) VALUES ('a')", &[]).await.unwrap();
    assert!(tx.run("INSERT INTO scratch (name) VALUES ('a')", &[]).await.is_err());
    drop(tx);
    assert_eq!(db.db.read().await.unwrap().scalar::<i64>(count, &[]).await.unwrap(), 0);
}

#[derive(Debug, PartialEq)]
enum Outcome {
    InBetween,
    Broken,
}
impl Conflict for Outcome {
    fn is_conflict(&self) -> bool {
        *self == Self::InBetween
    }
}

#[tokio::test]
async fn again_retries_conflicts_only_and_not_forever() {
    let tries = AtomicU32::new(0);
    let count = |outcome: fn(u32) -> Result<u32, Outcome>| {
        let number = tries.fetch_add(1, Ordering::SeqCst) + 1;
        async move { outcome(number) }
    };
    assert_eq!(again(|| count(|_| Err(Outcome::InBetween))).await, Err(Outcome::InBetween));
    assert_eq!(tries.swap(0, Ordering::SeqCst), 40);
    assert_eq!(again(|| count(|_| Err(Outcome::Broken))).await, Err(Outcome::Broken));
    assert_eq!(tries.swap(0, Ordering::SeqCst), 1);
    let third = again(|| count(|n| if n < 3 { Err(Outcome::InBetween) } else { Ok(n) })).await;
    assert_eq!(third, Ok(3));
}

#[tokio::test]
async fn check_foreign_key_and_partial_unique_index_hold() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let role = "UPDATE members SET role = 'king'";
    assert!(!conn.run(role, &[]).await.unwrap_err().is_conflict());
    let orphan =
        "INSERT INTO members (merchant_id, account_id, role, created_at) VALUES ('mer_x', $1, 'owner', 0)";
    assert!(conn.run(orphan, &[(&fixture.account).into()]).await.is_err());
    let second = crate::fixture::connection(&fixture.random, &fixture.program, "token_2");
    assert!(store::connections::put(&mut conn, &second).await.is_err());
    store::connections::disconnect(&mut conn, &fixture.connection, NOW).await.unwrap();
    store::connections::put(&mut conn, &second).await.unwrap();
}

#[tokio::test]
async fn sql_that_we_rely_on_means_the_same() {
    let (_db, mut conn) = scratch().await;
    let sum = "SELECT CAST(coalesce(sum(number), 0) AS BIGINT) FROM scratch";
    assert_eq!(conn.scalar::<i64>(sum, &[]).await.unwrap(), 0);
    let nothing = "SELECT CAST(sum(number) AS BIGINT) FROM scratch";
    assert_eq!(conn.scalar::<Option<i64>>(nothing, &[]).await.unwrap(), None);
    let put = "INSERT INTO scratch (name, number) VALUES ($1, $2)";
    for (name, number) in [("a", 86_400_000 - 1), ("b", 86_400_000), ("c", 2 * 86_400_000)] {
        conn.run(put, &[name.into(), Value::from(number)]).await.unwrap();
    }
    let days = "SELECT CAST(count(*) AS TEXT) AS value FROM scratch GROUP BY number / 86400000 ORDER BY number / 86400000";
    assert_eq!(conn.all(days, &[], text).await.unwrap(), ["1", "1", "1"]);
    let some = "SELECT count(*) FILTER (WHERE number > 86400000) FROM scratch";
    assert_eq!(conn.scalar::<i64>(some, &[]).await.unwrap(), 1);
    let from =
        "UPDATE scratch SET value = other.name FROM scratch AS other WHERE other.number = scratch.number";
    assert_eq!(conn.run(from, &[]).await.unwrap(), 3);
    let tuple =
        "SELECT name AS value FROM scratch WHERE (number, name) < ($1, $2) ORDER BY number DESC, name DESC";
    let found = conn.all(tuple, &[Value::from(86_400_000), "c".into()], text).await.unwrap();
    assert_eq!(found, ["b", "a"]);
    let upsert = "INSERT INTO scratch (name, number) VALUES ('a', 1) ON CONFLICT (name) DO UPDATE SET \
                  number = scratch.number + excluded.number RETURNING number";
    assert_eq!(conn.scalar::<i64>(upsert, &[]).await.unwrap(), 86_400_000);
}

#[tokio::test]
async fn the_first_page_starts_above_every_id() {
    let (_db, mut conn) = scratch().await;
    let after = "SELECT count(*) FROM (SELECT CAST($1 AS TEXT) AS id) AS ids WHERE id < $2";
    for id in ["aff_01zzzz", "usr_9", "hgc_zzzz", "trm_zzz", "led_0"] {
        let found: i64 = conn.scalar(after, &[id.into(), store::db::AFTER_ALL_IDS.into()]).await.unwrap();
        assert_eq!(found, 1, "{id}");
    }
}

const PUT: Batch<3> =
    Batch { into: "INSERT INTO scratch (name, number, yes)", then: "ON CONFLICT (name) DO NOTHING" };

#[tokio::test]
async fn a_batch_can_have_any_number_of_rows() {
    let (_db, mut conn) = scratch().await;
    assert_eq!(conn.run_batch(PUT, Vec::new()).await.unwrap(), 0);
    let row = |name: &str, number: Option<i64>| [name.into(), number.into(), Some(true).into()];
    let rows = vec![row("a", Some(i64::MAX)), row("ü'\"", None), row("a", Some(2))];
    assert_eq!(conn.run_batch(PUT, rows.clone()).await.unwrap(), 2);
    assert_eq!(conn.run_batch(PUT, rows).await.unwrap(), 0);
    let read = "SELECT number FROM scratch WHERE name = 'a'";
    assert_eq!(conn.scalar::<i64>(read, &[]).await.unwrap(), i64::MAX);
    // More than the longest run, and every shorter one.
    let many: Vec<_> = (0..511).map(|number| row(&format!("n{number}"), Some(number))).collect();
    assert_eq!(conn.run_batch(PUT, many).await.unwrap(), 511);
    let sum = "SELECT CAST(sum(number) AS BIGINT) FROM scratch WHERE name LIKE 'n%'";
    assert_eq!(conn.scalar::<i64>(sum, &[]).await.unwrap(), 511 * 510 / 2);
}

#[tokio::test]
async fn a_bad_item_of_a_group_does_not_affect_the_others() {
    let (db, conn) = scratch().await;
    drop(conn);
    let pool = db.db.clone();
    let (writer, task) = GroupCommit::start(move |items: Arc<Vec<i64>>| {
        let db = pool.clone();
        async move {
            let mut tx = db.begin_batch().await?;
            for item in items.iter() {
                let sql = "INSERT INTO scratch (name, number) VALUES (CASE WHEN $1 = 13 THEN NULL ELSE 'n' END, $1)";
                // Names repeat, so that only the first is taken; 13 has no name at all.
                let sql = if *item == 13 { "INSERT INTO nowhere (name) VALUES ($1)" } else { sql };
                tx.run(sql, &[Value::from(*item)]).await?;
                tx.run("UPDATE scratch SET name = CAST(number AS TEXT)", &[]).await?;
            }
            tx.commit().await?;
            Ok(items.iter().map(|item| item * 10).collect())
        }
    });
    let mut tasks = JoinSet::new();
    for item in 11..16 {
        let writer = writer.clone();
        tasks.spawn(async move { (item, writer.store(item).await) });
    }
    let mut outcomes = tasks.join_all().await;
    outcomes.sort_by_key(|(item, _)| *item);
    let expected: Vec<_> = (11..16)
        .map(|item| (item, if item == 13 { Err(NotStored::Failed) } else { Ok(item * 10) }))
        .collect();
    assert_eq!(outcomes, expected);
    drop(writer);
    task.await.unwrap();
    let count = "SELECT count(*) FROM scratch";
    assert_eq!(db.db.read().await.unwrap().scalar::<i64>(count, &[]).await.unwrap(), 4);
}

#[tokio::test]
async fn the_database_is_new_enough_and_migrates_twice_without_harm() {
    let fixture = Fixture::new().await;
    let version = fixture.db.db.version().await.unwrap();
    let mut parts = version.split(['.', ' ']).map(|part| part.parse::<u32>().unwrap_or(0));
    let read: [u32; 3] = std::array::from_fn(|_| parts.next().unwrap_or(0));
    let oldest = if fixture.db.url.starts_with("sqlite") { [3, 51, 3] } else { [14, 0, 0] };
    assert!(read >= oldest, "{version}");
    fixture.db.db.migrate().await.unwrap();
    fixture.db.db.checkpoint().await.unwrap();
}

#[tokio::test]
async fn sqlite_knows_how_many_rows_an_index_leads_to() {
    let fixture = Fixture::new().await;
    if fixture.db.url.starts_with("sqlite") {
        fixture.db.db.gather_statistics().await.unwrap();
        let sql = "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'links'";
        assert!(fixture.conn().await.scalar::<i64>(sql, &[]).await.unwrap() > 0);
    }
}

#[tokio::test]
async fn sqlite_read_connections_cannot_write() {
    let fixture = Fixture::new().await;
    if fixture.db.url.starts_with("sqlite") {
        let mut conn = fixture.db.db.read().await.unwrap();
        assert!(store::settings::put(&mut conn, "a", "b").await.is_err());
        let folder = std::path::Path::new(fixture.db.url.trim_start_matches("sqlite:")).parent().unwrap();
        let copy = folder.join("copy.db").display().to_string();
        fixture.db.db.copy_to(&copy).await.unwrap();
        let copy = Db::connect(&format!("sqlite:{copy}")).await.unwrap();
        let email = "olga@lumen.example".parse().unwrap();
        assert!(store::accounts::by_email(&mut copy.read().await.unwrap(), &email).await.unwrap().is_some());
        copy.close().await;
    } else {
        assert!(fixture.db.db.copy_to("x").await.is_err());
    }
}
