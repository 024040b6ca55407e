//! Whether an affiliate's promotion code can be used is as Stripe says, in whatever order its
//! events arrive.

use domain::clock::MINUTE_MS;
use domain::coupons::CodeProblem;
use domain::terms::Terms;
use rstest::rstest;
use sandbox::{ApiVersion, Duration, Event};

use crate::harness::World;

/// A world in which Mira has the code with an id.
async fn with_code(id: &str) -> World {
    let world = World::with(Terms::default(), "usd").await;
    world.give_code("mira", id, "MIRA20").await;
    world
}

/// What the code's page says of it.
async fn problem(world: &World) -> Option<CodeProblem> {
    let mira = &world.affiliates["mira"].id;
    let detail =
        engine::programs::affiliates::detail(&world.engine, &world.merchant, &world.program.id, mira)
            .await
            .unwrap();
    assert_eq!(detail.coupons.len(), 1);
    detail.coupons[0].status.problem_at(world.time.now())
}

fn orders(events: &[Event]) -> Vec<Vec<Event>> {
    if events.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for first in 0..events.len() {
        let mut rest = events.to_vec();
        let event = rest.remove(first);
        for mut order in orders(&rest) {
            order.insert(0, event.clone());
            all.push(order);
        }
    }
    all
}

#[derive(Clone, Copy)]
enum Step {
    Off,
    On,
    DeleteCoupon,
}

#[rstest]
#[case::off(&[Step::Off], Some(CodeProblem::Inactive))]
#[case::off_and_on(&[Step::Off, Step::On], None)]
#[case::off_on_off(&[Step::Off, Step::On, Step::Off], Some(CodeProblem::Inactive))]
#[case::coupon_deleted(&[Step::On, Step::DeleteCoupon], Some(CodeProblem::CouponEnded))]
#[case::deleted_after_off(&[Step::Off, Step::On, Step::DeleteCoupon], Some(CodeProblem::CouponEnded))]
#[tokio::test]
async fn a_promotion_code_has_stripes_status_in_every_order_of_events(
    #[case] steps: &[Step],
    #[case] expected: Option<CodeProblem>,
    #[values(ApiVersion::ACACIA, ApiVersion::NEWEST)] version: ApiVersion,
) {
    let world = World::with(Terms::default(), "usd").await;
    let id = world.stripe.create_promotion_code("MIRA20", 2_000, Duration::Once).unwrap();
    for step in steps {
        world.time.advance(MINUTE_MS);
        match step {
            Step::Off => world.stripe.set_promotion_code_active(&id, false).unwrap(),
            Step::On => world.stripe.set_promotion_code_active(&id, true).unwrap(),
            Step::DeleteCoupon => world.stripe.delete_coupon_of(&id).unwrap(),
        }
    }
    let events = world.events(version);
    assert_eq!(events.len(), steps.len());
    for order in orders(&events) {
        let world = with_code(&id).await;
        assert_eq!(problem(&world).await, None);
        for event in &order {
            world.deliver_event(event, version).await.unwrap();
            world.work().await;
        }
        let kinds: Vec<_> = order.iter().map(|event| (event.kind(), event.created())).collect();
        assert_eq!(problem(&world).await, expected, "{kinds:?}");
    }
}
