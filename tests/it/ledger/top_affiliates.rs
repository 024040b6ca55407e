//! The top affiliates of a program with so many that their ranking is cached.

use std::time::Duration;

use domain::affiliates::AffiliateDraft;
use domain::clock::MINUTE_MS;
use domain::ids::AffiliateId;
use domain::terms::Terms;
use engine::ledger::reports::{AffiliateSums, Period, overview};

use crate::harness::World;
use crate::server::until;

/// More than are ranked on each view.
const MANY: usize = 201;

async fn top(world: &World) -> Vec<AffiliateSums> {
    overview(&world.engine, &world.merchant, &world.program.id, Period::Month).await.unwrap().top
}

async fn names(world: &World) -> Vec<(AffiliateId, i64)> {
    top(world).await.into_iter().map(|sums| (sums.affiliate_id, sums.clicks)).collect()
}

#[tokio::test]
async fn the_ranking_is_a_minute_old_at_most_and_its_amounts_are_current() {
    let world = World::with(Terms::default(), "usd").await;
    for number in 0..MANY {
        let draft = AffiliateDraft {
            name: format!("Affiliate {number}").parse().unwrap(),
            email: format!("a{number}@affiliates.example").parse().unwrap(),
            code: None,
        };
        engine::programs::affiliates::add(&world.engine, &world.merchant, &world.program.id, &draft)
            .await
            .unwrap();
    }
    let of = |name: &str| world.affiliates[name].id.clone();
    world.click("mira").await;
    assert_eq!(names(&world).await, [(of("mira"), 1)]);
    world.click("mira").await;
    for _ in 0..3 {
        world.click("noah").await;
    }
    assert_eq!(names(&world).await, [(of("mira"), 2)], "Noah is not ranked yet");
    world.time.advance(MINUTE_MS + 1);
    let expected = [(of("noah"), 3), (of("mira"), 2)];
    until("Noah is ranked", Duration::from_secs(5), async || (names(&world).await == expected).then_some(()))
        .await;
}
