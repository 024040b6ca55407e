//! Jobs that fail: they are retried, dead-lettered, and delay no other.

use domain::clock::HOUR_MS;
use domain::events::EventOutcome;
use domain::ids::JobId;
use engine::jobs::{Counts, counts};
use engine::ledger::payments::replay;
use engine::stripe::events::{Filter, detail, list};
use sandbox::ApiVersion;
use store::db::Value;

use crate::harness::{World, checkout};

/// After this many attempts a job is dead-lettered.
const MOST_ATTEMPTS: usize = 20;

/// Runs what is due, as often as it takes for a failing job to be dead-lettered.
async fn work_until_given_up(world: &World) {
    for _ in 0..MOST_ATTEMPTS {
        world.work().await;
        // Longer than the longest pause between attempts.
        world.time.advance(2 * HOUR_MS);
    }
}

async fn set_currency(world: &World, currency: &str) {
    let mut conn = world.engine.db().write().await.unwrap();
    let args = [Value::from(&world.program.id), Value::from(currency)];
    conn.run_one("UPDATE programs SET currency = $2 WHERE id = $1", &args).await.unwrap();
}

#[tokio::test]
async fn an_event_that_fails_is_dead_lettered_and_can_be_replayed() {
    let world = World::new().await;
    let token = world.click("mira").await;
    world.buy(checkout(&world.once(4_900, "usd"), &token));
    let events = world.events(ApiVersion::ACACIA);
    let completed = events.iter().find(|event| event.kind() == "checkout.session.completed").unwrap();
    set_currency(&world, "?").await;
    world.deliver_event(completed, ApiVersion::ACACIA).await.unwrap();
    work_until_given_up(&world).await;
    assert_eq!(counts(&world.engine).await.unwrap(), Counts { waiting: 0, dead: 1 });

    set_currency(&world, "usd").await;
    let (engine, merchant, program) = (&world.engine, &world.merchant, &world.program.id);
    let stored = list(engine, merchant, program, &Filter::default(), None, 1).await.unwrap().remove(0);
    let seen = detail(engine, merchant, program, &stored.id).await.unwrap();
    assert_eq!(seen.event.outcome, Some(EventOutcome::GaveUp));
    assert_eq!(seen.attempts.len(), MOST_ATTEMPTS);

    replay(engine, merchant, program, &stored.id, false).await.unwrap();
    assert_eq!(counts(engine).await.unwrap(), Counts { waiting: 0, dead: 0 });
    assert_eq!(world.ledger().await, ["mira 980 usd by metadata"]);
}

#[tokio::test]
async fn a_job_of_an_unknown_kind_fails_alone_and_its_error_names_it() {
    let world = World::new().await;
    let now = world.time.now();
    let id = JobId::new(now, world.engine.random());
    let mut conn = world.engine.db().write().await.unwrap();
    let sql = "INSERT INTO jobs (id, kind, queue, payload, run_at, leased_until, attempts, status, created_at) \
               VALUES ($1, 'walk_the_dog', 'local', '{}', $2, 0, 0, 'waiting', $2)";
    conn.run_one(sql, &[Value::from(&id), Value::from(now)]).await.unwrap();
    drop(conn);

    let token = world.click("mira").await;
    world.buy(checkout(&world.once(4_900, "usd"), &token));
    for event in world.events(ApiVersion::ACACIA) {
        world.deliver_event(&event, ApiVersion::ACACIA).await.unwrap();
    }
    work_until_given_up(&world).await;
    assert_eq!(world.ledger().await, ["mira 980 usd by metadata"]);
    assert_eq!(counts(&world.engine).await.unwrap(), Counts { waiting: 0, dead: 1 });
    let mut conn = world.engine.db().read().await.unwrap();
    let error: String = conn.scalar("SELECT last_error FROM jobs", &[]).await.unwrap();
    assert_eq!(error, format!("job {id} is of an unknown kind \"walk_the_dog\""));
}
