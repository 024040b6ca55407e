//! Rejected deliveries: counted, sampled and bounded.

use domain::clock::{DAY_MS, HOUR_MS, SECOND_MS};
use domain::deliveries::{DeliveryTarget, RejectionReason, SignatureError};
use engine::stripe::delivery::Delivery;
use engine::stripe::rejections::{self, AfterDisconnect, RejectedDeliveries};
use engine::stripe::webhooks::{DeliveryError, receive};

use crate::harness::World;

async fn seen(world: &World) -> RejectedDeliveries {
    rejections::of_program(&world.engine, &world.merchant, &world.program.id, 30).await.unwrap()
}

const MISSING: RejectionReason = RejectionReason::Signature(SignatureError::Missing);
const BODY: &[u8] =
    br#"{"id":"evt_1","object":"event","type":"charge.succeeded","account":"acct_1","livemode":true,
    "api_version":"2025-02-24.acacia","data":{"object":{"billing_details":{"email":"ann@buyers.example"}}}}"#;

#[tokio::test]
async fn a_wrong_signature_is_counted_and_sampled_without_the_buyer() {
    let world = World::new().await;
    let refused = receive(&world.engine, &world.endpoint, None, BODY).await;
    assert!(matches!(refused, Err(DeliveryError::Signature(_))));
    let seen = seen(&world).await;
    assert_eq!(seen.hours.len(), 1);
    let hour = &seen.hours[0];
    assert_eq!((hour.reason, hour.deliveries), (MISSING, 1));
    assert_eq!(hour.target, DeliveryTarget::Connection(world.connection.clone()));
    let sample = &seen.samples[0];
    assert_eq!(sample.event_id.as_deref(), Some("evt_1"));
    assert_eq!(sample.account.as_deref(), Some("acct_1"));
    assert_eq!(sample.bytes, BODY.len() as i64);
    assert!(!format!("{seen:?}").contains("ann@"), "nothing of the buyer is kept");
}

/// Ten thousand in an hour are one row and three samples, and each is counted.
#[tokio::test]
async fn a_flood_of_rejected_deliveries_is_counted_and_uses_little_disk() {
    let world = World::new().await;
    for number in 0..10_000 {
        if number % 100 == 0 {
            world.time.advance(SECOND_MS);
        }
        let refused = receive(&world.engine, &world.endpoint, Some(b"t=1,v1=00"), BODY).await;
        assert!(refused.is_err());
    }
    world.work().await;
    let seen = seen(&world).await;
    assert_eq!(seen.hours.iter().map(|hour| hour.deliveries).collect::<Vec<_>>(), [10_000]);
    assert_eq!(seen.samples.len(), 3);
    let status =
        engine::stripe::connections::status(&world.engine, &world.merchant, &world.program.id).await.unwrap();
    assert_eq!(
        status.connection.unwrap().signature_failures.count,
        10_000,
        "the health page counts the same"
    );
}

#[tokio::test]
async fn deliveries_after_a_disconnect_are_answered_and_counted_apart() {
    let world = World::new().await;
    engine::stripe::connections::disconnect(&world.engine, &world.merchant, &world.program.id).await.unwrap();
    for _ in 0..3 {
        receive(&world.engine, &world.endpoint, None, BODY).await.unwrap();
    }
    world.work().await;
    let seen = seen(&world).await;
    let expected = AfterDisconnect { deliveries: 3, last_at: Some(world.time.now()) };
    assert_eq!(seen.after_disconnect, expected);
    assert!(seen.hours.is_empty() && seen.samples.is_empty(), "they are no fault: {seen:?}");
    let status =
        engine::stripe::connections::status(&world.engine, &world.merchant, &world.program.id).await.unwrap();
    assert_eq!(status.connection.unwrap().signature_failures.count, 0, "that is no wrong signature");
}

/// Deliveries to an unknown address are counted for every program and sampled for none; what
/// another program rejects is shown only there.
#[tokio::test]
async fn one_program_does_not_see_what_another_rejects() {
    let world = World::new().await;
    let other = world.another(crate::harness::TERMS, "usd").await;
    assert!(receive(&world.engine, "nobody", None, BODY).await.is_err());
    assert!(receive(&world.engine, &other.endpoint, None, BODY).await.is_err());
    let delivery = Delivery::new(BODY);
    rejections::record(&world.engine, DeliveryTarget::Platform, RejectionReason::UnknownAccount, &delivery)
        .await;
    world.work().await;
    let (ours, theirs) = (seen(&world).await, seen(&other).await);
    let reasons = |seen: &RejectedDeliveries| seen.hours.iter().map(|hour| hour.reason).collect::<Vec<_>>();
    assert_eq!(reasons(&ours), [RejectionReason::UnknownEndpoint]);
    assert!(ours.samples.is_empty());
    assert_eq!(reasons(&theirs), [MISSING, RejectionReason::UnknownEndpoint]);
    assert_eq!(theirs.samples.len(), 1);
}

#[tokio::test]
async fn rejections_are_counted_by_hour_and_deleted_after_a_month() {
    let world = World::new().await;
    for _ in 0..2 {
        assert!(receive(&world.engine, &world.endpoint, None, BODY).await.is_err());
        world.time.advance(HOUR_MS);
    }
    world.work().await;
    assert_eq!(seen(&world).await.hours.len(), 2);
    world.time.advance(31 * DAY_MS);
    assert_eq!(rejections::delete_old(&world.engine).await.unwrap(), 4, "two hours and two samples");
    assert!(seen(&world).await.hours.is_empty());
}
