//! Background jobs in the database.

use domain::clock::Timestamp;
use domain::ids::JobId;
use domain::jobs::{JobKind, Queue};
use store::db::Conn;
use store::jobs::{Counts, LEASE_MS, NewJob};

use crate::fixture::{Fixture, NOW};

async fn put(
    fixture: &Fixture,
    conn: &mut Conn,
    payload: &str,
    key: Option<&str>,
    run_at: Timestamp,
) -> JobId {
    let id = JobId::new(NOW, &fixture.random);
    let new = NewJob {
        id: &id,
        kind: JobKind::Reevaluate,
        payload,
        deduplication_key: key,
        run_at,
        created_at: NOW,
    };
    store::jobs::put(conn, &new).await.unwrap();
    id
}

async fn claim(conn: &mut Conn, at: Timestamp) -> Vec<String> {
    let jobs = store::jobs::claim(conn, Queue::Local, at, 10).await.unwrap();
    jobs.into_iter().map(|job| format!("{} {}", job.payload, job.attempts)).collect()
}

#[tokio::test]
async fn a_job_is_claimed_when_due_and_again_when_its_lease_ran_out() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let id = put(&fixture, &mut conn, "a", None, NOW.plus_ms(10)).await;
    assert!(claim(&mut conn, NOW.plus_ms(9)).await.is_empty());
    let at = NOW.plus_ms(10);
    assert_eq!(claim(&mut conn, at).await, ["a 1"]);
    assert!(claim(&mut conn, at).await.is_empty());
    assert!(claim(&mut conn, at.plus_ms(LEASE_MS - 1)).await.is_empty());
    assert_eq!(claim(&mut conn, at.plus_ms(LEASE_MS)).await, ["a 2"]);
    assert_eq!(store::jobs::release_leases(&mut conn).await.unwrap(), 1);
    assert_eq!(claim(&mut conn, at.plus_ms(LEASE_MS)).await, ["a 3"]);
    assert!(store::jobs::done(&mut conn, &id).await.unwrap());
    assert!(!store::jobs::done(&mut conn, &id).await.unwrap());
}

#[tokio::test]
async fn a_failed_job_is_retried_or_dead_lettered() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let id = put(&fixture, &mut conn, "a", None, NOW).await;
    assert_eq!(claim(&mut conn, NOW).await, ["a 1"]);
    store::jobs::fail(&mut conn, &id, "why", Some(NOW.plus_ms(50))).await.unwrap();
    assert!(claim(&mut conn, NOW.plus_ms(49)).await.is_empty());
    assert_eq!(claim(&mut conn, NOW.plus_ms(50)).await, ["a 2"]);
    store::jobs::fail(&mut conn, &id, "why", None).await.unwrap();
    assert!(claim(&mut conn, NOW.plus_days(9)).await.is_empty());
    assert_eq!(store::jobs::counts(&mut conn).await.unwrap(), Counts { waiting: 0, dead: 1 });
}

#[tokio::test]
async fn jobs_with_one_key_are_one_at_the_earliest_time() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    for ms in [50, 90, 20] {
        put(&fixture, &mut conn, "a", Some("key"), NOW.plus_ms(ms)).await;
    }
    assert_eq!(store::jobs::counts(&mut conn).await.unwrap(), Counts { waiting: 1, dead: 0 });
    assert!(claim(&mut conn, NOW.plus_ms(19)).await.is_empty());
    assert_eq!(claim(&mut conn, NOW.plus_ms(20)).await, ["a 1"]);
}

#[tokio::test]
async fn a_dead_lettered_job_starts_anew_when_it_is_added_again() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let id = put(&fixture, &mut conn, "a", Some("key"), NOW).await;
    assert_eq!(claim(&mut conn, NOW).await, ["a 1"]);
    store::jobs::fail(&mut conn, &id, "why", None).await.unwrap();
    put(&fixture, &mut conn, "a", Some("key"), NOW.plus_ms(5)).await;
    assert_eq!(store::jobs::counts(&mut conn).await.unwrap(), Counts { waiting: 1, dead: 0 });
    assert!(claim(&mut conn, NOW.plus_ms(4)).await.is_empty());
    assert_eq!(claim(&mut conn, NOW.plus_ms(5)).await, ["a 1"]);
}

#[tokio::test]
async fn each_queue_is_claimed_on_its_own() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    for kind in JobKind::ALL {
        let id = JobId::new(NOW, &fixture.random);
        let new =
            NewJob { id: &id, kind, payload: "{}", deduplication_key: None, run_at: NOW, created_at: NOW };
        store::jobs::put(&mut conn, &new).await.unwrap();
    }
    for queue in Queue::ALL {
        let claimed = store::jobs::claim(&mut conn, queue, NOW, 100).await.unwrap();
        let mut kinds: Vec<_> = claimed.iter().map(|job| JobKind::from_word(&job.kind).unwrap()).collect();
        kinds.sort_unstable();
        let expected: Vec<_> = JobKind::ALL.into_iter().filter(|kind| kind.queue() == queue).collect();
        assert_eq!(kinds, expected);
    }
}
