//! Which affiliates may have referred a payment.

use domain::checks::CheckReason;
use domain::clock::{DAY_MS, HOUR_MS, MINUTE_MS};
use domain::no_commission::NoCommission;
use engine::ledger::payments::{Assignee, Candidate, Clue, PaymentFilter, assign, candidates, list};
use sandbox::{ApiVersion, NewSession};

use crate::harness::{World, checkout};

async fn open(world: &World) -> Vec<(String, Vec<Candidate>)> {
    let (merchant, program) = (&world.merchant, &world.program.id);
    let rows = list(&world.engine, merchant, program, PaymentFilter::Unattributed, None, 50).await.unwrap();
    let mut found = candidates(&world.engine, merchant, program, &rows).await.unwrap();
    rows.iter().map(|row| (row.id.to_string(), found.remove(&row.id).unwrap())).collect()
}

fn names(candidates: &[Candidate]) -> Vec<&str> {
    candidates.iter().map(|candidate| candidate.name.as_str()).collect()
}

#[tokio::test]
async fn a_click_near_in_time_is_a_candidate_and_an_older_one_is_not() {
    let mut world = World::new().await;
    world.click("noah").await;
    world.time.advance(4 * HOUR_MS);
    world.click("mira").await;
    world.time.advance(12 * MINUTE_MS);
    world.buy(NewSession::of(&world.once(4_900, "usd")));
    world.deliver(ApiVersion::NEWEST).await;
    world.time.advance(MINUTE_MS);
    world.click("noah").await;
    let open = open(&world).await;
    assert_eq!(names(&open[0].1), ["mira"]);
    assert!(matches!(&open[0].1[0].clues[..], [Clue::Near { .. }]));
}

#[tokio::test]
async fn a_click_out_of_the_window_ranks_above_one_near_in_time() {
    let mut world = World::new().await;
    let token = world.click("noah").await;
    world.time.days(40);
    world.click("mira").await;
    world.time.advance(MINUTE_MS);
    world.buy(checkout(&world.once(4_900, "usd"), &token));
    world.deliver(ApiVersion::NEWEST).await;
    assert_eq!(world.ledger().await, ["no commission: click_expired"]);
    let open = open(&world).await;
    assert_eq!(names(&open[0].1), ["noah", "mira"]);
    let (merchant, program) = (&world.merchant, &world.program.id);
    let id = open[0].0.parse().unwrap();
    let seen = engine::ledger::payments::detail(&world.engine, merchant, program, &id).await.unwrap();
    let Some(NoCommission::CheckRefused { reason, .. }) = seen.payment.no_commission else { panic!() };
    let CheckReason::ClickExpired { clicked_at, ordered_at, window_days: 30, .. } = reason else {
        panic!("{reason:?}")
    };
    assert_eq!(ordered_at.since_ms(clicked_at.plus_days(30)) / DAY_MS, 10, "in its eleventh day");
}

/// Another payment of the same customer that is credited says the most.
#[tokio::test]
async fn an_assignment_suggests_the_affiliate_for_the_customers_other_payments() {
    let mut world = World::new().await;
    let bought = world.buy(NewSession::of(&world.monthly(2_000, "usd")));
    world.deliver(ApiVersion::NEWEST).await;
    world.time.days(31);
    world.stripe.renew(&bought.subscription.unwrap()).unwrap();
    world.deliver(ApiVersion::NEWEST).await;
    let before = open(&world).await;
    assert_eq!(before.len(), 2);
    assert!(before.iter().all(|(_, candidates)| candidates.is_empty()));
    let choice = Assignee::Affiliate(world.affiliates["noah"].id.clone());
    let (merchant, program) = (&world.merchant, &world.program.id);
    let first = before[1].0.parse().unwrap();
    assign(&world.engine, merchant, program, &first, &choice, false).await.unwrap();
    let after = open(&world).await;
    assert_eq!(after.len(), 1);
    assert_eq!(names(&after[0].1), ["noah"]);
    let decided = list(&world.engine, merchant, program, PaymentFilter::Decided, None, 50).await.unwrap();
    assert_eq!(decided.iter().map(|row| row.id.clone()).collect::<Vec<_>>(), [first]);
}
